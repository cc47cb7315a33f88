"""The order of decision.

Privacy, the operator's override, capability, the operator's rules, the policy, budget, health, and
where it is set the cascade: what may serve is computed by the first and can only shrink after it.
"""

from console.core.routing import gate
from console.core.routing.allowed import Allowed
from console.core.routing.capability import lack
from console.core.routing.cascade import prospect
from console.core.routing.decision import Decision, Step
from console.core.routing.gate import Purpose
from console.core.routing.policies import CHOOSERS, Choice
from console.core.routing.policy import Policy
from console.core.routing.privacy import UNSEEN, Look, guard, must_stay
from console.core.routing.request import Request
from console.core.routing.rules import why_it_holds
from console.core.routing.situation import Situation
from console.core.tier import Tier

_DEFAULT, _UNKNOWN = Policy(), Situation()


def decide(
    request: Request,
    policy: Policy = _DEFAULT,
    now: Situation = _UNKNOWN,
    *,
    system: str | None = None,
    look: Look = guard,
    purpose: Purpose = Purpose.OVERRIDE,
) -> Decision:
    """Where a request goes, and every step on the way; `system` is the system prompt with it.

    `purpose` is what a tier asked for by hand is asked for.
    """
    pin = must_stay(request, system, now.tag, policy.marks, look)
    way = _Way(policy.name, pin, purpose)
    try:
        _privacy(way, request, now)
        _override(way, request)
        _capability(way, request, system, now)
        _rules(way, request, policy, now)
        _choose(way, request, policy, now)
        _budget(way, now)
        _health(way, policy, now)
        _cascade(way, request, policy, now)
    except _Refused as refusal:
        return way.refused(refusal.reason)
    return way.decided(policy.fallback)


