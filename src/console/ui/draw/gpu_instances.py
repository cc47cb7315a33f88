"""The MIG instances of a card in full."""

from collections.abc import Sequence

from console.core.gpu import PROFILED, Instance
from console.ui.draw.gpu_processes import mig_ids
from console.ui.draw.gpu_value import Part, Reader
from console.ui.draw.line import Run
from console.ui.draw.number import UNKNOWN, ago, gib, whole

_MIG = "MIG"


def instance_rows(reader: Reader) -> list[tuple[str, Sequence[Part]]]:
    """A row for each instance, the first of them with a label; none without MIG mode."""
    card = reader.card
    if not card.mig:
        return []
    if not card.instances:
        word = UNKNOWN if card.instances is None else "no instance"
        return [(_MIG, [[(card.missing.get("instances") or word, "dim")]])]
    age_s = card.overdue_s("instances", reader.now_ms, reader.interval_s)
    old: list[Part] = [] if age_s is None else [[(ago(age_s), "warn")]]
    return [
        ("" if place else _MIG, [_instance(reader, each), *_shares(each), *old])
        for place, each in enumerate(card.instances)
    ]


def _shares(instance: Instance) -> list[Part]:
    """How hard its parts work, where that is told: % of the time, and of the bandwidth."""
    told: list[Run] = []
    for name, word in zip(PROFILED, ("busy", "SM", "tensor", "DRAM"), strict=True):
        share = getattr(instance, name)
        if share is not None:
            told += [(f" {word} " if told else f"{word} ", "dim"), (f"{whole(share):>2}", "")]
    return [[*told, (" %", "dim")]] if told else []


def _instance(reader: Reader, instance: Instance) -> Part:
    used, total = instance.memory_used_b, instance.memory_total_b
    share = used / total if used is not None and total else None
    name: list[Run] = [
        (f"{instance.profile or UNKNOWN:<10} ", ""),
        (f"{mig_ids(instance) or UNKNOWN:>4}", "dim"),
        (f"{gib(used):>6}", ""),
    ]
    if _shares(instance):  # which are to stand in the same row
        return [*name, (f"/{gib(total):>4}G", "dim")]
    return [*name, (f" of {gib(total):>4} GiB", "dim"), *reader.bar(share)]
