"""NVML's field values: which are asked for, and what their counters mean."""

from collections.abc import Mapping

Field = int | tuple[int, int]
"""A field's id, with its scope where it has one."""

ENERGY, POWER_AVERAGE, POWER_INSTANT, MEMORY_TEMPERATURE = 83, 185, 186, 82
PCIE_TX, PCIE_RX = 197, 198
ALL_LINKS = 0xFFFFFFFF
NVLINK_TX, NVLINK_RX = (138, ALL_LINKS), (139, ALL_LINKS)

HELD: Mapping[int, str] = {
    74: "power cap",
    75: "thermal limit",
    76: "sync boost",
    77: "board limit",
    79: "voltage reliability",
    269: "SW thermal slow-down",
    270: "HW thermal slow-down",
    271: "HW power brake",
}
"""Cumulative nanoseconds in which a reason held the clocks back, by field. Idle (also "low
utilisation", 78) is no reason, and the totals below application and base clocks (80, 81) name
none."""

FIELDS: tuple[Field, ...] = (
    *(ENERGY, POWER_AVERAGE, POWER_INSTANT, MEMORY_TEMPERATURE),
    *HELD,
    *(PCIE_TX, PCIE_RX, NVLINK_TX, NVLINK_RX),
)
"""What one nvmlDeviceGetFieldValues call asks for."""

NAMES: dict[Field, str] = {
    ENERGY: "energy_j",
    POWER_AVERAGE: "power_w",
    POWER_INSTANT: "power_instant_w",
    MEMORY_TEMPERATURE: "memory_temperature_c",
    PCIE_TX: "pcie_tx_bps",
    PCIE_RX: "pcie_rx_bps",
    NVLINK_TX: "nvlink_tx_bps",
    NVLINK_RX: "nvlink_rx_bps",
}
"""The field of Card that a value becomes; those of HELD become parts of `held_s`."""

HELD_BITS: Mapping[int, str] = {
    0x04: "power cap",
    0x08: "HW slow-down",
    0x10: "sync boost",
    0x20: "SW thermal slow-down",
    0x40: "HW thermal slow-down",
    0x80: "HW power brake",
}
"""The same as bits of nvmlDeviceGetCurrentClocksEventReasons, for cards without the counters.
"HW slow-down" is set together with its cause, where the card tells one."""

_BITS_32, _BITS_64 = 2**32, 2**64
_KIB = 1024.0
_ANY_LINK_BPS = 2e12


class Rate:
    """What a counter gained per second between its last two readings."""

    def __init__(self, per_count: float = 1.0) -> None:
        self._per_count = per_count
        self._last: tuple[float, int] | None = None
        self.value: float | None = None

    def take(self, at_s: float, count: int, most_per_s: float) -> None:
        """A reading; a counter that fell has wrapped, unless that would exceed `most_per_s`."""
        last, self._last = self._last, (at_s, count)
        if last is None or at_s <= last[0]:
            self.value = None
            return
        gained = count - last[1]
        if gained < 0:
            # A counter that never passed 2^32 is one of 32 bits.
            gained += _BITS_32 if last[1] < _BITS_32 else _BITS_64
        rate = gained * self._per_count / (at_s - last[0])
        self.value = float(round(rate)) if rate <= most_per_s else None


class Traffic:
    """A card's bytes per second over PCIe and NVLink, from its counters."""

    def __init__(self) -> None:
        self._rates: dict[Field, Rate] = {
            PCIE_TX: Rate(),
            PCIE_RX: Rate(),
            NVLINK_TX: Rate(_KIB),
            NVLINK_RX: Rate(_KIB),
        }

    def take(
        self, at_s: float, counts: Mapping[Field, int], generation: int | None
    ) -> dict[str, float | None]:
        """The rates by the field of Card, from a reading; `generation` is the PCIe link's."""
        rates: dict[str, float | None] = {}
        for each, rate in self._rates.items():
            count = counts.get(each)
            if count is not None:
                most = most_bps(generation) if each in (PCIE_TX, PCIE_RX) else _ANY_LINK_BPS
                rate.take(at_s, count, most)
            rates[NAMES[each]] = None if count is None else rate.value
        return rates


def most_bps(generation: int | None) -> float:
    """More bytes per second than 16 lanes of PCIe carry; without a generation, than any can."""
    # Generation 1 carries 250 MB/s a lane, and each doubles it; the factor is for coarse clocks.
    return 1.5 * 16 * 0.25e9 * float(2 ** ((generation or 7) - 1))


_USUAL = HELD[74]


class Held:
    """Cumulative seconds in which each reason held the clocks back, where one did.

    Where none ever did that is known too: the usual one is there with 0 seconds.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._at_s: float | None = None

    def count(self, counts: Mapping[Field, int]) -> bool:
        """Take the card's counters; false when it has none."""
        counted = {word: counts[each] / 1e9 for each, word in HELD.items() if each in counts}
        if counted:
            held = {word: seconds for word, seconds in counted.items() if seconds > 0}
            self.seconds = held or {_USUAL: 0.0}
        return bool(counted)

    def sample(self, at_s: float, bits: int) -> None:
        """Take what holds now to have held since the last sample."""
        last, self._at_s = self._at_s, at_s
        self.seconds.setdefault(_USUAL, 0.0)
        if last is not None:
            for word in held_by(bits):
                self.seconds[word] = self.seconds.get(word, 0.0) + at_s - last


def held_by(bits: int) -> tuple[str, ...]:
    """The reasons in a bit mask, in words; "HW slow-down" only where its cause is not told."""
    words = [word for bit, word in HELD_BITS.items() if bits & bit]
    if bits & 0xC0 and "HW slow-down" in words:
        words.remove("HW slow-down")
    return tuple(words)
