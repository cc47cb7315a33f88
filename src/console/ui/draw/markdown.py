"""Markdown of untrusted origin as rows of styled text: nothing in it acts, nothing is hidden."""

import io
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import ClassVar

from markdown_it import MarkdownIt
from markdown_it.token import Token
from pygments.token import Comment, Keyword, Name, String  # type: ignore[import-untyped]
from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import (
    CodeBlock,
    Heading,
    HorizontalRule,
    Markdown,
    MarkdownElement,
    TableElement,
)
from rich.padding import Padding
from rich.segment import Segment
from rich.style import Style
from rich.syntax import ANSISyntaxTheme, Syntax
from rich.table import Table
from rich.text import Text
from rich.theme import Theme

from console.core.text import one_line, printable
from console.ui.draw.flowing import between

LAYOUT_LIMIT = 10_000
"""Characters of a block above which it is shown as it came: layout and colours cost by length."""

_NARROWEST = 20
"""Cells below which nested lists and tables have no room."""

# HTML stays text and references stay in place: both would otherwise vanish from the screen.
_PARSER = (
    MarkdownIt("commonmark", {"html": False})
    .enable(["table", "strikethrough"])
    .disable("reference")
)


class MarkdownPainter:
    """Lays Markdown out with the given styles, by the names of `line.STYLES`."""

    def __init__(self, palette: Mapping[str, Style]) -> None:
        dim, strong, accent = palette["dim"], palette["strong"], palette["accent"]
        named = {
            **{f"markdown.h{level}": strong for level in range(1, 7)},
            "markdown.code": accent,
            "markdown.code_block": Style(),
            "markdown.block_quote": dim,
            "markdown.hr": dim,
            "markdown.item.bullet": dim,
            "markdown.item.number": dim,
            "markdown.link": Style(underline=True),
            "markdown.link_url": dim,
            "markdown.table.border": dim,
            "markdown.table.header": strong,
            "code.label": dim,
        }
        self._code = ANSISyntaxTheme(
            {
                Comment: dim,
                Keyword: accent,
                Name.Builtin: accent,
                Name.Function: strong,
                Name.Class: strong,
                String: palette["good"],
            }
        )
        self._console = Console(
            file=io.StringIO(),
            force_terminal=True,
            color_system="truecolor",
            theme=Theme(named),
            width=80,
            highlight=False,
            legacy_windows=False,
        )

    def rows(self, text: str, width: int) -> list[list[Segment]] | None:
        """The rows of printable Markdown; None when it is better shown as it came.

        That is when it is very long, when there is no room, when the layout fails, or when it
        would hide some of the letters: in a link's title, a column too many, a list too deep.
        """
        if len(text) > LAYOUT_LIMIT or width < _NARROWEST:
            return None
        options = self._console.options.update(width=width, height=None)
        try:
            rows = self._console.render_lines(_Reply(text, self._code), options, pad=False)
        except Exception:
            # Anything can be written into a reply; what the layout cannot take is still text.
            return None
        while rows and _blank(rows[-1]):
            rows.pop()
        while rows and _blank(rows[0]):
            rows.pop(0)
        shown = Counter(letter for row in rows for segment in row for letter in segment.text)
        hidden = Counter(filter(str.isalpha, text)) - shown
        return rows if rows and not hidden else None


class _Heading(Heading):
    """A heading keeps its marks, so that its level is seen without sizes."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Text.assemble(("#" * int(self.tag[1:]) + " ", "code.label"), self.text)


class _Code(CodeBlock):
    """A code block: indented, what stands beside its fence above it."""

    label = ""

    @classmethod
    def create(cls, markdown: Markdown, token: Token) -> "_Code":
        """The block of a fence."""
        block = cls(token.info.partition(" ")[0] or "text", markdown.code_theme)
        block.label = one_line(token.info)
        return block

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        code = str(self.text).rstrip()
        if self.label:
            yield Text(f"  {self.label}", "code.label", no_wrap=True, overflow="ellipsis")
        syntax = Syntax(code, self.lexer_name, theme=self.theme, word_wrap=True)
        yield Padding(syntax, (0, 0, 0, 2))


class _Table(TableElement):
    """A table without the empty rows of its edges."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for table in super().__rich_console__(console, options):
            if isinstance(table, Table):
                table.show_edge = False
            yield table


class _Line(HorizontalRule):
    """A thin rule."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Text("─" * options.max_width, "markdown.hr")


class _Reply(Markdown):
    """Markdown parsed so that every character of the source's text is shown."""

    elements: ClassVar[dict[str, type[MarkdownElement]]] = {
        **Markdown.elements,
        "heading_open": _Heading,
        "fence": _Code,
        "code_block": _Code,
        "table_open": _Table,
        "hr": _Line,
    }

    def __init__(self, text: str, code_theme: ANSISyntaxTheme) -> None:
        # The base class would build a parser of its own for each block.
        self.markup = text
        self.parsed = _harmless(_PARSER.parse(text))
        self.code_theme = code_theme  # type: ignore[assignment]  # Syntax takes either
        self.justify = None
        self.style = "none"
        self.hyperlinks = False
        self.inline_code_lexer = None
        self.inline_code_theme = ""


def _harmless(tokens: Sequence[Token]) -> list[Token]:
    """The same tokens with entities' characters printable, images as text, line ends as spaces."""
    safe = [_safe(token) for token in tokens]
    for at, token in enumerate(safe):
        if token.type == "softbreak":
            before = next((each.content for each in reversed(safe[:at]) if each.content), "")
            after = next((each.content for each in safe[at + 1 :] if each.content), "")
            safe[at] = Token("text", "", 0, content=between(before, after))
    return safe


def _safe(token: Token) -> Token:
    if token.type == "image":
        source = one_line(str(token.attrs.get("src", "")))
        return Token("text", "", 0, content=f"![{printable(token.content)}]({source})")
    token.content = printable(token.content)
    for name, value in token.attrs.items():
        if isinstance(value, str):
            token.attrs[name] = one_line(value)
    if token.children:
        token.children = _harmless(token.children)
    return token


def _blank(row: list[Segment]) -> bool:
    return not any(segment.text.strip() for segment in row)
