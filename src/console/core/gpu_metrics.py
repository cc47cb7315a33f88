"""GPU snapshots in Prometheus' text exposition, under the names of NVIDIA's DCGM where it has one.

Units are DCGM's too: watts, millijoules, MiB, °C, MHz, percent; shares of its profiling fields run
from 0 to 1. What a card does not tell has no sample: an absent series is unknown, never 0.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from console.core.gpu import Card, Instance, Process, Snapshot

MIB = 2**20


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: its name, its type, what it is, and how it follows from a card."""

    name: str
    kind: Literal["gauge", "counter"]
    help: str
    value: Callable[[Card], float | None]
    of_instance: Callable[[Instance], float | None] | None = None
    """How it follows from a MIG instance, where those have it."""


def _field(name: str, factor: float = 1.0) -> Callable[[Card | Instance], float | None]:
    def value(teller: Card | Instance) -> float | None:
        held = getattr(teller, name)
        return None if held is None else held * factor

    return value


def _free(held: Card | Instance) -> float | None:
    if held.memory_total_b is None or held.memory_used_b is None:
        return None
    reserved_b = held.memory_reserved_b if isinstance(held, Card) else None
    return (held.memory_total_b - held.memory_used_b - (reserved_b or 0)) / MIB


_DEV, _PROF = "DCGM_FI_DEV_", "DCGM_FI_PROF_"

