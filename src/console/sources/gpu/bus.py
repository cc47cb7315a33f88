"""NVIDIA cards on the PCI bus, as sysfs tells of them without waking them."""

import os
from typing import NamedTuple

SYSFS = "/sys"

ASLEEP = "asleep"
"""The fault of a card in runtime suspend, which nothing is asked of so that it can sleep on."""

_NVIDIA = "0x10de"
_DISPLAY = "0x03"  # a class code that begins so is a VGA or 3D controller


class Slot(NamedTuple):
    """A card's place on the bus ("0000:01:00.0") and whether it is in runtime suspend."""

    pci: str
    asleep: bool


def slots(sysfs: str = SYSFS) -> list[Slot]:
    """The NVIDIA display devices in the order of the bus, which is NVML's too."""
    devices = f"{sysfs}/bus/pci/devices"
    found = []
    try:
        names = sorted(os.listdir(devices))
    except OSError:
        return []
    for name in names:
        try:
            vendor, kind = _line(f"{devices}/{name}/vendor"), _line(f"{devices}/{name}/class")
        except OSError:
            continue
        if vendor == _NVIDIA and kind.startswith(_DISPLAY):
            found.append(Slot(name, is_asleep(name, sysfs)))
    return found


def is_asleep(pci: str, sysfs: str = SYSFS) -> bool:
    """Whether a card is in runtime suspend, so that to ask it anything would wake it."""
    try:
        return _line(f"{sysfs}/bus/pci/devices/{pci}/power/runtime_status") == "suspended"
    except OSError:
        return False


def _line(path: str) -> str:
    with open(path, encoding="ascii", errors="replace") as file:
        return file.read().strip()
