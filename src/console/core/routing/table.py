"""The decision table, row by row: the first row that applies decides.

Per request, in this order: vision, complex, coding or extraction or summarising, multilingual
(what is sensitive has been kept back before). Where none applies, the workload decides: its
measured volume, fine-tuning, inspection of weights, prototyping.
"""

import re
from collections.abc import Callable, Iterator

from console.core.routing.article import complex_because
from console.core.routing.language import language
from console.core.routing.policy import Workload
from console.core.routing.request import Request
from console.core.routing.rules import kinds
from console.core.routing.situation import Situation
from console.core.tier import Tier

API_BELOW, OWN_ABOVE = 1_000, 10_000
"""The table's volumes, requests a day."""

LOOKED_AT = 8_000
"""Characters of the task that are looked at for what kind of work it is."""

_WORK = re.compile(
    r"\b(?:extract|summari[sz]e|summary|tl;?dr|sum up|parse|classify|label|translate into json|"
    r"refactor|debug|unit tests?|stack ?trace|function|regex|sql query|python|javascript|"
    r"typescript|bash|shell script|docker|implement|write (?:a|the) (?:script|program|test))\b",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"```|\bdef \w+\(|\bclass \w+[:({]|#include <|\bSELECT\b.{1,200}\bFROM\b|=> ?\{|;\n",
    re.IGNORECASE,
)
_MANY_LANGUAGES = re.compile(r"qwen|gemma|aya|mistral|command-r|bloom", re.IGNORECASE)

Choice = tuple[Tier, str]
"""A tier and the row that chose it, in words."""

Row = Callable[[Request, Situation, Workload], Choice | None]
"""What a row of the table says; None where it does not apply."""


def choose(request: Request, now: Situation, workload: Workload) -> tuple[Choice, str]:
    """The tier of the first row that applies, and why; then what would be without that row."""
    rows = iter(_ROWS)
    found = _first(rows, request, now, workload)
    if found is None:
        none = Tier.LOCAL, f"table: no row applies ({volume(now)})"
        return none, (
            "an image, a complex task, a language that the local model does not speak, under "
            f"{API_BELOW:,} requests a day or router.prototyping would send it to the api"
        )
    tier, why = _first(rows, request, now, workload) or (Tier.LOCAL, "no row applies")
    return found, f"without that row: {tier}, {why.removeprefix('table: ')}"


def _first(
    rows: Iterator[Row], request: Request, now: Situation, workload: Workload
) -> Choice | None:
    return next((found for row in rows if (found := row(request, now, workload))), None)


def volume(now: Situation) -> str:
    """The measured volume in words."""
    if now.requests_per_day is None:
        return "volume not measured yet"
    days = f"{now.measured_days} day{'s' if now.measured_days != 1 else ''}"
    return f"{now.requests_per_day:,.0f} requests a day over {days}"


def _vision(request: Request, now: Situation, workload: Workload) -> Choice | None:
    return (Tier.API, "table: vision") if request.vision else None


def _complex(request: Request, now: Situation, workload: Workload) -> Choice | None:
    why = complex_because(request)
    return None if why is None else (Tier.API, f"table: complex, {why}")


def _coding(request: Request, now: Situation, workload: Workload) -> Choice | None:
    task = request.task[:LOOKED_AT]
    # Reasons are kept in the ledger, so of the task they repeat nothing but the words above.
    if (word := _WORK.search(task)) is not None:
        seen = f'"{word[0]}"'
    elif _CODE.search(task):
        seen = "code in it"
    elif "code" in kinds(request):
        seen = "a code file"
    else:
        return None
    return Tier.LOCAL, f"table: coding, extraction or summarising, {seen}"


def _multilingual(request: Request, now: Situation, workload: Workload) -> Choice | None:
    code = language(request.task)
    if code in (None, "en"):
        return None
    if _MANY_LANGUAGES.search(now.local.model):
        return Tier.LOCAL, f"table: multilingual ({code}), which {now.local.model} speaks"
    return Tier.API, f"table: multilingual ({code})"


def _few(request: Request, now: Situation, workload: Workload) -> Choice | None:
    few = now.requests_per_day is not None and now.requests_per_day < API_BELOW
    return (Tier.API, f"table: under {API_BELOW:,}, {volume(now)}") if few else None


def _many(request: Request, now: Situation, workload: Workload) -> Choice | None:
    many = now.requests_per_day is not None and now.requests_per_day > OWN_ABOVE
    return (Tier.LOCAL, f"table: over {OWN_ABOVE:,}, {volume(now)}") if many else None


def _fine_tuning(request: Request, now: Situation, workload: Workload) -> Choice | None:
    return (Tier.LOCAL, "table: fine-tuning needed") if workload.fine_tuning else None


def _inspection(request: Request, now: Situation, workload: Workload) -> Choice | None:
    return (Tier.LOCAL, "table: weights are inspected") if workload.inspection else None


def _prototyping(request: Request, now: Situation, workload: Workload) -> Choice | None:
    return (Tier.API, "table: prototyping") if workload.prototyping else None


_ROWS: tuple[Row, ...] = (
    _vision,
    _complex,
    _coding,
    _multilingual,
    _few,
    _many,
    _fine_tuning,
    _inspection,
    _prototyping,
)
