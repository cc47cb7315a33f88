"""Which tier serves a request, and why, in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from console.core.chat import Image, Prompt, Turn
from console.core.tier import Tier

CONTEXT_LIMIT = 4_000
"""Characters of context above which the founding rule calls a request complex."""

COMPLEX_WORDS = (
    "analyze",
    "synthesize",
    "compare",
    "evaluate",
    "strategy",
    "recommend",
    "complex",
    "nuanced",
)
"""Words that make a request complex wherever they stand in the task, in any case."""

EVERYWHERE = frozenset(Tier)
LOCAL_ONLY = frozenset({Tier.LOCAL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A task, and all that travels with it.

    `attachments` is the text of files and pastes, `images` the pictures among them; `history` the
    conversation's earlier turns. `paths` are all files that travel along, the history's too.
    `pinned` says in words why this must stay on the box (None: it need not).
    `forced` is the tier the operator asked for by hand.
    """

    task: str
    attachments: str = ""
    history: tuple[Turn, ...] = ()
    images: tuple[Image, ...] = ()
    paths: tuple[str, ...] = ()
    pinned: str | None = None
    forced: Tier | None = None

    @property
    def context_chars(self) -> int:
        """Characters that travel with the task."""
        return len(self.attachments) + sum(len(turn.text) for turn in self.history)

    @property
    def vision(self) -> bool:
        """Whether a picture travels, with the task or in the history."""
        return bool(self.images) or any(turn.images for turn in self.history)

    @property
    def message(self) -> str:
        """The text of the new turn: the task, then its context if there is one."""
        if not self.attachments:
            return self.task
        return f"{self.task}\n\nContext: {self.attachments}"

    @property
    def turn(self) -> Turn:
        """The new turn, as it is sent and kept."""
        return Turn("user", self.message, self.images, self.paths)

    def prompt(self, system: str | None = None) -> Prompt:
        """What is sent to the chosen tier."""
        return Prompt(turns=(*self.history, self.turn), system=system)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The chosen tier, the tiers that were allowed at all, and the reasons in order.

    `tier` is None when nothing may serve the request. `reason` is the deciding reason, short
    enough for a ledger row.
    """

    tier: Tier | None
    allowed: frozenset[Tier]
    policy: str
    reason: str
    reasons: Sequence[str] = ()


def decide(
    request: Request, policy: str = "article", *, local_elsewhere: str | None = None
) -> Decision:
    """Choose a tier: what must stay, then the operator's word, then the policy.

    Later steps can only choose among `allowed`, which the first step computes once.
    `local_elsewhere` says why the local tier is not on the operator's machines, if it is not:
    then nothing may serve what must stay.
    """
    allowed = LOCAL_ONLY if request.pinned else EVERYWHERE
    if request.pinned:
        stays = f"pinned: {request.pinned}"
        if local_elsewhere:
            return Decision(
                tier=None,
                allowed=frozenset(),
                policy=policy,
                reason=f"refused: pinned to local, but {local_elsewhere}",
                reasons=(stays, local_elsewhere),
            )
        if request.forced is Tier.API:
            return Decision(
                tier=None,
                allowed=allowed,
                policy=policy,
                reason="refused: api asked for, but the conversation is pinned to local",
                reasons=(stays, "the operator asked for api; unpin first"),
            )
        return Decision(
            tier=Tier.LOCAL, allowed=allowed, policy=policy, reason=stays, reasons=(stays,)
        )
    if request.forced is not None:
        by_hand = f"by hand: {request.forced}"
        return Decision(
            tier=request.forced, allowed=allowed, policy=policy, reason=by_hand, reasons=(by_hand,)
        )
    tier, reason = POLICIES[policy](request)
    return Decision(tier=tier, allowed=allowed, policy=policy, reason=reason, reasons=(reason,))


def article(request: Request) -> tuple[Tier, str]:
    """The founding rule: long context or one of eight words is complex, anything else routine."""
    if request.context_chars > CONTEXT_LIMIT:
        return (
            Tier.API,
            f"complex: context of {request.context_chars:,} characters, over {CONTEXT_LIMIT:,}",
        )
    task = request.task.lower()
    word = next((word for word in COMPLEX_WORDS if word in task), None)
    if word is not None:
        return Tier.API, f'complex: "{word}"'
    return Tier.LOCAL, "routine"


def local_only(request: Request) -> tuple[Tier, str]:
    """Everything is served on the box."""
    return Tier.LOCAL, "policy local-only"


def api_only(request: Request) -> tuple[Tier, str]:
    """Everything that may leave is served by the API."""
    return Tier.API, "policy api-only"


POLICIES = {"article": article, "local-only": local_only, "api-only": api_only}
"""Policies by the name they have in the configuration."""
