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
