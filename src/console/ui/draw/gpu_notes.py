"""What is wrong with a card or holds it back, in a few words; nothing where all is well."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from console.core.gpu import Card
from console.ui.draw.line import Line, Run
from console.ui.draw.number import ago, whole

HOT_C = 85.0
"""Temperature from which a card is called hot that does not tell its threshold, °C."""

_NEAR_C = 3.0
"""A card this close to its slow-down threshold is called hot, °C."""

_HELD_PCT = 1.0
"""Reasons that held the clocks back for less of the last minute are left out, %."""

_LOUD_CAP_PCT = 10.0
"""A power cap is how many cards are run: below this share of the minute it is only mentioned."""

_NONE: Mapping[int, float] = {}

_MINUTE_S = 59.0
"""A stretch of so many seconds is called a minute: readings are up to some seconds apart."""

_RECENT_MS = 3_600_000
"""For how long an Xid is called out."""


class Note(NamedTuple):
    """One remark on a card: what it is about, in words, in a word or two, and its style."""

    about: str
    text: str
    short: str
    style: str = "warn"

    @property
    def loud(self) -> bool:
        """Whether it is a problem, not a mention."""
        return self.style != "dim"


def notes(card: Card, now_ms: int) -> list[Note]:
    """The remarks on a card that answers, the worst first."""
    found = [*_errors(card, now_ms), *_misfits(card), *_heat(card), *_held(card)]
    return sorted(found, key=lambda note: ("bad", "warn", "dim").index(note.style))


def _errors(card: Card, now_ms: int) -> Iterable[Note]:
    if words := struck(card, now_ms):
        yield Note("xid", words, f"Xid {card.xid}", "bad")
    if card.ecc_uncorrected:
        count = f"{card.ecc_uncorrected:,}"
        errors = "error" if card.ecc_uncorrected == 1 else "errors"
        yield Note("ecc", f"{count} uncorrected ECC {errors}", f"ECC {count}", "bad")
    if card.recovery:
        yield Note("recovery", f"the driver wants {card.recovery}", "needs recovery", "bad")
    if card.row_remap_failed:
        yield Note("rows", "broken rows of memory can be replaced no more", "rows failed", "bad")
    elif card.row_remap_pending:
        yield Note("rows", "a reset would replace broken rows of memory", "rows pending")


def struck(card: Card, now_ms: int) -> str:
    """The last Xid in words, where it is not long ago."""
    if card.xid is None or card.xid_ms is None or now_ms - card.xid_ms >= _RECENT_MS:
        return ""
    return f"Xid {card.xid}, {ago((now_ms - card.xid_ms) / 1000)}"


def _misfits(card: Card) -> Iterable[Note]:
    if card.ghost:
        util, watts = whole(card.util_pct), whole(card.power_w)
        words = f"ghost: {util} % busy at {watts} W and no process"
        yield Note("ghost", words, "ghost")
    if card.down_trained:
        yield Note("pcie", f"PCIe down-trained: {card.down_trained}", f"PCIe {card.down_trained}")


def _heat(card: Card) -> Iterable[Note]:
    if is_hot(card):
        limit = f", slows down at {card.slowdown_c:.0f}" if card.slowdown_c else ""
        yield Note("heat", f"{whole(card.temperature_c)} °C{limit}", "hot")


def _held(card: Card) -> Iterable[Note]:
    shares = held_shares(card)
    if shares:
        (worst, share), *_ = shares
        words = ", ".join(f"{why} {share:.0f} %" for why, share in shares)
        calm = all(why == "power cap" and share < _LOUD_CAP_PCT for why, share in shares)
        short = f"{worst} {share:.0f}%"
        yield Note("held", f"held back: {words}", short, "dim" if calm else "warn")


def held_shares(card: Card) -> list[tuple[str, float]]:
    """What held the clocks back in the last minute, and for how much of it (%), the most first."""
    shares = [(why, share) for why, share in card.held_pct.items() if share >= _HELD_PCT]
    return sorted(shares, key=lambda item: -item[1])


def stretch(seconds: float | None) -> str:
    """The stretch of time up to now that shares are of, in words."""
    if seconds is None or seconds >= _MINUTE_S:
        return "the last minute"
    return f"the last {seconds:.0f} s" if seconds >= 1 else f"the last {seconds:.1f} s"


def is_hot(card: Card) -> bool:
    """Whether a card is about to slow down for its temperature."""
    if card.margin_c is not None and card.margin_c <= 0:
        return True
    if card.temperature_c is None:
        return False
    limit = HOT_C if card.slowdown_c is None else card.slowdown_c - _NEAR_C
    return card.temperature_c >= limit


def note_lines(
    cards: Sequence[Card],
    now_ms: int,
    width: int,
    most: int,
    disagreeing: Mapping[int, float] = _NONE,
) -> list[Line]:
    """The loud remarks on all cards in at most `most` lines, each with the cards it is about.

    One kind of remark takes one line, in the words of the card that comes first. `disagreeing` are
    cards whose energy counter and power differ by such a share.
    """
    by_kind: dict[str, list[tuple[int, Note]]] = {}
    for card in cards:
        if card.fault:
            continue
        found = notes(card, now_ms)
        if card.index in disagreeing:
            found.append(_meter(disagreeing[card.index]))
        for note in found:
            if note.loud:
                by_kind.setdefault(note.about, []).append((card.index, note))
    kinds = sorted(by_kind.values(), key=lambda kind: kind[0][1].style != "bad")
    lines = [_cut(_line(kind, alone=len(cards) == 1), width) for kind in kinds[:most]]
    rest = len(kinds) - len(lines)
    if rest and lines:
        lines[-1] = [*_cut(lines[-1], width - 9), (f" · {rest} more", "warn")]
    return lines


def _meter(share: float) -> Note:
    percent = f"{abs(100 * share):.0f} %"
    more = "more" if share > 0 else "less"
    return Note("meter", f"energy counter says {percent} {more} than power does", f"±{percent}")


def _line(kind: Sequence[tuple[int, Note]], *, alone: bool) -> Line:
    note = kind[0][1]
    runs: list[Run] = [(" ! ", note.style)]
    if not alone:
        runs += [(ranges([index for index, _ in kind]), note.style), (" · ", "faint")]
    runs.append((note.text, "" if note.style == "warn" else note.style))
    return runs


def ranges(numbers: Sequence[int]) -> str:
    """Ascending numbers in short: 0-3,7."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][-1] + 1:
            parts[-1] = [parts[-1][0], number]
        else:
            parts.append([number])
    return ",".join("-".join(map(str, part)) for part in parts)


def _cut(line: Line, width: int) -> Line:
    runs: list[Run] = []
    for text, style in line:
        runs.append((text[: max(0, width)], style))
        width -= len(text)
    return runs
