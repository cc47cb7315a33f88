"""A card's memory; of a chip that has none of its own, the system's."""

from console.sources.gpu.asking import Asker
from console.sources.gpu.proc import PROC, text_of

_SHARES_MEMORY = ("GB10", "Orin", "Thor")
_NAMES = ("memory_used_b", "memory_total_b")


def read(asker: Asker, name: str, proc: str = PROC) -> dict[str, int | None]:
    """Bytes in use, the driver's own and in all, by the field of Card; `name` is the card's."""
    memory = asker.first(
        _NAMES,
        ("nvmlDeviceGetMemoryInfo", asker.driver.api.nvmlMemory_v2),
        ("nvmlDeviceGetMemoryInfo",),
    )
    used_b = total_b = reserved_b = None
    if memory is not None:
        used_b, total_b = memory.used, memory.total
        reserved_b = getattr(memory, "reserved", None)  # the older call counts it as used
    elif any(chip in name for chip in _SHARES_MEMORY):
        for each in _NAMES:
            asker.missing.pop(each, None)
        used_b, total_b = system_memory(proc)
    return {
        "memory_used_b": used_b,
        "memory_reserved_b": reserved_b,
        "memory_total_b": total_b,
    }


def system_memory(proc: str = PROC) -> tuple[int | None, int | None]:
    """The machine's memory in bytes: what is not available, and all of it."""
    try:
        lines = (line.split() for line in text_of(f"{proc}/meminfo").splitlines())
        sizes = {words[0]: int(words[1]) * 1024 for words in lines if len(words) > 1}
        return sizes["MemTotal:"] - sizes["MemAvailable:"], sizes["MemTotal:"]
    except (OSError, ValueError, KeyError):
        return None, None
