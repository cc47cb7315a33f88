"""Prompts scored in bulk."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from console.core.score.cascade import cascade
from console.core.score.dollars import CallPrice
from console.core.score.features import VERSION, Features
from console.core.score.label import Label, Question
from console.core.score.model import Model
from console.core.score.score import Score, score
from console.core.score.threshold import ShareControl
from console.core.tier import Tier
from console.core.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Scored:
    """A prompt's score, its predicted gain per dollar, and where the threshold sends it."""

    id: str
    score: Score
    value_per_usd: float
    decision: Tier


def score_all(
    questions: Sequence[Question],
    model: Model | None,
    price: CallPrice,
    share: float,
    *,
    by_agreement: bool = False,
) -> Iterator[Scored]:
    """Score prompts in order, as a stream whose API share is held."""
    control = ShareControl(share, model.scores if model and not by_agreement else ())
    for question in questions:
        found = score(question.prompt, model)
        value = found.per_usd(price)
        if by_agreement:
            found = cascade(found, question)
        tier = Tier.API if control.take(found.value) else Tier.LOCAL
        yield Scored(question.id, found, value, tier)


FEWEST_VERDICTS = 300
"""Blind verdicts below which a fit is no better than the length of the prompts."""


def labels_of(verdicts: Sequence[Verdict]) -> list[Label]:
    """Labels from blind verdicts whose features are of the present version.

    Raises ValueError with a sentence where they are too few.
    """
    labels = []
    for verdict in verdicts:
        if verdict.features is None or verdict.features_version != VERSION:
            continue
        labels.append(
            Label(
                question=Question(id=verdict.pair, prompt=verdict.prompt or ""),
                features=Features.restored(verdict.features),
                group=verdict.prompt_hash,
                weak=verdict.qualities[Tier.LOCAL],
                strong=verdict.qualities[Tier.API],
            )
        )
    if len(labels) < FEWEST_VERDICTS:
        raise ValueError(
            f"The ledger has {len(labels)} blind verdicts to learn from; "
            f"{FEWEST_VERDICTS} is the least. Compare more prompts on both tiers."
        )
    return labels
