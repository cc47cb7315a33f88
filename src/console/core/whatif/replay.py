"""Counterfactual replay: what a window of the ledger would have cost under another policy.

Tokens that move to another model family are scaled by a ratio known only within bounds, so every
total has a low, a middle and a high scenario; each applies its bound to all rows at once, which
bounds the truth. Nothing is rounded to whole tokens and no row is dropped silently.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from console.core.whatif.api import books
from console.core.whatif.card import Card, Rates
from console.core.whatif.policy import KEEP, ApiTarget, Policy, Row, SelfTarget, Target, Triple


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """The totals under one bound of the ratios."""

    total_usd: float
    kept_usd: float
    moved_api_usd: float
    moved_energy_usd: float
    fixed_usd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What the rows would have cost, and what could not be priced.

    Unpriced rows count among the kept or the moved and are in no scenario; `priced_share` is the
    share of the recorded spend that the scenarios cover. `reasons` says why rows are unpriced.
    Of rows that came as one, `unpriced_rows` names one; `unpriced_count` counts them all.
    """

    recorded_usd: float
    lo: Scenario
    mid: Scenario
    hi: Scenario
    rows_kept: int
    rows_moved: int
    rows_excluded: int
    unpriced_rows: tuple[int | str, ...]
    unpriced_count: int
    reasons: tuple[str, ...]
    priced_share: float

    @property
    def priced_rows_share(self) -> float:
        """The share of the rows, kept and moved, that the scenarios cover."""
        rows = self.rows_kept + self.rows_moved
        return 1 - self.unpriced_count / rows if rows else 1.0


_Key = tuple[str, str, bool, tuple[bool, ...]]


def replay(
    rows: Iterable[Row],
    policy: Policy,
    *,
    since_ms: int | None = None,
    until_ms: int | None = None,
) -> Replay:
    """The rows from `since_ms` up to, not including, `until_ms`, under another policy.

    Bills are linear in tokens within one price tier, so tokens are summed as they come, by target,
    tokenizer, batch and tier, and priced once: the same figures as row by row.
    """
    sums: dict[_Key, list[float]] = {}
    unpriced: list[int | str] = []
    reasons: dict[str, None] = {}
    kept = recorded = covered = 0.0
    rows_kept = rows_moved = excluded = unpriced_count = 0
    plain = {name: not _has_tiers(target) for name, target in policy.targets.items()}
    known: dict[tuple[str, str, bool], str] = {}
    for row in rows:
        if (since_ms is not None or until_ms is not None) and not _within(row, since_ms, until_ms):
            continue
        if row.status != "ok" and (policy.errors == "exclude" or not row.billed):
            excluded += row.rows
            continue
        cost = row.recorded_cost_usd
        recorded += cost or 0.0
        to = next((rule.to for rule in policy.rules if rule.when.matches(row)), KEEP)
        if to == KEEP:
            rows_kept += row.rows
            if cost is None:
                unpriced.append(row.id)
                unpriced_count += row.rows
                reasons["a kept row has no recorded cost"] = None
            else:
                kept += cost
                covered += cost
            continue
        rows_moved += row.rows
        tiers = () if plain[to] else _tiers(row, policy, to)
        way = (to, row.tokenizer, row.batch)
        why = known.get(way) if plain[to] else None
        if why is None:
            why = _unpriceable(row, policy, to, tiers)
            if plain[to]:
                known[way] = why
        if not row.counted:
            why = "a row's tokens are unknown"
        if why:
            unpriced.append(row.id)
            unpriced_count += row.rows
            reasons[why] = None
            continue
        covered += cost or 0.0
        sums_of = sums.setdefault((*way, tiers), [0.0] * 7)
        sums_of[0] += row.input_tokens
        sums_of[1] += row.cache_read_tokens
        sums_of[2] += row.cache_write_tokens
        sums_of[3] += row.cache_write_1h_tokens
        sums_of[4] += row.output_tokens
        sums_of[5] += row.reasoning_tokens
        sums_of[6] += row.rows
    lo, mid, hi = (_scenario(sums, policy, kept, which) for which in range(3))
    return Replay(
        recorded_usd=recorded,
        lo=lo,
        mid=mid,
        hi=hi,
        rows_kept=rows_kept,
        rows_moved=rows_moved,
        rows_excluded=excluded,
        unpriced_rows=tuple(unpriced),
        unpriced_count=unpriced_count,
        reasons=tuple(reasons),
        priced_share=covered / recorded if recorded else 1.0,
    )