METRICS: Sequence[Metric] = (
    Metric(f"{_DEV}GPU_UTIL", "gauge", "GPU utilization (in %).", _field("util_pct")),
    Metric(f"{_DEV}MEM_COPY_UTIL", "gauge", "Memory utilization (in %).",
           _field("memory_util_pct")),
    Metric(f"{_DEV}ENC_UTIL", "gauge", "Encoder utilization (in %).", _field("encoder_pct")),
    Metric(f"{_DEV}DEC_UTIL", "gauge", "Decoder utilization (in %).", _field("decoder_pct")),
    Metric(f"{_DEV}POWER_USAGE", "gauge", "Power draw of the board (in W).", _field("power_w")),
    Metric(f"{_DEV}POWER_USAGE_INSTANT", "gauge", "Instantaneous power draw (in W).",
           _field("power_instant_w")),
    Metric(f"{_DEV}ENFORCED_POWER_LIMIT", "gauge", "Power limit that is enforced (in W).",
           _field("power_limit_w")),
    Metric(f"{_DEV}POWER_MGMT_LIMIT_DEF", "gauge", "Default power limit (in W).",
           _field("power_limit_default_w")),
    Metric(f"{_DEV}POWER_MGMT_LIMIT_MAX", "gauge", "Highest power limit (in W).",
           _field("power_limit_max_w")),
    Metric(f"{_DEV}TOTAL_ENERGY_CONSUMPTION", "counter",
           "Energy since the driver was loaded (in mJ).", _field("energy_j", 1000)),
    Metric(f"{_DEV}FB_TOTAL", "gauge", "Memory in all (in MiB).",
           *2 * (_field("memory_total_b", 1 / MIB),)),
    Metric(f"{_DEV}FB_USED", "gauge", "Memory used (in MiB).",
           *2 * (_field("memory_used_b", 1 / MIB),)),
    Metric(f"{_DEV}FB_FREE", "gauge", "Memory free (in MiB).", _free, _free),
    Metric(f"{_DEV}FB_RESERVED", "gauge", "Memory that the driver keeps for itself (in MiB).",
           _field("memory_reserved_b", 1 / MIB)),
    Metric(f"{_DEV}GPU_TEMP", "gauge", "GPU temperature (in C).", _field("temperature_c")),
    Metric(f"{_DEV}MEMORY_TEMP", "gauge", "Memory temperature (in C).",
           _field("memory_temperature_c")),
    Metric(f"{_DEV}GPU_TEMP_LIMIT", "gauge", "How far below its limit it is (in C).",
           _field("margin_c")),
    Metric(f"{_DEV}SLOWDOWN_TEMP", "gauge", "Temperature at which it slows down (in C).",
           _field("slowdown_c")),
    Metric(f"{_DEV}FAN_SPEED", "gauge", "Fan speed (in %).", _field("fan_pct")),
    Metric(f"{_DEV}SM_CLOCK", "gauge", "SM clock frequency (in MHz).", _field("clock_sm_mhz")),
    Metric(f"{_DEV}MEM_CLOCK", "gauge", "Memory clock frequency (in MHz).",
           _field("clock_memory_mhz")),
    Metric(f"{_DEV}MAX_SM_CLOCK", "gauge", "Highest SM clock (in MHz).",
           _field("clock_sm_max_mhz")),
    Metric(f"{_DEV}MAX_MEM_CLOCK", "gauge", "Highest memory clock (in MHz).",
           _field("clock_memory_max_mhz")),
    Metric(f"{_DEV}PSTATE", "gauge", "Performance state, 0 is the highest.", _field("pstate")),
    Metric(f"{_DEV}PCIE_LINK_GEN", "gauge", "PCIe generation of the link now.",
           _field("pcie_gen")),
    Metric(f"{_DEV}PCIE_MAX_LINK_GEN", "gauge", "PCIe generation the link could have.",
           _field("pcie_gen_max")),
    Metric(f"{_DEV}PCIE_LINK_WIDTH", "gauge", "PCIe lanes now.", _field("pcie_width")),
    Metric(f"{_DEV}PCIE_MAX_LINK_WIDTH", "gauge", "PCIe lanes the link could have.",
           _field("pcie_width_max")),
    Metric(f"{_DEV}XID_ERRORS", "gauge", "Last Xid error seen.", _field("xid")),
    Metric(f"{_DEV}ECC_SBE_VOL_TOTAL", "counter", "Corrected ECC errors since the driver load.",
           _field("ecc_corrected")),
    Metric(f"{_DEV}ECC_DBE_VOL_TOTAL", "counter", "Uncorrected ECC errors since the driver load.",
           _field("ecc_uncorrected")),
    Metric(f"{_DEV}ROW_REMAP_PENDING", "gauge", "Whether a reset would replace rows of memory.",
           _field("row_remap_pending")),
    Metric(f"{_DEV}ROW_REMAP_FAILURE", "gauge", "Whether replacing rows of memory failed.",
           _field("row_remap_failed")),
    Metric(f"{_DEV}PERSISTENCE_MODE", "gauge", "Whether persistence mode is on.",
           _field("persistence")),
    Metric(f"{_DEV}MIG_MODE", "gauge", "Whether MIG mode is on.", _field("mig")),
    Metric(f"{_PROF}PCIE_RX_BYTES", "gauge", "PCIe traffic into the GPU (in B/s).",
           _field("pcie_rx_bps")),
    Metric(f"{_PROF}PCIE_TX_BYTES", "gauge", "PCIe traffic out of the GPU (in B/s).",
           _field("pcie_tx_bps")),
    Metric(f"{_PROF}NVLINK_RX_BYTES", "gauge", "NVLink traffic into the GPU (in B/s).",
           _field("nvlink_rx_bps")),
    Metric(f"{_PROF}NVLINK_TX_BYTES", "gauge", "NVLink traffic out of the GPU (in B/s).",
           _field("nvlink_tx_bps")),
    Metric(f"{_PROF}GR_ENGINE_ACTIVE", "gauge", "Share of time any work ran (0 to 1).",
           *2 * (_field("engine_active_pct", 0.01),)),
    Metric(f"{_PROF}SM_ACTIVE", "gauge", "Share of time an SM had work (0 to 1).",
           *2 * (_field("sm_active_pct", 0.01),)),
    Metric(f"{_PROF}PIPE_TENSOR_ACTIVE", "gauge", "Share of time tensor cores had work (0 to 1).",
           *2 * (_field("tensor_pct", 0.01),)),
    Metric(f"{_PROF}DRAM_ACTIVE", "gauge", "Share of time memory moved data (0 to 1).",
           *2 * (_field("dram_pct", 0.01),)),
)  # fmt: skip
"""The metrics that DCGM knows, by its names."""

UP = "llmconsole_gpu_up"
FAULT = "llmconsole_gpu_fault_info"
AGE = "llmconsole_gpu_age_seconds"
HELD = "llmconsole_gpu_held_seconds_total"
PROCESS_MEMORY = "llmconsole_gpu_process_memory_bytes"
"""What DCGM has no field for, or none with a unit that its versions agree on."""

Sample = tuple[Mapping[str, str], float]


