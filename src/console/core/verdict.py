"""What the operator said of two replies to one prompt, before knowing who wrote them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from console.core.tier import Tier

COMPARED = "compare"
"""The ledger's label of both rows of a pair; their `parent` is the pair's id."""


class Judgement(StrEnum):
    """Which of the two replies, A or B, is the better one."""

    A = "a"
    B = "b"
    TIE = "tie"
    BOTH_BAD = "both bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One blind comparison: two ledger rows that answered one prompt, and which was better.

    `a` and `b` are the rows' ids; `a_tier` served A, the other tier B. `features` describe the
    prompt in the terms of the router's score, by the version of their definition; the prompt's
    text is there only where the operator lets conversations be stored.
    """

    pair: str
    a: str
    b: str
    a_tier: Tier
    judgement: Judgement
    at_ms: int
    prompt_hash: str
    features: Mapping[str, Any] | None = None
    features_version: int | None = None
    prompt: str | None = None

    @property
    def winner(self) -> Tier | None:
        """The tier whose reply was better; None when neither was."""
        match self.judgement:
            case Judgement.A:
                return self.a_tier
            case Judgement.B:
                return self.a_tier.other
        return None

    @property
    def qualities(self) -> dict[Tier, float]:
        """Quality of each tier's reply, 0 to 1, as a label for the router's fit."""
        if self.winner is None:
            both = 1.0 if self.judgement is Judgement.TIE else 0.0
            return dict.fromkeys(Tier, both)
        return {tier: float(tier is self.winner) for tier in Tier}


def hash_of(prompt: str) -> str:
    """A short fingerprint of a prompt: tells whether two are the same, not what it said."""
    from hashlib import sha256

    return sha256(prompt.encode(errors="replace")).hexdigest()[:16]
