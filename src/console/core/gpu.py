"""What the GPUs said at one moment."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

GHOST_UTIL_PCT = 95.0
GHOST_SHARE = 0.25
"""A card this busy, at less than this share of its limit and without a process, is a ghost's."""

GHOST_AFTER_S = 5.0
"""For so long it must be: work that begins is told before its watts and its process are."""

AT_WORK_PCT = 5.0
"""From this utilisation on a card is at work."""

BUSY_PCT = 50.0
"""From this utilisation on a PCIe generation below the maximum is no power saving."""


_NONE: Mapping[str, Any] = MappingProxyType({})


class Gauge(StrEnum):
    """What is charted of a card: util %, power W, memory used in bytes, temperature °C."""

    UTIL = "util"
    POWER = "power"
    MEMORY = "memory"
    TEMPERATURE = "temperature"


class Flow(StrEnum):
    """What is kept of the local tier.

    Requests under way, requests begun in the last minute, output tokens per second.
    """

    REQUESTS = "requests"
    RATE = "rate"
    TOKENS = "tokens"


class Group(StrEnum):
    """Values of a card that are read together."""

    FAST = "fast"
    SLOW = "slow"
    PROCESSES = "processes"


PERIOD_S: Mapping[Group, float] = MappingProxyType(
    {Group.FAST: 0.0, Group.SLOW: 5.0, Group.PROCESSES: 2.0}
)
"""How often a group is read at most; the fast one at every interval."""

_SLOW = frozenset(
    {
        *("fan_pct", "clock_memory_mhz", "pstate"),
        *("encoder_pct", "decoder_pct", "power_limit_w", "pcie_gen", "pcie_width"),
        *("ecc_corrected", "ecc_uncorrected", "mig", "mig_pending", "margin_c"),
        *("row_remap_pending", "row_remap_failed", "recovery"),
    }
)
_STATIC = frozenset(
    {
        *("index", "uuid", "name", "pci", "power_limit_default_w", "power_limit_max_w"),
        *("memory_total_b", "slowdown_c", "clock_sm_max_mhz", "clock_memory_max_mhz"),
        *("pcie_gen_max", "pcie_width_max", "power_kind", "xid", "xid_ms", "xids"),
        *("persistence", "fault", "read_ms", "missing"),
    }
)


PROFILED = ("engine_active_pct", "sm_active_pct", "tensor_pct", "dram_pct")
"""Shares of time that only recent cards tell, of themselves and of each MIG instance."""


def group_of(name: str) -> Group | None:
    """The group in which a field of Card is read; None for what does not change."""
    if name in _STATIC:
        return None
    if name in ("processes", "instances"):
        return Group.PROCESSES
    return Group.SLOW if name in _SLOW else Group.FAST


class Process(NamedTuple):
    """One process on a card.

    `pid` is the host's; `container_pid` the one it has in its own PID namespace, where that is
    another. `kind` is "compute", "graphics" or "compute+graphics". `user` and `command` are None
    where this machine does not show them: `hidden` says why. `model` is what it serves, where a
    server tells. `gpu_instance` and `compute_instance` are the ids of the MIG instance it is in.
    """

    pid: int
    kind: str = "compute"
    container_pid: int | None = None
    user: str | None = None
    command: str | None = None
    memory_b: int | None = None
    sm_pct: float | None = None
    model: str | None = None
    hidden: str | None = None
    gpu_instance: int | None = None
    compute_instance: int | None = None


class Instance(NamedTuple):
    """A compute instance of a card in MIG mode, and the GPU instance it is in; memory is bytes.

    `profile` is NVIDIA's name for its size ("1g.10gb"; "1c.2g.20gb" where it has a part of its GPU
    instance). Memory and shares of time are the GPU instance's, which its compute instances have in
    common; the shares are read only while somebody looks, as those of Card. No instance tells a
    power of its own.
    """

    uuid: str
    gpu_instance: int | None = None
    compute_instance: int | None = None
    profile: str | None = None
    memory_used_b: int | None = None
    memory_total_b: int | None = None
    engine_active_pct: float | None = None
    sm_active_pct: float | None = None
    tensor_pct: float | None = None
    dram_pct: float | None = None

    @property
    def gpu_profile(self) -> str | None:
        """The profile of the GPU instance it is in."""
        if self.profile is None:
            return None
        first, _, rest = self.profile.partition(".")
        return rest if first.endswith("c") and rest else self.profile


