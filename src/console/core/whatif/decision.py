"""The decision panel: the ten rows of the table and the six dimensions, for this workload.

A row is decided by the numbers, with their interval, or it is the operator's judgement: that is
shown and never scored. A mandatory row overrides everything.
"""

from collections.abc import Mapping
from typing import NamedTuple

from console.core.whatif.alternatives import Results, Role
from console.core.whatif.distribution import Interval, draws_share
from console.core.whatif.fields import Value
from console.core.whatif.origin import Origin, Source
from console.core.whatif.spread import Spread

API_BELOW, OWN_ABOVE = 1_000.0, 10_000.0
"""The table's volumes, requests a day."""


class Ruling(NamedTuple):
    """One row or dimension: what it asks, who decides it (numbers, you, mandatory), and how."""

    subject: str
    by: str
    verdict: str
    mandatory: bool = False


_ASKED = (
    ("sensitive", "data that cannot leave", "local, mandatory"),
    ("fine_tuning", "fine-tuning needed", "open model"),
    ("complex", "complex reasoning", "API"),
    ("extraction", "coding, extraction, summarising", "open model"),
    ("multilingual", "multilingual", "open model (Qwen) or API"),
    ("vision", "vision", "API"),
    ("inspection", "inspection of weights", "open model"),
    ("prototyping", "prototyping, small team", "API"),
)


def table(results: Results, spread: Spread | None) -> list[Ruling]:
    """The ten rows, the mandatory one first."""
    answers = results.sheet.stated
    q, source = volume(results)
    judged = [_judged(answers, *each) for each in _ASKED]
    volumes = [
        Ruling("under 1,000 requests a day → API", "numbers", _below(q, source, API_BELOW)),
        Ruling(
            "over 10,000 a day → own rig",
            "numbers",
            f"{_above(q, source, OWN_ABOVE)}; {crossing(results, spread)}",
        ),
    ]
    return [judged[0], *volumes, *judged[1:]]


def volume(results: Results) -> tuple[float, Source]:
    """The sheet's requests a day and how they are known."""
    q = results.sheet.case.inputs.workload.requests_per_day
    return q, results.sheet.source("workload.requests_per_day")


def _judged(answers: Mapping[str, Value], name: str, subject: str, to: str) -> Ruling:
    answer = answers.get(f"needs.{name}", "open")
    mandatory = name == "sensitive"
    if answer == "yes":
        by = "mandatory" if mandatory else "you: yes"
        return Ruling(f"{subject} → {to}", by, "overrides all" if mandatory else to, mandatory)
    return Ruling(
        f"{subject} → {to}",
        "you: no" if answer == "no" else "yours to judge",
        "does not apply" if answer == "no" else "",
    )


def _spread_of(q: float, source: Source) -> tuple[float, float]:
    low = q if source.low is None else source.low
    return low, q if source.high is None else source.high


def _words(q: float, source: Source) -> str:
    low, high = _spread_of(q, source)
    span = f" [{low:,.0f}–{high:,.0f}]" if low < high else ""
    how = "measured " if source.origin is Origin.MEASURED else ""
    return f"{how}{q:,.0f}{span}"


def _below(q: float, source: Source, bound: float) -> str:
    low, high = _spread_of(q, source)
    if high < bound:
        return f"applies: {_words(q, source)}"
    return f"{'open' if low < bound else 'does not apply'}: {_words(q, source)}"


def _above(q: float, source: Source, bound: float) -> str:
    low, high = _spread_of(q, source)
    if low > bound:
        return f"applies: {_words(q, source)}"
    return f"{'open' if high > bound else 'does not apply'}: {_words(q, source)}"


def crossing(results: Results, spread: Spread | None) -> str:
    """Where this workload's own first crossover lies, with its interval."""
    duel = results.duels[0]
    known = spread.duels.get(duel.key) if spread is not None else None
    first = duel.breakeven.first
    if first is None:
        return f"here {duel.verdict}"
    if known is None or not known.crossings:
        return "its interval is being computed"
    at = known.crossings[0].at
    return f"here at {first.requests_per_day:,.0f} [{at.p5:,.0f}–{at.p95:,.0f}]"