def exposition(snapshot: Snapshot, host: str) -> str:
    """All samples of a snapshot, each metric once with its HELP and TYPE."""
    labels = {card.index: _labels(card, snapshot, host) for card in snapshot.cards}
    lines: list[str] = []
    for metric in METRICS:
        values = [(labels[card.index], metric.value(card)) for card in snapshot.cards]
        if metric.of_instance is not None:
            values += [
                ({**labels[card.index], **_part(instance)}, metric.of_instance(instance))
                for card in snapshot.cards
                for instance in _gpu_instances(card)
            ]
        known = [(label, value) for label, value in values if value is not None]
        lines += _family(metric.name, metric.kind, metric.help, known)
    lines += _health(snapshot, labels, host)
    held = [
        ({**labels[card.index], "reason": reason}, seconds)
        for card in snapshot.cards
        for reason, seconds in card.held_s.items()
    ]
    lines += _family(HELD, "counter", "Time for which a reason held the clocks back.", held)
    lines += _family(
        PROCESS_MEMORY, "gauge", "Memory that a process holds.", list(_processes(snapshot, labels))
    )
    return "".join(f"{line}\n" for line in lines)


def _health(
    snapshot: Snapshot, labels: Mapping[int, Mapping[str, str]], host: str
) -> Iterator[str]:
    """Whether the cards answer, in series that go on when they do not, and why not beside them."""
    cards = snapshot.cards
    up: list[Sample] = [(labels[card.index], float(card.fault is None)) for card in cards]
    faults: list[Sample] = [
        ({**labels[card.index], "fault": card.fault}, 1.0) for card in cards if card.fault
    ]
    if not cards:
        up = [({"Hostname": host}, 0.0)]
        faults = [({"Hostname": host, "fault": snapshot.trouble or "no card"}, 1.0)]
    ages: list[Sample] = [
        (labels[card.index], age_s)
        for card in cards
        if (age_s := card.age_s(snapshot.at_ms)) is not None
    ]
    yield from _family(UP, "gauge", "Whether the GPU answers.", up)
    yield from _family(FAULT, "gauge", "Why the GPU does not answer.", faults)
    yield from _family(AGE, "gauge", "How long ago the GPU was read, which may hang.", ages)


def _processes(snapshot: Snapshot, labels: Mapping[int, Mapping[str, str]]) -> Iterator[Sample]:
    # The command line is left out: it may hold a key, and every other one would be a new series.
    for card in snapshot.cards:
        for process in card.processes or ():
            if process.memory_b is not None:
                who = {"pid": str(process.pid), "user": process.user or ""}
                where = {**labels[card.index], **_whereabouts(process, card)}
                yield {**where, **who, "model": process.model or ""}, process.memory_b


def _gpu_instances(card: Card) -> list[Instance]:
    """The MIG instances that DCGM tells apart: one of each GPU instance, whose memory it is."""
    return list({each.gpu_instance: each for each in reversed(card.instances or ())}.values())[::-1]


def _part(instance: Instance) -> dict[str, str]:
    """The labels that NVIDIA's exporter adds for a MIG instance."""
    id = instance.gpu_instance
    return {
        "GPU_I_PROFILE": instance.gpu_profile or "",
        "GPU_I_ID": "" if id is None else str(id),
    }


def _whereabouts(process: Process, card: Card) -> dict[str, str]:
    """The same of a process, and the id of its compute instance; nothing without MIG."""
    for instance in card.instances or ():
        ids = instance.gpu_instance, instance.compute_instance
        if ids == (process.gpu_instance, process.compute_instance) and None not in ids:
            return {**_part(instance), "COMPUTE_I_ID": str(ids[1])}
    return {}


def _labels(card: Card, snapshot: Snapshot, host: str) -> dict[str, str]:
    """The labels that NVIDIA's exporter gives a GPU."""
    return {
        "gpu": str(card.index),
        "UUID": card.uuid,
        "pci_bus_id": _bus_id(card.pci),
        "device": f"nvidia{card.index}",
        "modelName": card.name,
        "Hostname": host,
        "DCGM_FI_DRIVER_VERSION": snapshot.driver or "",
    }


def _bus_id(pci: str | None) -> str:
    """As NVIDIA's exporter writes it, with eight digits of the domain: 00000000:C1:00.0."""
    return "" if pci is None else pci.upper().zfill(len("00000000:C1:00.0"))


def _family(name: str, kind: str, help: str, samples: Iterable[Sample]) -> list[str]:
    lines = [f"{name}{_braced(labels)} {_number(value)}" for labels, value in samples]
    return [f"# HELP {name} {help}", f"# TYPE {name} {kind}", *lines] if lines else []


def _braced(labels: Mapping[str, str]) -> str:
    return "{" + ",".join(f'{name}="{_escaped(text)}"' for name, text in labels.items()) + "}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))