class Card(NamedTuple):
    """One GPU at one moment; None is not supported or not known, never 0.

    Shares are percent, power watts, memory bytes, temperature °C, clocks MHz, traffic bytes per
    second; `memory_reserved_b` is the driver's own, neither in use nor free; `energy_j` is the
    board's cumulative counter in joules since the driver loaded. `margin_c` is how far the hottest
    of its sensors is below that one's limit, of which `temperature_c` shows but one.
    `power_kind` says what `power_w` is: "1 s average" or "instant"; `power_instant_w` stands
    beside it where the card tells both. `held_s` are cumulative seconds in which each reason held
    the clocks back, `held_pct` the shares of the last `held_over_s` seconds, a minute once it was
    watched for so long. `ghostly_s` is for how many seconds it has looked like a ghost.
    `row_remap_pending` is whether a reset would replace broken rows of its memory, and
    `row_remap_failed` whether none is left to replace one; `recovery` says what the driver wants
    done for it, where that is anything.

    `fault` says in words why the card gives no values ("lost", "needs a reset", "asleep", …).
    `mig` is whether it is in MIG mode, `mig_pending` whether it will be after its next reset, and
    `instances` are then its parts: their processes are the card's. Those of PROFILED are shares of
    the time since the last reading: in which any work ran, in which an SM had work, in which its
    tensor cores had, and of the memory's bandwidth.
    `read_ms` is when each group of values was read, `missing` why single values are None: the
    word ("not supported", "no permission", …) by the field's name.
    """

    index: int  # type: ignore[assignment]  # hides tuple's method, which a card has no use for
    uuid: str
    name: str
    pci: str | None = None
    util_pct: float | None = None
    memory_util_pct: float | None = None
    encoder_pct: float | None = None
    decoder_pct: float | None = None
    power_w: float | None = None
    power_kind: str | None = None
    power_instant_w: float | None = None
    power_limit_w: float | None = None
    power_limit_default_w: float | None = None
    power_limit_max_w: float | None = None
    energy_j: float | None = None
    memory_used_b: int | None = None
    memory_reserved_b: int | None = None
    memory_total_b: int | None = None
    temperature_c: float | None = None
    margin_c: float | None = None
    slowdown_c: float | None = None
    memory_temperature_c: float | None = None
    fan_pct: float | None = None
    clock_sm_mhz: float | None = None
    clock_sm_max_mhz: float | None = None
    clock_memory_mhz: float | None = None
    clock_memory_max_mhz: float | None = None
    pstate: int | None = None
    held_s: Mapping[str, float] = _NONE
    held_pct: Mapping[str, float] = _NONE
    held_over_s: float | None = None
    ghostly_s: float | None = None
    pcie_gen: int | None = None
    pcie_gen_max: int | None = None
    pcie_width: int | None = None
    pcie_width_max: int | None = None
    pcie_rx_bps: float | None = None
    pcie_tx_bps: float | None = None
    nvlink_rx_bps: float | None = None
    nvlink_tx_bps: float | None = None
    ecc_corrected: int | None = None
    ecc_uncorrected: int | None = None
    row_remap_pending: bool | None = None
    row_remap_failed: bool | None = None
    recovery: str | None = None
    xid: int | None = None
    xid_ms: int | None = None
    xids: int | None = None
    persistence: bool | None = None
    mig: bool | None = None
    mig_pending: bool | None = None
    instances: tuple[Instance, ...] | None = None
    engine_active_pct: float | None = None
    sm_active_pct: float | None = None
    tensor_pct: float | None = None
    dram_pct: float | None = None
    processes: tuple[Process, ...] | None = None
    fault: str | None = None
    read_ms: Mapping[str, int] = _NONE
    missing: Mapping[str, str] = _NONE

    def reading(self, gauge: Gauge) -> float | None:
        """The value of one gauge."""
        match gauge:
            case Gauge.UTIL:
                return self.util_pct
            case Gauge.POWER:
                return self.power_w
            case Gauge.MEMORY:
                return self.memory_used_b
            case Gauge.TEMPERATURE:
                return self.temperature_c

    @property
    def down_trained(self) -> str | None:
        """How the PCIe link runs below what card and slot can, in words.

        A lower generation counts only at work: a card at rest saves power so.
        """
        width, width_max = self.pcie_width, self.pcie_width_max
        if width is not None and width_max is not None and width < width_max:
            return f"x{width} of x{width_max}"
        gen, gen_max = self.pcie_gen, self.pcie_gen_max
        at_work = self.util_pct is not None and self.util_pct >= BUSY_PCT
        if at_work and gen is not None and gen_max is not None and gen < gen_max:
            return f"gen{gen} of gen{gen_max}"
        return None

    @property
    def ghost(self) -> bool:
        """Whether it has looked like a ghost for long enough to be one."""
        return self.ghostly and self.ghostly_s is not None and self.ghostly_s >= GHOST_AFTER_S

    @property
    def ghostly(self) -> bool:
        """Whether it says that it works hard, at the watts of rest and without a process."""
        if self.util_pct is None or self.power_w is None or not self.power_limit_w:
            return False
        return (
            self.util_pct >= GHOST_UTIL_PCT
            and self.power_w < GHOST_SHARE * self.power_limit_w
            and self.processes == ()
        )

    def age_s(self, now_ms: int) -> float | None:
        """How many seconds ago its fast values were read; None for a card that was not."""
        at_ms = self.read_ms.get(Group.FAST)
        return None if at_ms is None else max(0.0, (now_ms - at_ms) / 1000)

    def overdue_s(self, name: str, now_ms: int, interval_s: float) -> float | None:
        """The age in seconds of a value that missed two of its turns; None for one in time."""
        group = group_of(name)
        at_ms = None if group is None else self.read_ms.get(group)
        if group is None or at_ms is None:
            return None
        age_s = (now_ms - at_ms) / 1000
        # The half is for what a turn itself takes.
        return age_s if age_s > 2.5 * max(interval_s, PERIOD_S[group]) else None


class Snapshot(NamedTuple):
    """All GPUs at one moment; `at_ms` is UTC milliseconds.

    `trouble` is one sentence when there is nothing to show (no driver, no GPU, …).
    `origin` names where the values come from: "nvml", or the trace that is replayed;
    `simulated` is true for anything that no GPU said now, `synthetic` for what none ever said.
    """

    at_ms: int
    cards: tuple[Card, ...] = ()
    driver: str | None = None
    cuda: str | None = None
    trouble: str | None = None
    origin: str = "nvml"
    simulated: bool = False
    synthetic: bool = False

    @property
    def power_w(self) -> float | None:
        """Power of all cards that report it; None when none does."""
        known = [card.power_w for card in self.cards if card.power_w is not None]
        return sum(known) if known else None
