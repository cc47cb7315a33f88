"""How many tokens one tokenizer makes of another's, measured on prompts that both have counted."""

from collections.abc import Sequence
from random import Random

from console.core.whatif.distribution import interval
from console.core.whatif.measured import Measured
from console.core.whatif.offer import family, token_ratio
from console.core.whatif.origin import Origin, Source
from console.core.whatif.traffic import PairOf

LEAST_PAIRS = 20
"""Compared prompts below which a ratio is better assumed than measured."""

_RESAMPLES = 300


def calibrated(pairs: Sequence[PairOf], model: str) -> dict[str, Measured]:
    """The API model's tokens for one reference token, from compared prompts of its family.

    The local side's tokens are turned into the reference by its own family's ratio. Replies differ,
    so the prompt's ratio stands for them too. Empty with fewer prompts than `LEAST_PAIRS`.
    """
    known = _known(pairs, model)
    if len(known) < LEAST_PAIRS:
        return {}
    random = Random(1)
    again = interval([_ratio(random.choices(known, k=len(known))) for _ in range(_RESAMPLES)])
    text = f"{len(known):,} compared prompts that both tokenizers counted"
    source = Source(Origin.MEASURED, text, again.p5, again.p95)
    replies = source._replace(text=f"{text}; replies taken as the prompts")
    ratio = _ratio(known)
    return {
        "api.tokenizer_ratio_in": Measured(ratio, source),
        "api.tokenizer_ratio_out": Measured(ratio, replies),
    }


def uncalibrated(pairs: Sequence[PairOf], model: str) -> str:
    """Why the ratio is an assumption, and what would measure it."""
    known = len(_known(pairs, model))
    return f"{LEAST_PAIRS} compared prompts measure it ({known} so far): llmconsole compare"


def _known(pairs: Sequence[PairOf], model: str) -> list[tuple[float, float]]:
    """The tokens of each prompt at a model of the family, and in the reference tokenizer."""
    return [
        (pair.api_tokens, pair.local_tokens / token_ratio(pair.local_model)[1])
        for pair in pairs
        if family(pair.api_model) == family(model)
    ]


def _ratio(pairs: Sequence[tuple[float, float]]) -> float:
    return sum(paid for paid, _ in pairs) / sum(reference for _, reference in pairs)
