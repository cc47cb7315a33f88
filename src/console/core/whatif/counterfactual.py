"""The replay's ready-made policies, where their rows must be told apart, and sums of replays."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from math import floor
from typing import Any

from console.core.tier import Tier
from console.core.verdict import COMPARED
from console.core.whatif.breakeven import lines
from console.core.whatif.built_in import PRICES
from console.core.whatif.inputs import EnergyModel
from console.core.whatif.offer import family, ratios_between
from console.core.whatif.policy import (
    KEEP,
    ApiTarget,
    Arrival,
    Policy,
    Rule,
    SelfTarget,
    When,
)
from console.core.whatif.replay import Replay, Scenario
from console.core.whatif.rig import capacity, rig, seconds_per_attempt
from console.core.whatif.sheet import Sheet

SHORT_PROMPT = 1000.0
"""Prompt tokens up to which the policy `short-local` keeps a request on the rig."""

READY = ("recorded", "all-api", "all-local", "short-local")
"""The policies that need no file."""

WORDS = {
    "recorded": "as it was recorded",
    "all-api": "everything at {api}",
    "all-local": "everything on the rig",
    "short-local": "prompts up to 1,000 tokens on the rig, the rest at {api}",
}


def ready_policy(name: str, sheet: Sheet, local_model: str) -> Policy:
    """One of the ready-made policies, with the sheet's API model and rig.

    Raises ValueError for another name.
    """
    # A comparison is asked of both tiers on purpose, whatever the policy.
    compared = Rule(When(tag=COMPARED), KEEP)
    rules: dict[str, tuple[Rule, ...]] = {
        "recorded": (Rule(When(), KEEP),),
        "all-api": (compared, Rule(When(), "api")),
        "all-local": (compared, Rule(When(), "own")),
        "short-local": (
            compared,
            Rule(When(prompt_tokens_lte=SHORT_PROMPT), "own"),
            Rule(When(), "api"),
        ),
    }
    if name not in rules:
        raise ValueError(f"{name} is no policy; there are {', '.join(READY)}, or a file")
    return Policy(
        rules=rules[name],
        targets={"api": api_target(sheet), "own": own_target(sheet, local_model)},
        ratios=ratios_between(),
    )


def api_target(sheet: Sheet) -> ApiTarget:
    """The sheet's API model; a replay's tokens are the rows' own, not the card's estimate.

    A price the operator typed is theirs on every day.
    """
    typed = any(name in sheet.scenario.changes for name in (f"api.{price}" for price in PRICES))
    return ApiTarget(
        tokenizer=family(sheet.offer.listing.model),
        card=sheet.case.inputs.api,
        listed="" if typed else sheet.offer.key,
    )


def own_target(sheet: Sheet, local_model: str) -> SelfTarget:
    """The sheet's rig: its energy by token, and what it costs whether it is used or not.

    Of a power curve the energy per token is what the sheet's mean request takes above idle.
    """
    w, s = sheet.case.counted.workload, sheet.case.counted.self_host
    joules_in, joules_out = s.joules_per_input_token, s.joules_per_output_token
    size = capacity(w, s)
    if s.energy_model is EnergyModel.POWER_CURVE:
        kwh = rig(w, s, size.seconds_per_attempt).energy_kwh.per_attempt
        tokens = w.input_tokens + w.output_tokens
        joules_in = joules_out = kwh * 3.6e6 / s.pue / tokens if tokens else 0.0
    both = lines(sheet.case.counted)
    return SelfTarget(
        tokenizer=family(local_model),
        joules_per_input_token=joules_in,
        joules_per_output_token=joules_out,
        pue=s.pue,
        usd_per_kwh=s.usd_per_kwh,
        fixed_usd_per_month=both.base + size.replicas * both.step,
    )


def service_on_rig(sheet: Sheet, policy: Policy) -> Callable[[Arrival], float | None]:
    """The replica-seconds of a request on the sheet's rig by its own tokens; None is not there.

    It is there where the policy sends it to the rig or leaves it on it. Where the rig is known by
    requests a second alone, every request takes as long.
    """
    w, s = sheet.case.inputs.workload, sheet.case.inputs.self_host
    of_each = None
    if s.prefill_tok_s is None or s.decode_tok_s is None or s.replica_rps is not None:
        of_each = seconds_per_attempt(w, s)
    by_prompt = any(
        bound is not None
        for rule in policy.rules
        for bound in (rule.when.prompt_tokens_lte, rule.when.prompt_tokens_gt)
    )
    known: dict[tuple[str, str, str | None], float | None] = {}

    def ratio(row: Arrival) -> float | None:
        """Its tokens on the rig for one of its own; None where it is not there."""
        to = next((rule.to for rule in policy.rules if rule.when.matches(row)), KEEP)
        if to == KEEP:
            return 1.0 if row.route == Tier.LOCAL else None
        target, source = policy.targets[to], family(row.model)
        if not isinstance(target, SelfTarget):
            return None
        return policy.ratios.get(f"{source}>{target.tokenizer}", (1.0, 1.0, 1.0))[1]

    def service(row: Arrival) -> float | None:
        kind = (row.route, row.model, row.tag)
        if by_prompt or kind not in known:
            known[kind] = ratio(row)
        tokens = known[kind]
        if tokens is None or of_each is not None:
            return None if tokens is None else of_each
        assert s.prefill_tok_s is not None and s.decode_tok_s is not None
        fresh = row.prompt_tokens * (1 - s.prefix_cache_hit)
        return tokens * (fresh / s.prefill_tok_s + row.output_tokens / s.decode_tok_s)

    return service


def cuts(policy: Policy, families: Iterable[str]) -> list[int]:
    """The numbers of prompt tokens at which a row's rule or price may change."""
    found = set()
    for rule in policy.rules:
        for bound in (rule.when.prompt_tokens_lte, rule.when.prompt_tokens_gt):
            if bound is not None:
                found.add(floor(bound))
    for target in policy.targets.values():
        if not isinstance(target, ApiTarget) or target.card.long_context is None:
            continue
        threshold = target.card.long_context.threshold_tokens
        for source in families:
            ratio = (1.0, 1.0, 1.0)
            if source != target.tokenizer:
                ratio = policy.ratios.get(f"{source}>{target.tokenizer}", ratio)
            found |= {_largest(threshold, factor) for factor in ratio}
    return sorted(found)