def _within(row: Row, since_ms: int | None, until_ms: int | None) -> bool:
    if row.started_ms is None:
        raise ValueError(f"row {row.id} has no time, so it is in no window")
    return (since_ms is None or row.started_ms >= since_ms) and (
        until_ms is None or row.started_ms < until_ms
    )


def _has_tiers(target: Target) -> bool:
    return isinstance(target, ApiTarget) and target.card.long_context is not None


def _ratio(policy: Policy, source: str, target: str) -> Triple | None:
    return (1.0, 1.0, 1.0) if source == target else policy.ratios.get(f"{source}>{target}")


def _tiers(row: Row, policy: Policy, to: str) -> tuple[bool, ...]:
    """Whether the row is in the long-context tier, per scenario."""
    target = policy.targets[to]
    ratio = _ratio(policy, row.tokenizer, target.tokenizer)
    assert isinstance(target, ApiTarget) and target.card.long_context is not None
    if ratio is None:
        return ()
    threshold = target.card.long_context.threshold_tokens
    return tuple(row.prompt_tokens * factor > threshold for factor in ratio)


def _book(card: Card, batch: bool, tiers: Sequence[bool], which: int) -> Rates | None:
    long = card.long_context
    threshold = 0.0 if long is None else long.threshold_tokens
    prompt = threshold + 1 if tiers and tiers[which] else 0.0
    standard, batched = books(card, prompt)
    return batched if batch else standard


def _unpriceable(row: Row, policy: Policy, to: str, tiers: tuple[bool, ...]) -> str:
    """Why the row cannot be priced at its target; empty when it can."""
    target = policy.targets[to]
    if _ratio(policy, row.tokenizer, target.tokenizer) is None:
        return f"no token ratio from {row.tokenizer} to {target.tokenizer}"
    if isinstance(target, ApiTarget) and target.trouble:
        return target.trouble
    if isinstance(target, ApiTarget) and any(
        _book(target.card, row.batch, tiers, which) is None for which in range(3)
    ):
        return f"{to} publishes no batch price"
    return ""


def _scenario(
    sums: Mapping[_Key, Sequence[float]], policy: Policy, kept: float, which: int
) -> Scenario:
    api = energy = 0.0
    for (to, tokenizer, batch, tiers), tokens in sums.items():
        target = policy.targets[to]
        ratio = _ratio(policy, tokenizer, target.tokenizer)
        assert ratio is not None
        fresh, read, written, written_1h, out, thought, count = tokens
        if policy.reasoning == "drop" and not target.thinks:
            out -= thought
        if policy.cache == "none":
            fresh, read, written, written_1h = fresh + read + written + written_1h, 0.0, 0.0, 0.0
        out *= ratio[which] * policy.verbosity[which]
        fresh, read, written, written_1h = (
            bucket * ratio[which] for bucket in (fresh, read, written, written_1h)
        )
        if isinstance(target, SelfTarget):
            prompt = fresh + read + written + written_1h
            joules = prompt * target.joules_per_input_token + out * target.joules_per_output_token
            energy += joules / 3.6e6 * target.pue * target.usd_per_kwh
            continue
        card = target.card
        book = _book(card, batch, tiers, which)
        assert book is not None and book.input is not None and book.output is not None
        listed = fresh * book.input + out * book.output
        for bucket, price in (
            (read, book.cache_read),
            (written, book.cache_write),
            (written_1h, book.cache_write_1h),
        ):
            listed += bucket * (book.input if price is None else price)
        listed = listed / 1e6 + count * card.fee_per_request
        api += listed * (1 - card.discount) * (1 + card.tax_rate)
    fixed = 0.0
    if policy.allocation == "full":
        months = policy.window_days / policy.days_per_month
        fixed = months * sum(
            target.fixed_usd_per_month
            for target in policy.targets.values()
            if isinstance(target, SelfTarget)
        )
    return Scenario(
        total_usd=kept + api + energy + fixed,
        kept_usd=kept,
        moved_api_usd=api,
        moved_energy_usd=energy,
        fixed_usd=fixed,
    )
