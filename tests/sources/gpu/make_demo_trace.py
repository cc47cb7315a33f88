"""Makes the demo's GPU trace; `python -m tests.sources.gpu.make_demo_trace` writes it in place.

Five minutes of two cards that serve one model each: requests come alone, in pairs, and in one
long batch, between phases of rest. Power is simulated ten times a second; what is recorded each
second is its mean over that second, as NVML reports it, and the counter is its exact sum. The
end meets the beginning, for the demo plays it in a loop. The first card is now and then at its
power cap, the second sits in a slot of eight lanes.
"""

import gzip
import json
import random
from dataclasses import dataclass
from pathlib import Path

import console.sources.demo
from console.core.gpu import Card, Process, Snapshot
from console.core.gpu_json import to_line
from console.sources.gpu.trace import NAME, VERSION, Trace

TARGET = Path(console.sources.demo.__file__).with_name("trace.jsonl.gz")
LENGTH_S = 300
STEPS = 10
BEGAN_MS = 1_772_323_200_000
GIB = 2**30


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """What is fixed of a card."""

    index: int
    uuid: str
    name: str
    idle_w: float
    limit_w: float
    memory_b: int
    weights_b: int
    pci: str
    cool_c: float
    warmth: float  # °C per watt, once it has settled
    clocks_mhz: tuple[int, int, int]  # SM at rest, SM and memory at most
    slowdown_c: int
    lanes: int
    serves: tuple[str, int]  # a model, and the pid of what serves it
    requests: tuple[tuple[float, float, float], ...]  # start s, prefill s, decode s


BOARDS = (
    Board(
        index=0,
        uuid="GPU-5e1f0a52-0000-4d00-8000-000000000001",
        name="NVIDIA GeForce RTX 4090",
        idle_w=21,
        limit_w=450,
        memory_b=24564 * 2**20,
        weights_b=int(17.4 * GIB),
        pci="0000:01:00.0",
        cool_c=35,
        warmth=0.098,
        clocks_mhz=(210, 3105, 10501),
        slowdown_c=83,
        lanes=16,
        serves=("qwen3:14b", 4711),
        requests=(
            *((12, 0.6, 6), (26, 1.4, 9), (41, 0.4, 4), (47, 0.5, 5), (58, 2.6, 17)),
            *((92, 0.3, 2), (97, 0.3, 3), (104, 0.8, 7), (118, 3.5, 46), (171, 0.5, 6)),
            *((196, 1.1, 12), (214, 0.4, 3), (231, 2.0, 21), (262, 0.6, 8), (276, 0.3, 4)),
        ),
    ),
    Board(
        index=1,
        uuid="GPU-5e1f0a52-0000-4d00-8000-000000000002",
        name="NVIDIA GeForce RTX 3090",
        idle_w=28,
        limit_w=350,
        memory_b=24576 * 2**20,
        weights_b=int(8.6 * GIB),
        pci="0000:41:00.0",
        cool_c=38,
        warmth=0.115,
        clocks_mhz=(210, 2100, 9751),
        slowdown_c=90,
        lanes=8,
        serves=("llama3.1:8b", 4790),
        requests=(
            *((19, 0.9, 8), (60, 1.5, 11), (77, 0.5, 3), (120, 4.0, 39), (182, 0.7, 6)),
            *((198, 1.6, 13), (233, 1.2, 9), (250, 0.6, 5)),
        ),
    ),
)


def load(board: Board, at_s: float) -> tuple[float, float]:
    """The share of its power range a card draws and of its memory's time it is busy."""
    for start, prefill, decode in board.requests:
        if start <= at_s < start + prefill:
            return 0.99, 0.45
        if start + prefill <= at_s < start + prefill + decode:
            return 0.62, 0.88
    return 0.0, 0.0