def _largest(threshold: float, factor: float) -> int:
    """The most whole tokens that times the factor do not pass the threshold."""
    most = floor(threshold / factor) + 1
    while most * factor > threshold:
        most -= 1
    return most


def added(replays: Iterable[Replay]) -> Replay:
    """The replay of several stretches of time together.

    Raises ValueError when there is none.
    """
    found = list(replays)
    if not found:
        raise ValueError("there is nothing to replay")
    recorded = sum(each.recorded_usd for each in found)
    covered = sum(each.recorded_usd * each.priced_share for each in found)
    return Replay(
        recorded_usd=recorded,
        lo=_sum(each.lo for each in found),
        mid=_sum(each.mid for each in found),
        hi=_sum(each.hi for each in found),
        rows_kept=sum(each.rows_kept for each in found),
        rows_moved=sum(each.rows_moved for each in found),
        rows_excluded=sum(each.rows_excluded for each in found),
        unpriced_rows=tuple(row for each in found for row in each.unpriced_rows),
        unpriced_count=sum(each.unpriced_count for each in found),
        reasons=tuple(dict.fromkeys(reason for each in found for reason in each.reasons)),
        priced_share=covered / recorded if recorded else 1.0,
    )


def _sum(scenarios: Iterable[Scenario]) -> Scenario:
    parts = list(scenarios)
    names = [each.name for each in fields(Scenario)]
    return Scenario(**{name: sum(getattr(part, name) for part in parts) for name in names})


def with_reading(policy: Policy, sheet: Sheet, *, full: bool, window_days: float) -> Policy:
    """The policy for a window; with `full` the rig's fixed costs are in it too."""
    return replace(
        policy,
        allocation="full" if full else "marginal",
        window_days=window_days,
        days_per_month=sheet.case.inputs.workload.days_per_month,
    )


def used_targets(policy: Policy) -> Policy:
    """The policy without targets that no rule sends anything to, so that they cost nothing."""
    wanted = {rule.to for rule in policy.rules}
    targets: Mapping[str, Any] = {
        name: target for name, target in policy.targets.items() if name in wanted
    }
    return replace(policy, targets=targets)
