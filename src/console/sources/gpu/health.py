"""What a card tells of its own health, read now and then: what it needs, and its heat."""

from collections.abc import Mapping
from typing import Any

from console.sources.gpu.asking import Asker
from console.sources.gpu.fields import Field

REMAP_PENDING, REMAP_FAILED, RECOVERY = 144, 145, 230
FIELDS: tuple[Field, ...] = (REMAP_PENDING, REMAP_FAILED, RECOVERY)

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


def read(asker: Asker) -> dict[str, Any]:
    """By the field of Card."""
    found = asker.fields(FIELDS, {})
    pending, failed = found.get(REMAP_PENDING), found.get(REMAP_FAILED)
    recovery = found.get(RECOVERY)
    margin = asker.ask("margin_c", "nvmlDeviceGetMarginTemperature")
    return {
        "margin_c": None if margin is None else float(margin),
        "row_remap_pending": None if pending is None else bool(pending),
        "row_remap_failed": None if failed is None else bool(failed),
        "recovery": None if not recovery else RECOVERIES.get(recovery, f"recovery {recovery}"),
    }
