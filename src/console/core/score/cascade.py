"""A score that also knows whether two local models agree on the answer."""

from dataclasses import replace
from math import fsum

from console.core.answers import agree
from console.core.score.label import Question
from console.core.score.score import Part, Score

_AGREEMENT = {
    True: Part("both local models agree", 0.0),
    None: Part("the local answers cannot be compared", 0.5),
    False: Part("the local models disagree", 1.0),
}
_ORDERS = 0.2
"""How far the prompt's own score reaches: it orders what agreement leaves equal."""


def cascade(found: Score, question: Question) -> Score:
    """The score of a prompt whose local answers are known: agreement first, then its own score."""
    agreement = _AGREEMENT[agree(question.weak_answer, question.weak2_answer)]
    own = Part("the prompt itself", _ORDERS * found.value / (1 + abs(found.value)))
    parts = (agreement, own)
    return replace(found, value=fsum(part.value for part in parts), parts=parts)
