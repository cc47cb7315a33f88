"""Values of a card of which each is told by a call of its own."""

from collections.abc import Sequence

from console.sources.gpu.asking import Asker

SM, MEMORY = 1, 2  # nvmlClockType_t
_SLOWDOWN = 1  # nvmlTemperatureThresholds_t
_CORRECTED, _UNCORRECTED, _SINCE_LOAD = 0, 1, 0  # nvmlMemoryErrorType_t, nvmlEccCounterType_t

Table = Sequence[tuple[str, float | None, str, tuple[int, ...]]]
"""A field of Card, the factor that makes it a float (None: a whole number), and who tells it."""

SLOW: Table = (
    ("power_limit_w", 0.001, "nvmlDeviceGetEnforcedPowerLimit", ()),
    ("clock_memory_mhz", 1.0, "nvmlDeviceGetClockInfo", (MEMORY,)),
    ("pstate", None, "nvmlDeviceGetPerformanceState", ()),
    ("fan_pct", 1.0, "nvmlDeviceGetFanSpeed", ()),
    ("pcie_gen", None, "nvmlDeviceGetCurrPcieLinkGeneration", ()),
    ("pcie_width", None, "nvmlDeviceGetCurrPcieLinkWidth", ()),
    ("ecc_corrected", None, "nvmlDeviceGetTotalEccErrors", (_CORRECTED, _SINCE_LOAD)),
    ("ecc_uncorrected", None, "nvmlDeviceGetTotalEccErrors", (_UNCORRECTED, _SINCE_LOAD)),
)
"""What can change at any time."""

FIXED: Table = (
    ("power_limit_default_w", 0.001, "nvmlDeviceGetPowerManagementDefaultLimit", ()),
    ("slowdown_c", 1.0, "nvmlDeviceGetTemperatureThreshold", (_SLOWDOWN,)),
    ("clock_sm_max_mhz", 1.0, "nvmlDeviceGetMaxClockInfo", (SM,)),
    ("clock_memory_max_mhz", 1.0, "nvmlDeviceGetMaxClockInfo", (MEMORY,)),
    ("pcie_gen_max", None, "nvmlDeviceGetMaxPcieLinkGeneration", ()),
    ("pcie_width_max", None, "nvmlDeviceGetMaxPcieLinkWidth", ()),
)
"""What hardly changes while the driver is loaded; what failed is asked anew."""


def read(asker: Asker, table: Table) -> dict[str, float | int | None]:
    """The values of a table, by the field of Card."""
    told: dict[str, float | int | None] = {}
    for name, factor, function, arguments in table:
        value = asker.ask(name, function, *arguments)
        told[name] = value if value is None or factor is None else value * factor
    return told
