"""GPU samples: NVML through a child process, and recorded traces."""

from typing import Protocol


class Clock(Protocol):
    """What the GPU sources need of the clock."""

    def now_ms(self) -> int:
        """UTC milliseconds."""
