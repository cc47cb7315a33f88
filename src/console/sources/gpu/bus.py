"""NVIDIA cards on the PCI bus, as sysfs tells of them without waking them."""

from dataclasses import dataclass
from pathlib import Path

SYSFS = Path("/sys")

ASLEEP = "asleep"
"""The fault of a card in runtime suspend, which nothing is asked of so that it can sleep on."""

_NVIDIA = "0x10de"
_DISPLAY = "0x03"  # a class code that begins so is a VGA or 3D controller


@dataclass(frozen=True, slots=True)
class Slot:
    """A card's place on the bus ("0000:01:00.0") and whether it is in runtime suspend."""

    pci: str
    asleep: bool


def slots(sysfs: Path = SYSFS) -> list[Slot]:
    """The NVIDIA display devices in the order of the bus, which is NVML's too."""
    found = []
    for device in sorted((sysfs / "bus/pci/devices").glob("*")):
        try:
            if _line(device / "vendor") == _NVIDIA and _line(device / "class").startswith(_DISPLAY):
                found.append(Slot(device.name, is_asleep(device.name, sysfs)))
        except OSError:
            continue
    return found


def is_asleep(pci: str, sysfs: Path = SYSFS) -> bool:
    """Whether a card is in runtime suspend, so that to ask it anything would wake it."""
    try:
        return _line(sysfs / "bus/pci/devices" / pci / "power/runtime_status") == "suspended"
    except OSError:
        return False


def _line(path: Path) -> str:
    return path.read_text(encoding="ascii", errors="replace").strip()
