"""How sums over rows were made, and the month's standing, step by step."""

from collections.abc import Iterator, Sequence

from console.core.budget import NEAR, PROJECTION, Level, Limit, Projection
from console.core.entry import Totals
from console.core.explain import Step, usd
from console.core.tier import Tier


def explain_sum(totals: Totals, tier: Tier) -> Iterator[Step]:
    """Every figure of a tier's sum, the rows it is made of, and those it leaves out."""
    ended = totals.requests - totals.in_flight

    def of(nano: int, missing: int, how: str) -> str:
        left_out = f"; {missing:,} rows left out" if missing else ""
        return f"{usd(totals.known(nano, missing))}  {how}{left_out}"

    yield Step("requests", f"{totals.requests:,}, of which {totals.in_flight:,} in flight")
    cached = f"{totals.cached_tokens:,} from a cache"
    yield Step("prompt", f"{totals.prompt_tokens:,} tokens, {cached}")
    yield Step("output", f"{totals.output_tokens:,} tokens")
    yield Step("estimated", f"{totals.estimated:,} of {ended:,} ended rows have estimated tokens")
    yield Step("uncounted", f"{totals.uncounted:,} rows whose tokens nobody knows")
    if totals.follow_ups:
        others = f"{totals.follow_ups:,} retries, fallbacks, sides of comparisons"
        yield Step("with others", others)
    if tier is Tier.API:
        yield Step("charged", of(totals.spent_nano, totals.unpriced, "tokens × price, by row"))
        if totals.unpriced:
            yield Step("unpriced", "add a [[prices]] table and run `llmconsole ledger reprice`")
        if totals.plan_calls:
            plan = f"{totals.plan_calls:,} requests at list prices nobody charged; not in charged"
            yield Step("by a plan", of(totals.plan_nano, totals.unpriced_plan, plan))
        return
    about = (
        f"joules × tariff: {totals.energy_measured:,} rows measured, "
        f"{totals.energy_allocated:,} allocated, {totals.energy_estimated:,} estimated"
    )
    yield Step("energy", of(totals.spent_nano, totals.unpriced, about))
    if totals.energy_error_nano:
        off = f"± {usd(totals.energy_error_nano)}, were every row off the same way"
        yield Step("  at most off by", off)
    loaded = of(totals.loaded_nano, totals.unloaded, "energy + hardware's share")
    yield Step("fully loaded", loaded)
    about = f"the same tokens at the api's price; {totals.api_too:,} rows it served too count 0"
    yield Step("at api prices", of(totals.shadow_nano, 0, about))
    yield Step("saved", of(totals.saved_nano, totals.unsaved, "at api prices − energy"))
    less = of(totals.saved_loaded_nano, totals.unsaved_loaded, "at api prices − fully loaded")
    yield Step("saved, loaded", less)


def explain_month(api: Totals, by: Projection | None, limits: Sequence[Limit]) -> Iterator[Step]:
    """The API's dollars of the month, where they are heading, and how each limit stands."""
    left_out = f"; {api.unpriced:,} rows without a price are left out" if api.unpriced else ""
    yield Step("month so far", f"{usd(api.spent_nano)} charged by the api{left_out}")
    if api.plan_calls:
        yield Step("by a plan", f"{usd(api.plan_nano)} at list prices nobody charged, not in it")
    if by is None or by.mean_nano is None or by.nano is None:
        yield Step("heading for", "unknown before one complete day of the ledger")
    else:
        days = "the day" if by.mean_days == 1 else f"the {by.mean_days} days"
        yield Step("complete days", usd(by.before_today))
        mean = f"{usd(by.mean_nano)}, the mean of {days} before it"
        yield Step(
            "today", f"{usd(by.today)} so far, counted as {usd(max(by.today, by.mean_nano))}"
        )
        yield Step("a day's mean", mean)
        yield Step("days left", f"{by.days_left} × {usd(by.mean_nano)}")
        yield Step("heading for", f"{usd(by.nano)}: {PROJECTION}")
    for limit in limits:
        spent = f"{usd(limit.spent_nano)} of {usd(limit.limit_nano)} is {limit.share:.1%}"
        yield Step(limit.name.removesuffix(" self-hosting"), f"{spent}: {_STATES[limit.level]}")


_STATES = {
    Level.PASSED: "passed",
    Level.NEAR: f"near, from {NEAR:.0%} on",
    Level.AHEAD: "not near yet, but where the month is heading is above it",
    Level.CLEAR: "clear",
}
