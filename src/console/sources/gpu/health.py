"""What a card tells of its own health, read now and then: where it slows down, what it needs."""

from collections.abc import Mapping
from typing import Any

from console.sources.gpu.asking import Asker
from console.sources.gpu.fields import Field

SLOWDOWN_MARGIN, REMAP_PENDING, REMAP_FAILED, RECOVERY = 194, 144, 145, 230
FIELDS: tuple[Field, ...] = (SLOWDOWN_MARGIN, REMAP_PENDING, REMAP_FAILED, RECOVERY)
_SLOWDOWN = 1  # nvmlTemperatureThresholds_t

RECOVERIES: Mapping[int, str] = {
    1: "a GPU reset",
    2: "a reboot of the node",
    3: "its peer-to-peer work drained",
    4: "its work drained and a reset",
    5: "its IMEX domain recovered",
    6: "a bus reset",
    7: "a reboot of the system",
}
"""What the driver wants done for a card, by nvmlDeviceGpuRecoveryAction_t; 0 is nothing."""


def read(asker: Asker, celsius: float | None) -> dict[str, Any]:
    """By the field of Card; `celsius` is the temperature just read."""
    found = asker.fields(FIELDS, {})
    pending, failed = found.get(REMAP_PENDING), found.get(REMAP_FAILED)
    recovery = found.get(RECOVERY)
    return {
        "slowdown_c": _slowdown(asker, celsius, found.get(SLOWDOWN_MARGIN)),
        "row_remap_pending": None if pending is None else bool(pending),
        "row_remap_failed": None if failed is None else bool(failed),
        "recovery": None if not recovery else RECOVERIES.get(recovery, f"recovery {recovery}"),
    }


def _slowdown(asker: Asker, celsius: float | None, at_margin: int | None) -> float | None:
    """The temperature from which the card slows down, °C.

    Recent cards count the margin to their limits down, and slow down at a negative one; what
    they answer to the call for a threshold is another, higher limit.
    """
    if celsius is not None and at_margin is not None:
        margin = asker.ask((), "nvmlDeviceGetMarginTemperature")
        if margin is not None:
            asker.missing.pop("slowdown_c", None)
            return celsius + float(margin) - _signed(at_margin)
    threshold = asker.ask("slowdown_c", "nvmlDeviceGetTemperatureThreshold", _SLOWDOWN)
    return None if threshold is None else float(threshold)


def _signed(value: int) -> int:
    """A number of 32 bits that may have been told as one without a sign."""
    return value - 2**32 if value >= 2**31 else value
