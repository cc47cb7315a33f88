"""A comparison in words: what to press, and after the verdict who wrote what and what it took."""

from collections.abc import Iterable, Mapping, Sequence

from rich.cells import cell_len, set_cell_size

from console.core.entry import EnergySource, Entry
from console.core.text import one_line
from console.core.tier import Tier
from console.core.usage import UsageSource
from console.core.verdict import Judgement, Verdict
from console.ui.draw.line import Line, Run
from console.ui.draw.message import SEPARATOR, usd

_TITLES = ("", "tier", "model", "time", "first", "tok/s", "in", "out", "joules", "$")
_LEFT = 3
"""Columns that stand to the left; figures stand to the right."""

_LESS = ("joules", "in", "tok/s", "first", "out")

_NARROWEST_MODEL = 8

SAID = {
    Judgement.A: "A is better",
    Judgement.B: "B is better",
    Judgement.TIE: "a tie",
    Judgement.BOTH_BAD: "both are bad",
}


def prompt_line(task: str, width: int) -> Line:
    """The prompt in one row."""
    text = one_line(task)
    shown = text if cell_len(text) <= width else set_cell_size(text, max(1, width - 1)) + "…"
    return ((shown, "strong"),)


def facts_lines(
    entries: Mapping[str, Entry | None], best: str | None, width: int
) -> Sequence[Line]:
    """Who wrote each reply, and what it took; the better one is marked.

    Where there is no room for all figures, those of `_LESS` are left out, the first ones first.
    """
    whole = [_TITLES, *(_figures(name, entry, name == best) for name, entry in entries.items())]
    left_out: list[str] = []
    while True:
        rows = [
            [cell for cell, title in zip(row, _TITLES, strict=True) if title not in left_out]
            for row in whole
        ]
        widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
        spare = width - sum(widths) - 2 * (len(widths) - 1)
        if widths[2] + spare >= _NARROWEST_MODEL or len(left_out) == len(_LESS):
            break
        left_out.append(_LESS[len(left_out)])
    widths[2] = max(_NARROWEST_MODEL, widths[2] + min(0, spare))
    hues = ["", *(str(entry.tier) if entry else "dim" for entry in entries.values())]
    return [
        _row(row, widths, hue, faint=at == 0)
        for at, (row, hue) in enumerate(zip(rows, hues, strict=True))
    ]


def tally_line(verdicts: Iterable[Verdict]) -> Line:
    """How all verdicts so far have fallen."""
    verdicts = list(verdicts)
    won = {tier: sum(verdict.winner is tier for verdict in verdicts) for tier in Tier}
    ties = sum(verdict.judgement is Judgement.TIE for verdict in verdicts)
    bad = sum(verdict.judgement is Judgement.BOTH_BAD for verdict in verdicts)
    return (
        (f"{len(verdicts):,} so far: ", "dim"),
        (f"local {won[Tier.LOCAL]:,}", "local"),
        (SEPARATOR, "dim"),
        (f"api {won[Tier.API]:,}", "api"),
        (f"{SEPARATOR}tie {ties:,}{SEPARATOR}both bad {bad:,}", "dim"),
    )


def compared_line(other: Entry | None, judgement: Judgement | None) -> Line:
    """Beside the reply that was kept: whose the other was, what it took, and the verdict."""
    said = SAID[judgement] if judgement else "no verdict"
    if other is None:
        return ((f"compared blind{SEPARATOR}{said}", "dim"),)
    took = (
        f"{one_line(other.model_reported or other.model)}{SEPARATOR}{_seconds(other.duration_ms)}"
        f"{SEPARATOR}{usd(other.spent_nano)}"
    )
    return (
        (f"compared blind{SEPARATOR}{said}{SEPARATOR}the other: ", "dim"),
        (str(other.tier), str(other.tier)),
        (SEPARATOR + took, "dim"),
    )


def keys_line(keys: Iterable[tuple[str, str]]) -> Line:
    """Keys and what each does."""
    runs: list[Run] = []
    for key, word in keys:
        runs += [(key, "accent"), (f" {word}   ", "dim")]
    return runs


def _figures(name: str, entry: Entry | None, best: bool) -> tuple[str, ...]:
    mark = f"{'✓' if best else ' '} {name}"
    if entry is None:
        return (mark, *["-"] * (len(_TITLES) - 1))
    guess = "~" if entry.usage_source is UsageSource.ESTIMATED else ""
    about = "~" if entry.energy_source is EnergySource.ESTIMATED else ""
    return (
        mark,
        str(entry.tier),
        one_line(entry.model_reported or entry.model),
        _seconds(entry.duration_ms),
        _seconds(entry.ttft_ms),
        _known(entry.output_per_s, guess, ",.1f"),
        _known(entry.usage.prompt, guess, ",d"),
        _known(entry.usage.output, guess, ",d"),
        _known(entry.energy_j, about, ",.1f"),
        usd(entry.spent_nano, guess if entry.tier is Tier.API else about),
    )


def _row(cells: Sequence[str], widths: Sequence[int], hue: str, *, faint: bool) -> Line:
    runs: list[Run] = []
    for at, (cell, width) in enumerate(zip(cells, widths, strict=True)):
        room = width - cell_len(cell)
        if room < 0:
            cell = set_cell_size(cell, width - 1) + "…"
        padded = cell + " " * room if at < _LEFT else " " * room + cell
        style = "dim" if faint else hue if at == 1 else "strong" if at == 0 else ""
        runs += [(padded, style), ("  ", "")]
    return runs[:-1]


def _seconds(ms: int | None) -> str:
    return "-" if ms is None else f"{ms / 1000:,.2f} s"


def _known(value: float | None, guess: str, form: str) -> str:
    return "-" if value is None else f"{guess}{value:{form}}"
