"""The code in Markdown, as it would be pasted."""

import re
from collections.abc import Iterator
from textwrap import dedent

_OPEN = re.compile(
    r"(?P<lead>\s*(?:(?:[-*+]|\d{1,9}[.)])\s+|>\s?)*)(?P<mark>`{3,}|~{3,})(?P<info>.*)"
)


def code_in(markdown: str) -> Iterator[str]:
    """The content of each fenced block, without what a list or a quotation puts before it."""
    mark, lead, lines = "", "", list[str]()
    for line in markdown.split("\n"):
        if mark:
            if re.fullmatch(rf"[\s>]*{re.escape(mark[0])}{{{len(mark)},}}\s*", line):
                yield _code(lines, lead)
                mark, lines = "", []
            else:
                lines.append(line)
        elif (opened := _OPEN.fullmatch(line)) and not (
            opened["mark"][0] == "`" and "`" in opened["info"]
        ):
            mark, lead = opened["mark"], opened["lead"]
    if mark and lines:
        yield _code(lines, lead)


def _code(lines: list[str], lead: str) -> str:
    if ">" in lead:
        lines = [re.sub(r"^\s*>\s?", "", line) for line in lines]
    return dedent("\n".join(lines)) if lead.strip() or lead else "\n".join(lines)
