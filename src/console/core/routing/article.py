"""The founding article's rule, exactly."""

from console.core.routing.request import Request

CONTEXT_LIMIT = 4_000
"""Characters of context above which the rule calls a request complex."""

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


def complex_because(request: Request) -> str | None:
    """Why the rule calls a request complex; None when it is routine."""
    if request.context_chars > CONTEXT_LIMIT:
        return f"context of {request.context_chars:,} characters, over {CONTEXT_LIMIT:,}"
    task = request.task.lower()
    word = next((word for word in COMPLEX_WORDS if word in task), None)
    return None if word is None else f'"{word}"'


WORTH = (
    "no better than a coin at the same share of API calls: on 32,402 prompts of ten public data "
    "sets its accuracy differs from the coin's by -0.9 to +1.0 points, nowhere significantly for "
    "the better, and on MMLU-Pro significantly for the worse (-0.27 points, z = -2.5); it fires on "
    "0 to 14 % of the prompts"
)
"""What the rule is worth, measured on graded answers of a weak and a strong model to the prompts of
MMLU, GSM8K and MT-Bench (RouteLLM's answers), MMLU-Pro, CRUX, MATH, NumerSense, AlpacaEval and
RouterArena."""
