"""Who holds which card."""

from collections.abc import Sequence

from console.core.gpu import Card, Instance, Process
from console.ui.draw.line import Line, Run
from console.ui.draw.number import UNKNOWN, gib, whole
from console.ui.draw.table import Column, fit, row

_GPU = Column("gpu", 3, right=True)
_MIG = Column("MIG", 4, rank=2, right=True)
_INSIDE = Column("inside", 7, rank=5, right=True)
_COLUMNS = (
    Column("pid", 8, right=True),
    Column("user", 8, rank=4),
    Column("memory", 6, right=True),
    Column("SM", 4, rank=1, right=True),
    Column("model", 14, rank=3, grows=12),
    Column("command", 12, rank=2, grows=200),
)


def process_lines(cards: Sequence[Card], width: int, height: int) -> list[Line]:
    """The processes on some cards as a table, the largest first; nothing without room.

    `inside` is the pid that a process has in its own container, `MIG` the instance it is in.
    """
    held = [(card, process) for card in cards for process in card.processes or ()]
    if height < 2:
        return []
    if not held:
        silent = [card for card in cards if card.processes is None and not card.fault]
        word = silent[0].missing.get("processes") if silent else None
        if silent:
            return [[(f" processes {UNKNOWN} {word or ''}".rstrip(), "dim")]]
        return [[(" no process holds a card" if len(cards) > 1 else " no process", "dim")]]
    if height == 2 and len(held) > 1:
        return [[(f" {len(held)} processes", "dim")]]
    columns = [
        *([_GPU] if len(cards) > 1 else []),
        *([_MIG] if any(mig_ids(process) for _, process in held) else []),
        *_COLUMNS[:1],
        *([_INSIDE] if any(process.container_pid for _, process in held) else []),
        *_COLUMNS[1:],
    ]
    widths = fit(columns, width - 1)
    head = row(columns, widths, {column.name: (column.name, "dim") for column in columns})
    lines: list[Line] = [[(" ", ""), *head]]
    most = height - 1 if len(held) < height else height - 2
    lines += [
        [(" ", ""), *row(columns, widths, _cells(card, process))] for card, process in held[:most]
    ]
    if most < len(held):
        lines.append([(f" {len(held) - most} more", "dim")])
    return lines


def mig_ids(held: Instance | Process) -> str:
    """The ids of a GPU instance and a compute instance: 7:0; nothing where they are not told."""
    gpu, compute = held.gpu_instance, held.compute_instance
    return "" if gpu is None else f"{gpu}:{UNKNOWN if compute is None else compute}"


def _cells(card: Card, process: Process) -> dict[str, Run]:
    inside = process.container_pid
    command: Run = (process.command or "", "")
    if process.command is None:
        command = (f"({process.hidden or 'not shown'})", "dim")
    return {
        "gpu": (str(card.index), "dim"),
        "MIG": (mig_ids(process) or UNKNOWN, "dim"),
        "pid": (str(process.pid), ""),
        "inside": (UNKNOWN if inside is None else str(inside), "dim"),
        "user": (process.user or UNKNOWN, "dim"),
        "memory": (f"{gib(process.memory_b)}G" if process.memory_b is not None else UNKNOWN, ""),
        "SM": (f"{whole(process.sm_pct)}%" if process.sm_pct is not None else UNKNOWN, ""),
        "model": (process.model or UNKNOWN, "local" if process.model else "dim"),
        "command": command,
    }
