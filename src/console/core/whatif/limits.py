"""What hardware can do at most: queueing and roofline checks on the inputs of a rig."""

import math
from typing import NamedTuple

from console.core.whatif.check import check_number


def wait_probability(servers: int, rps: float, service_s: float, wait_s: float) -> float:
    """The share of requests that wait longer than `wait_s` in an M/M/c queue (Erlang C).

    A batching server is closer to processor sharing, so this bounds the wait from above.
    """
    load = rps * service_s
    if load == 0:
        return 0.0
    if servers <= load:
        return 1.0
    blocked = 1.0
    for count in range(1, servers + 1):
        blocked = load * blocked / (count + load * blocked)
    return _waits(servers, load, blocked) * math.exp(-(servers - load) * wait_s / service_s)


_MOST_SERVERS = 20_000
"""Beyond so many the check takes longer than a keystroke may."""


class PeakHour(NamedTuple):
    """The peak hour on the rig: attempts a second, slots that serve, the share that waits long.

    `waiting` is None where the check would take too long.
    """

    rps: float
    slots: float
    service_s: float
    wait_s: float
    waiting: float | None


def peak_hour(
    *,
    rps: float,
    replicas: float,
    replica_rps: float,
    slots: float,
    service_s: float | None,
    wait_s: float,
) -> PeakHour:
    """How often a request of the peak hour waits longer than `wait_s`.

    A replica that serves `slots` at once takes slots ÷ throughput for each, if nothing else is
    said.
    """  # fmt: skip
    each = slots / replica_rps if service_s is None else service_s
    servers = int(replicas * slots)
    waiting = wait_probability(servers, rps, each, wait_s) if servers <= _MOST_SERVERS else None
    return PeakHour(rps=rps, slots=servers, service_s=each, wait_s=wait_s, waiting=waiting)


def erlang_servers(rps: float, service_s: float, wait_s: float, prob: float) -> int:
    """The fewest servers that keep the share of waits over `wait_s` at or below `prob`.

    Raises ValueError for what is not a rate, a time or a probability, or takes over a million.
    """
    check_number("rps", rps)
    check_number("service_s", service_s, above=True)
    check_number("wait_s", wait_s)
    check_number("prob", prob, above=True, high=1)
    load = rps * service_s
    if load >= 1_000_000:
        raise ValueError(f"rps × service_s is {load:g}: more than a million servers")
    if load == 0:
        return 1
    blocked, servers = 1.0, 0
    while True:
        servers += 1
        blocked = load * blocked / (servers + load * blocked)
        if servers <= load:
            continue
        slack = math.exp(-(servers - load) * wait_s / service_s)
        if _waits(servers, load, blocked) * slack <= prob:
            return servers


def _waits(servers: int, load: float, blocked: float) -> float:
    return servers * blocked / (servers - load * (1 - blocked))


class Hardware(NamedTuple):
    """A replica's published limits and the model on it; None is unknown and checks nothing.

    `active_parameters` counts what one token touches, `weight_bytes` what one token reads.
    """

    name: str
    peak_tflops: float | None = None
    bandwidth_gb_s: float | None = None
    vram_gb: float | None = None
    active_parameters: float | None = None
    weight_bytes: float | None = None
    kv_bytes_per_token: float | None = None


def warnings(
    hardware: Hardware,
    *,
    input_tok_s: float,
    output_tok_s: float,
    single_stream_tok_s: float | None = None,
    concurrency: int | None = None,
    tokens_per_sequence: float = 0.0,
) -> list[str]:
    """Sentences on what no such hardware can meet; rates are a replica's own, at full load."""
    said = []
    kv = (hardware.kv_bytes_per_token or 0.0) * tokens_per_sequence
    if hardware.peak_tflops and hardware.active_parameters:
        needed = 2 * hardware.active_parameters * (input_tok_s + output_tok_s) / 1e12
        if needed > hardware.peak_tflops:
            said.append(
                f"this throughput needs {needed:,.0f} TFLOP/s, "
                f"{needed / hardware.peak_tflops:.0%} of the peak of {hardware.name}"
            )
    if hardware.bandwidth_gb_s and hardware.weight_bytes and single_stream_tok_s:
        most = hardware.bandwidth_gb_s * 1e9 / hardware.weight_bytes
        if single_stream_tok_s > most:
            said.append(
                f"one stream cannot exceed {most:,.0f} tokens/s on {hardware.name}: "
                f"its memory bandwidth reads the weights no faster"
            )
    if (
        hardware.vram_gb
        and hardware.weight_bytes
        and hardware.weight_bytes > hardware.vram_gb * 1e9
    ):
        said.append(
            f"the weights take {hardware.weight_bytes / 1e9:,.0f} GB, "
            f"more than the {hardware.vram_gb:g} GB of {hardware.name}"
        )
    elif hardware.vram_gb and hardware.weight_bytes and kv:
        room = hardware.vram_gb * 1e9 - hardware.weight_bytes
        most_sequences = math.floor(room / kv)
        if concurrency is not None and concurrency > most_sequences:
            said.append(
                f"{hardware.name} has room for the cache of {most_sequences:,} sequences, "
                f"not {concurrency:,}"
            )
    return said