def cards(board: Board, dice: random.Random) -> list[Card]:
    """One card over the whole length, a value per second."""
    # It begins at rest, as warm as its idle power keeps it.
    watts, celsius = board.idle_w, board.cool_c + board.warmth * board.idle_w
    joules, cache_b, capped_s = 0.0, 0.0, 0.0
    rest_mhz, most_mhz, memory_mhz = board.clocks_mhz
    model, pid = board.serves
    seconds = []
    for second in range(LENGTH_S):
        drawn = busy = moved = capped = 0.0
        for step in range(STEPS):
            power, memory = load(board, second + step / STEPS)
            ripple = 1 + (dice.random() - 0.5) * (0.10 if power else 0.03)
            wanted = board.idle_w + (board.limit_w - board.idle_w) * power
            watts += (min(wanted * ripple, board.limit_w) - watts) * 0.7
            celsius += (board.cool_c + board.warmth * watts - celsius) * 0.005
            cache_b += ((1.9 * GIB if power else 0.2 * GIB) - cache_b) * 0.02
            drawn += watts / STEPS
            busy += (power > 0) / STEPS
            moved += memory / STEPS
            capped += (watts > 0.97 * board.limit_w) / STEPS
        drawn = round(drawn, 2)
        joules = round(joules + drawn, 2)
        capped_s = round(capped_s + capped, 1)
        # What the driver does at rest: the lowest clocks, and the link at its first generation.
        at_work = busy > 0 or watts > 2 * board.idle_w
        sm_mhz = round(most_mhz * (0.97 - 0.12 * capped) / 15) * 15 if at_work else rest_mhz
        at_ms = BEGAN_MS + second * 1000
        used_b = board.weights_b + int(cache_b) // 2**21 * 2**21
        seconds.append(
            Card(
                index=board.index,
                uuid=board.uuid,
                name=board.name,
                util_pct=round(99 * busy),
                memory_util_pct=round(99 * moved),
                pci=board.pci,
                encoder_pct=0,
                decoder_pct=0,
                power_w=drawn,
                power_kind="1 s average",
                power_instant_w=round(watts, 1),
                power_limit_w=board.limit_w,
                power_limit_default_w=board.limit_w,
                power_limit_max_w=round(1.1 * board.limit_w),
                memory_used_b=used_b,
                memory_total_b=board.memory_b,
                temperature_c=round(celsius),
                slowdown_c=board.slowdown_c,
                fan_pct=0 if celsius < 45 else round(30 + 1.6 * (celsius - 45)),
                clock_sm_mhz=sm_mhz,
                clock_sm_max_mhz=most_mhz,
                clock_memory_mhz=memory_mhz if at_work else 405,
                clock_memory_max_mhz=memory_mhz,
                pstate=2 if at_work else 8,
                held_s={"power cap": capped_s} if capped_s else {},
                pcie_gen=4 if at_work else 1,
                pcie_gen_max=4,
                pcie_width=board.lanes,
                pcie_width_max=16,
                pcie_rx_bps=round(2.1e6 * moved + 2e5, -3),
                pcie_tx_bps=round(9.5e6 * moved + 1e5, -3),
                persistence=True,
                energy_j=joules,
                processes=(
                    Process(
                        pid=pid,
                        user="ollama",
                        command=f"ollama runner --port {40_000 + pid}",
                        memory_b=used_b - 300 * 2**20,
                        sm_pct=round(99 * busy),
                        model=model,
                    ),
                ),
                read_ms={"fast": at_ms, "slow": at_ms, "processes": at_ms},
                missing={
                    "ecc_corrected": "not supported",
                    "ecc_uncorrected": "not supported",
                    "memory_temperature_c": "not supported",
                    "nvlink_rx_bps": "not supported",
                    "nvlink_tx_bps": "not supported",
                    "mig": "not supported",
                },
            )
        )
    return seconds


def demo_trace() -> Trace:
    """The trace, the same at each call."""
    dice = random.Random(4090_3090)
    frames = tuple(
        Snapshot(
            at_ms=BEGAN_MS + second * 1000,
            cards=pair,
            driver="580.95.05",
            cuda="13.0",
            origin="synthetic",
            simulated=True,
        )
        for second, pair in enumerate(zip(*(cards(b, dice) for b in BOARDS), strict=True))
    )
    return Trace(
        origin="RTX 4090 + RTX 3090, simulated requests",
        synthetic=True,
        interval_s=1.0,
        frames=frames,
    )


def text_of(trace: Trace) -> bytes:
    """A trace in its file's form."""
    header = {
        NAME: VERSION,
        "origin": trace.origin,
        "synthetic": trace.synthetic,
        "interval_s": trace.interval_s,
    }
    lines = [json.dumps(header), *map(to_line, trace.frames)]
    return "".join(f"{line}\n" for line in lines).encode()


if __name__ == "__main__":
    TARGET.write_bytes(gzip.compress(text_of(demo_trace()), mtime=0))