class _Refused(Exception):
    """Nothing may serve the request."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Way:
    """A decision on its way; nothing here can make `allowed` larger."""

    def __init__(self, policy: str, pin: str | None, purpose: Purpose) -> None:
        self.policy = policy
        self.pin = pin
        self.purpose = purpose
        self.steps: list[Step] = []
        self.choice: Choice | None = None
        self.by_hand = False
        self.lack: str | None = None
        self.rule_model: str | None = None
        self._allowed = Allowed(on_the_box=pin is not None)

    @property
    def allowed(self) -> Allowed:
        """The tiers that may serve now."""
        return self._allowed

    def keep(self, allowed: Allowed) -> None:
        """Narrow what may serve."""
        self._allowed = self._allowed.within(allowed)

    def note(self, name: str, words: str, chose: Tier | None = None) -> None:
        """Add a step, with what is allowed after it."""
        self.steps.append(Step(name, words, self._allowed, chose))

    def decided(self, fallback: tuple[Tier, ...]) -> Decision:
        """The decision for the chosen tier."""
        assert self.choice is not None
        choice = self.choice
        other = choice.tier.other
        may_fall = other in fallback and not self.by_hand
        may_fall = may_fall and gate.permits(Purpose.FALLBACK, self._allowed, other)
        return Decision(
            tier=choice.tier,
            model=self.rule_model,
            allowed=self._allowed,
            policy=self.policy,
            reason=choice.reason,
            steps=tuple(self.steps),
            fallback=other if may_fall else None,
            pin=self.pin,
            score=choice.score,
            threshold=choice.threshold,
            counterfactual=choice.counterfactual,
        )

    def refused(self, reason: str) -> Decision:
        """The decision that nothing may serve."""
        return Decision(
            tier=None,
            allowed=self._allowed,
            policy=self.policy,
            reason=f"refused: {reason}",
            steps=tuple(self.steps),
            pin=self.pin,
            counterfactual="only unpinned, with a reason, may it leave" if self.pin else "",
        )


def _privacy(way: _Way, request: Request, now: Situation) -> None:
    if way.pin is None:
        images = "; an image is not looked into" if request.vision else ""
        way.note("privacy", f"nothing found that must stay ({UNSEEN}{images})")
        return
    way.note("privacy", f"pinned: {way.pin}")
    if now.local_elsewhere is not None:
        way.keep(way.allowed.without(Tier.LOCAL))
        way.note("privacy", now.local_elsewhere)
        raise _Refused(f"pinned to local, but {now.local_elsewhere}")


def _override(way: _Way, request: Request) -> None:
    forced = request.forced
    if forced is None:
        way.note("override", "none: the router chooses")
        return
    if not gate.permits(way.purpose, way.allowed, forced):
        way.note("override", f"{forced} is asked for by hand; unpin first, with a reason")
        raise _Refused(f"{forced} asked for, but the conversation is pinned to local ({way.pin})")
    way.by_hand = True
    reason = f"pinned: {way.pin}" if way.pin else f"by hand: {forced}"
    way.choice = Choice(forced, reason)
    way.note("override", f"by hand: {forced}", forced)


def _capability(way: _Way, request: Request, system: str | None, now: Situation) -> None:
    forced = way.choice.tier if way.choice is not None else None
    asked = tuple(way.allowed) if forced is None else (forced,)
    lacks = {
        tier: missing for tier in asked if (missing := lack(request, system, now.footing(tier)))
    }
    words = "; ".join(f"{tier}: {missing.words}" for tier, missing in lacks.items())
    for tier, missing in lacks.items():
        if missing.sure or len(lacks) < len(asked):
            way.keep(way.allowed.without(tier))
    way.note("capability", words or "all that may serve it can")
    if not way.allowed or any(tier is forced and lacks[tier].sure for tier in lacks):
        stays = f"pinned to local ({way.pin}), but " if way.pin else ""
        raise _Refused(f"{stays}{words}")
    way.lack = words or None


def _rules(way: _Way, request: Request, policy: Policy, now: Situation) -> None:
    for rule in policy.rules:
        why = why_it_holds(rule, request, now)
        if why is None:
            continue
        if rule.tier not in way.allowed:
            words = f"asks for {rule.tier}, which may not serve"
            way.note("rules", f'rule "{rule.name}" ({why}) {words}')
            continue
        if way.by_hand:
            way.note("rules", f'rule "{rule.name}" gives way to the choice by hand')
            return
        way.rule_model = rule.model
        if not way.pin:
            other = _chosen(request, policy, now)
            words = f"without this rule: {other.tier}, {other.reason}"
            way.choice = Choice(rule.tier, f"rule {rule.name}: {why}", words)
        if rule.tier is Tier.LOCAL:
            # Who writes a rule for the box means it: no fallback may carry the request away.
            way.keep(way.allowed.only(Tier.LOCAL))
        way.note("rules", f'rule "{rule.name}": {why}', rule.tier)
        return
    way.note("rules", "none matches" if policy.rules else "none")


def _choose(way: _Way, request: Request, policy: Policy, now: Situation) -> None:
    if way.choice is not None:
        if not way.by_hand and _chosen(request, policy, now).only:
            # A rule decided; what it leaves over is still held to a policy of one tier.
            way.keep(way.allowed.only(way.choice.tier))
        if way.by_hand and not way.pin:
            other = _chosen(request, policy, now)
            words = f"on auto it would go to {other.tier}: {other.reason}"
            way.choice = way.choice._replace(counterfactual=words)
        return
    if way.pin is not None:
        free = _chosen(request, policy, now)
        way.choice = Choice(
            Tier.LOCAL,
            f"pinned: {way.pin}",
            f"unpinned it would go to {free.tier}: {free.reason}",
        )
        way.note("policy", f"{policy.name} has no say: only local may serve", Tier.LOCAL)
        return
    chosen = CHOOSERS[policy.name](request, policy, now)
    if chosen.tier not in way.allowed:
        if chosen.only:
            way.note("policy", chosen.reason)
            raise _Refused(f"{chosen.reason}, but {way.lack}")
        words = f"could {chosen.tier} serve it: {chosen.tier}, {chosen.reason}"
        chosen = Choice(chosen.tier.other, way.lack or f"{chosen.tier} may not serve it", words)
    if chosen.only:
        way.keep(way.allowed.only(chosen.tier))
    way.choice = chosen
    way.note("score" if chosen.score else "policy", f"{policy.name}: {chosen.reason}", chosen.tier)


def _chosen(request: Request, policy: Policy, now: Situation) -> Choice:
    """What the policy alone would say; a share that is held does not count it."""
    weighing = now.weighing
    if weighing is not None:
        limit = weighing.threshold
        still = weighing._replace(take=lambda value: limit is None or value > limit)
        now = now._replace(weighing=still)
    return CHOOSERS[policy.name](request, policy, now)


def _budget(way: _Way, now: Situation) -> None:
    assert way.choice is not None
    spent = next((each for each in now.budgets if each.spent_nano >= each.limit_nano), None)
    if spent is None:
        way.note("budget", "within it" if now.budgets else "none is set")
        return
    words = f"the {spent.name} of ${spent.limit_nano / 1e9:,.2f} is spent"
    if way.choice.tier is Tier.API and way.by_hand:
        way.choice = way.choice._replace(reason=f"{way.choice.reason}, over the {spent.name}")
        way.note("budget", f"{words}; by hand all the same")
        return
    if Tier.LOCAL not in way.allowed:
        way.note("budget", words)
        raise _Refused(f"{words}, and local cannot serve it")
    way.keep(way.allowed.without(Tier.API))
    if way.choice.tier is Tier.API:
        before = way.choice.reason
        way.choice = Choice(Tier.LOCAL, words, f"within the budget: api, {before}")
        way.rule_model = None
        way.note("budget", words, Tier.LOCAL)
        return
    way.note("budget", f"{words}: local only")


def _health(way: _Way, policy: Policy, now: Situation) -> None:
    assert way.choice is not None
    tier = way.choice.tier
    down = now.footing(tier).down
    if down is None:
        way.note("health", f"{tier} is well, as far as is known")
        return
    other = tier.other
    steps_in = other in policy.fallback and other in way.allowed and not way.by_hand
    if not steps_in or now.footing(other).down is not None:
        way.note("health", f"{tier}: {down}; nothing else may serve it")
        return
    before = way.choice.reason
    way.choice = Choice(other, f"{tier} is down: {down}", f"were {tier} well: {tier}, {before}")
    way.rule_model = None
    way.note("health", f"{tier}: {down}", other)


def _cascade(way: _Way, request: Request, policy: Policy, now: Situation) -> None:
    if policy.cascade is None:
        return
    assert way.choice is not None
    tier = way.choice.tier
    model = way.rule_model or now.footing(tier).model
    ahead = prospect(request, policy.cascade, tier=tier, model=model, allowed=way.allowed)
    way.note("cascade", ahead.words)