def dimensions(results: Results, spread: Spread | None) -> list[Ruling]:
    """The six dimensions: cost and overhead and dependency in figures, the rest judgement."""
    answers = results.sheet.stated
    own, first = results.own, results.sheet.offer.listing.short
    quality = "the rig's model and the API's are not equal; try your own evaluations"
    ops = own.ops_usd
    custom = [name for name in ("fine_tuning", "inspection") if answers[f"needs.{name}"] == "yes"]
    return [
        Ruling("capability", "yours to judge", quality),
        Ruling("cost", "numbers", cost(results, spread)),
        Ruling(
            "privacy and residency",
            "mandatory" if answers["needs.sensitive"] == "yes" else "yours to judge",
            "served locally, always" if answers["needs.sensitive"] == "yes" else
            f"with {first} every prompt leaves the box",
            answers["needs.sensitive"] == "yes",
        ),
        Ruling(
            "customisability",
            "yours to judge",
            "you need it: only open weights give it" if custom else
            "open weights can be tuned and inspected",
        ),
        Ruling(
            "operational overhead",
            "numbers",
            f"the rig takes {_ops_hours(results):g} hours a month, ${ops:,.0f}",
        ),
        Ruling("vendor dependency", "numbers", _dependency(results)),
    ]  # fmt: skip


def _ops_hours(results: Results) -> float:
    s = results.sheet.case.inputs.self_host
    return float(s.ops_hours_fixed + s.ops_hours_per_replica * results.own.replicas)


def _dependency(results: Results) -> str:
    share = results.sheet.source("hybrid.share_self")
    value = float(results.sheet.case.hybrid.share_self)
    if share.origin is Origin.MEASURED:
        return f"{1 - value:.0%} of your requests went to the API (measured)"
    models = sum(each.role is Role.API for each in results.alternatives)
    return f"all of it with the API alone; {models} closed models compared here"


def cost(results: Results, spread: Spread | None) -> str:
    """Which side is cheaper, by how much, and how sure that is."""
    duel = results.duels[0]
    if results.saving_usd is None:
        return "the rig cannot carry the peak"
    known = spread.duels.get(duel.key) if spread is not None else None
    side = "rig" if results.saving_usd > 0 else duel.name
    words = f"{side} by ${abs(results.saving_usd):,.0f} a month"
    if known is None or known.saving is None:
        return words
    share = known.p_saving if results.saving_usd > 0 else 1 - known.p_saving
    return f"{words} {span_usd(known.saving, results.saving_usd)}, in {draws_share(share)} of draws"


def span_usd(of: Interval, sign: float = 1.0) -> str:
    """An interval of dollars, in the direction of the answer."""
    low, high = (of.p5, of.p95) if sign > 0 else (-of.p95, -of.p5)
    return f"[{low:,.0f}–{high:,.0f}]" if low >= 0 else f"[{low:,.0f} to {high:,.0f}]"


def verdict(results: Results, spread: Spread | None) -> str:
    """The panel in one sentence."""
    if results.sheet.stated["needs.sensitive"] == "yes":
        return "Local: the data cannot leave, whatever the figures say."
    duel = results.duels[0]
    known = spread.duels.get(duel.key) if spread is not None else None
    if results.saving_usd is None:
        return f"{duel.name}: the rig cannot carry the peak."
    if known is None:
        return "The interval is being computed."
    if known.p_saving >= 0.95:
        return f"The numbers decide: the rig is cheaper than {duel.name}; the rest is judgement."
    if known.p_saving <= 0.05:
        return f"The numbers decide: {duel.name} is cheaper than the rig; the rest is judgement."
    return (
        f"The numbers do not decide: the rig is cheaper in {draws_share(known.p_saving)} of draws; "
        "the rest is judgement."
    )
