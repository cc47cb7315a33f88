"""The list of conversations: what each is called, when it was, and what was found in it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from rich.cells import cell_len, set_cell_size

from console.core.kept import Listed
from console.core.text import one_line
from console.ui.draw.line import Line, Run

_NOT_LASTING = "kept until this console ends; chat.store = true keeps them"


def chats_lines(
    listed: Sequence[Listed],
    chosen: int,
    running: Collection[str],
    *,
    rows: int,
    width: int,
    now_ms: int,
    zone: str,
) -> list[Line]:
    """As many conversations round the chosen one as there are rows for."""
    tall = 2 if any(_says_more(each) for each in listed) else 1
    most = max(1, rows // tall)
    first = min(max(0, chosen - most // 2), max(0, len(listed) - most))
    lines: list[Line] = []
    for at, each in enumerate(listed[first : first + most], first):
        about = _about(each, running, now_ms, zone)
        room = max(8, width - sum(cell_len(text) for text, _ in about) - 3)
        title = set_cell_size(one_line(each.title) or "-", room)
        lines.append(((f" {title} ", "cursor" if at == chosen else ""), *about))
        if tall == 2:
            found = one_line(each.found) if _says_more(each) else ""
            lines.append(((f"   {found}", "dim"),))
    return lines


def _says_more(each: Listed) -> bool:
    """Whether what was found is more than the title."""
    return bool(each.found) and each.found.strip() != each.title.strip()


def nothing_line(find: str) -> Line:
    """What to say where the list is empty."""
    said = f"Nothing holds {one_line(find)!r}." if find.strip() else "No conversation yet."
    return ((f" {said}", "dim"),)


def lasting_line(lasting: bool) -> Line:
    """How long conversations are kept."""
    return ((" kept in a file of yours" if lasting else f" {_NOT_LASTING}", "dim"),)


def _about(each: Listed, running: Collection[str], now_ms: int, zone: str) -> list[Run]:
    runs: list[Run] = []
    if each.id in running:
        runs.append(("replying  ", "good"))
    if each.pinned is not None:
        runs.append(("pinned  ", "local"))
    count = f"{each.messages:>4,}"
    return [*runs, (f"{count}  {when(each.updated_ms, now_ms, zone)}", "dim")]


def when(ms: int, now_ms: int, zone: str) -> str:
    """A time of today by its hour, an earlier one by its day; always as wide."""
    at, now = (datetime.fromtimestamp(each / 1000, ZoneInfo(zone)) for each in (ms, now_ms))
    if at.date() == now.date():
        return f"{at:%H:%M}".rjust(10)
    return f"{at:%d %b}".rjust(10) if at.year == now.year else f"{at:%Y-%m-%d}"
