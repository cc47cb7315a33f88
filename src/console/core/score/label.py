"""A prompt that both tiers answered, and how good each answer was."""

from dataclasses import dataclass

from console.core.score.features import Features


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A prompt to score, with what local models answered where that is known.

    `weak_output` is the local model's reply, `weak_answer` what it comes to, `weak2_answer` what
    a second local model's reply comes to.
    """

    id: str
    prompt: str
    weak_output: str | None = None
    weak_answer: str | None = None
    weak2_answer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One graded prompt: `weak` and `strong` are the qualities of both answers, 0 to 1.

    `group` holds together prompts that are not independent, such as copies. `strong_chars` is how
    long the API's reply was. The prompt is empty where only its features were kept.
    """

    question: Question
    features: Features
    group: str
    weak: float
    strong: float
    strong_chars: float | None = None

    @property
    def gain(self) -> float:
        """What the API's answer is better by."""
        return self.strong - self.weak
