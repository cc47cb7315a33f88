"""A replay of the ledger as lines: dollars low to high, what has no price, how the rig keeps up."""

from console.core.text import one_line
from console.core.whatif.distribution import percent
from console.services.replays import Replayed
from console.ui.draw.line import Line
from console.ui.draw.whatif_words import cut
from console.ui.draw.wrap import wrapped


def replay_lines(found: Replayed, width: int) -> list[Line]:
    """A replay of the ledger: what was paid, what would have been, and what could not be priced."""
    told = found.replay
    fixed = "with" if found.full else "without"
    lines: list[Line] = [
        *wrapped(
            [(f"the last {found.days} days again: ", "dim"), (one_line(found.policy), "strong")],
            width,
        ),
        *wrapped(
            [(f"at {one_line(found.api)}; prices of {found.price_at}; {fixed} the rig's fixed "
              "cost", "dim")],
            width,
        ),
        [("", "")],
        [("recorded", ""), (f"   ${told.recorded_usd:,.4f}", "strong"),
         ("  API dollars and local electricity", "dim")],
        [("", "")],
        [(f"{'':7}{'kept':>12}{'API':>12}{'energy':>12}{'fixed':>12}{'total':>12}", "dim")],
    ]  # fmt: skip
    for name, case in (("low", told.lo), ("middle", told.mid), ("high", told.hi)):
        parts = (case.kept_usd, case.moved_api_usd, case.moved_energy_usd, case.fixed_usd)
        cells = "".join(f"{part:>12,.4f}" for part in parts)
        lines.append(cut([(f"{name:<7}{cells}", ""), (f"{case.total_usd:>12,.4f}", "strong")],
                         width))  # fmt: skip
    counts = (
        f"{told.rows_kept:,} rows kept, {told.rows_moved:,} moved, {told.rows_excluded:,} left "
        f"out as errors; {percent(told.priced_rows_share)} of the rows and "
        f"{percent(told.priced_share)} of the recorded dollars are priced"
    )
    lines += [[("", "")], *wrapped([(counts, "")], width)]
    if told.unpriced_count:
        text = f"{told.unpriced_count:,} rows could not be priced: {'; '.join(told.reasons)}"
        lines += wrapped([(text, "warn")], width)
        some = ", ".join(str(row) for row in told.unpriced_rows[:8])
        lines += wrapped([(f"among them {one_line(some)}", "dim")], width)
    lines += _queueing_lines(found, width)
    said = (
        "low, middle and high: all rows at the low, middle or high number of tokens of the other "
        "tokenizer at once. The same text is assumed; how long another model's replies are "
        "usually matters more."
    )
    return [*lines, [("", "")], *wrapped([(said, "dim")], width)]


def _queueing_lines(found: Replayed, width: int) -> list[Line]:
    """Whether the rig keeps up, by the rows' real times."""
    waits = found.queueing
    if isinstance(waits, str):
        return [[("", "")], *wrapped([(f"queueing not checked: {waits}", "dim")], width)]
    rig = "1 replica" if waits.replicas == 1 else f"{waits.replicas:,} replicas"
    text = (
        f"{waits.requests:,} requests at their real times through {rig}: 95 % wait less than "
        f"{waits.p95_wait_s:,.1f} s, the longest {waits.longest_wait_s:,.1f} s; "
        f"{percent(waits.utilisation)} busy; {percent(waits.overflow_share)} wait longer than "
        f"{waits.patience_s:g} s and would have overflowed"
    )
    style = "warn" if waits.overflow_share > 0.05 else ""
    return [[("", "")], *wrapped([(text, style)], width)]
