"""Whether the conditions of the operator's own rules hold for a request at a moment."""

import re
from fnmatch import fnmatch
from pathlib import PurePath

from console.core.money import to_nano
from console.core.routing.language import language
from console.core.routing.request import Request
from console.core.routing.rule import DAYS, Rule
from console.core.routing.situation import Situation

SEARCHED = 20_000
"""Characters that a rule's words and expression are looked for in."""

_CODE_ENDS = (
    ".py .js .ts .tsx .jsx .c .h .cc .cpp .hpp .cs .java .kt .go .rs .rb .php .swift .scala .sh "
    ".sql .lua .pl .r .jl .hs .ml .ex .erl .zig .toml .yaml .yml .json .xml .html .css"
)
_CODE = frozenset(_CODE_ENDS.split(" "))
_TABLE = frozenset((".csv", ".tsv", ".xlsx", ".parquet", ".jsonl", ".ndjson"))


def why_it_holds(rule: Rule, request: Request, now: Situation) -> str | None:
    """How each of a rule's conditions holds, in words; None when one does not."""
    found = []
    for name in rule.conditions:
        words = _HOLDS[name](rule, request, now)
        if words is None:
            return None
        found.append(words)
    return ", ".join(found) or "always"


def kinds(request: Request) -> frozenset[str]:
    """The kinds of what is attached, now or earlier in the conversation."""
    found = {"image"} if request.vision else set()
    for path in request.paths:
        end = PurePath(path).suffix.lower()
        found.add("code" if end in _CODE else "table" if end in _TABLE else "text")
    if request.attachments and not request.paths:
        found.add("text")
    return frozenset(found | {"any"} if found else found)


def has_word(words: tuple[str, ...], text: str) -> str | None:
    """The first of the words that stands in a text as a whole word or phrase, in any case."""
    low = text.casefold()
    for word in words:
        seen = word.casefold()
        at = low.find(seen)
        while at >= 0:
            before, after = low[at - 1 : at], low[at + len(seen) : at + len(seen) + 1]
            if not (_joins(before, seen[:1]) or _joins(after, seen[-1:])):
                return word
            at = low.find(seen, at + 1)
    return None


def on_path(patterns: tuple[str, ...], paths: tuple[str, ...]) -> str | None:
    """The first of the paths that a pattern covers; a pattern of a folder covers all in it."""
    for path in paths:
        for pattern in patterns:
            if fnmatch(path, pattern) or fnmatch(path, f"{pattern.rstrip('/')}/*"):
                return path
    return None


def _joins(neighbour: str, edge: str) -> bool:
    """Whether a neighbour makes one word with an edge; scripts without spaces have no words."""
    return (
        bool(neighbour)
        and (neighbour.isalnum() or neighbour == "_")
        and (edge.isalnum() or edge == "_")
        and not _NO_SPACES.match(edge)
    )


_NO_SPACES = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


def _longer(rule: Rule, request: Request, now: Situation) -> str | None:
    size = _size(request)
    assert rule.longer_than is not None
    return f"{size:,} characters" if size > rule.longer_than else None


def _shorter(rule: Rule, request: Request, now: Situation) -> str | None:
    size = _size(request)
    assert rule.shorter_than is not None
    return f"{size:,} characters" if size < rule.shorter_than else None


def _word(rule: Rule, request: Request, now: Situation) -> str | None:
    word = has_word(rule.words, request.message[:SEARCHED])
    return word and f'"{word}"'


def _regex(rule: Rule, request: Request, now: Situation) -> str | None:
    assert rule.regex is not None
    return "the expression matches" if rule.regex.search(request.message[:SEARCHED]) else None


def _attachment(rule: Rule, request: Request, now: Situation) -> str | None:
    found = sorted(kinds(request) & set(rule.attachment))
    return f"attached: {found[0]}" if found else None


def _path(rule: Rule, request: Request, now: Situation) -> str | None:
    path = on_path(rule.path, request.paths)
    return path and f"{PurePath(path).name} is attached"


def _language(rule: Rule, request: Request, now: Situation) -> str | None:
    code = language(request.message)
    return f"language {code}" if code in rule.language else None


def _tag(rule: Rule, request: Request, now: Situation) -> str | None:
    tag = now.tag
    held = tag is not None and any(fnmatch(tag, pattern) for pattern in rule.tag)
    return f"tag {tag}" if held else None


def _between(rule: Rule, request: Request, now: Situation) -> str | None:
    assert rule.between is not None
    start, end = rule.between
    if now.minute is None:
        return None
    inside = start <= now.minute < end if start <= end else not end <= now.minute < start
    return f"it is {now.minute // 60:02}:{now.minute % 60:02}" if inside else None


def _day(rule: Rule, request: Request, now: Situation) -> str | None:
    day = None if now.weekday is None else DAYS[now.weekday]
    return f"it is {day}" if day in rule.days else None


def _spend(rule: Rule, request: Request, now: Situation) -> str | None:
    assert rule.month_usd_over is not None
    if now.month_nano is None or now.month_nano <= to_nano(rule.month_usd_over):
        return None
    return f"${now.month_nano / 1e9:,.2f} spent this month"


def _gpu(rule: Rule, request: Request, now: Situation) -> str | None:
    assert rule.gpu_over is not None
    if now.gpu_pct is None or now.gpu_pct <= rule.gpu_over:
        return None
    return f"the GPU is at {now.gpu_pct:.0f} %"


def _queue(rule: Rule, request: Request, now: Situation) -> str | None:
    assert rule.queue_over is not None
    return f"{now.queue} local requests under way" if now.queue > rule.queue_over else None


def _size(request: Request) -> int:
    return len(request.task) + request.context_chars


_HOLDS = {
    "longer_than": _longer,
    "shorter_than": _shorter,
    "words": _word,
    "regex": _regex,
    "attachment": _attachment,
    "path": _path,
    "language": _language,
    "tag": _tag,
    "between": _between,
    "days": _day,
    "month_usd_over": _spend,
    "gpu_over": _gpu,
    "queue_over": _queue,
}
