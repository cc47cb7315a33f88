"""A TOML file as plain values, and the line on which each of them stands."""

import re
import tomllib
from decimal import Decimal

Path = tuple[str | int, ...]
"""Keys from the top, with indices into arrays."""

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY_PART = re.compile(r"""[A-Za-z0-9_-]+|"(?:\\.|[^"\\])*"|'[^']*'""")
_VALUE = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?:"{0,2})'
    r"|'''.*?'''(?:'{0,2})"
    r'|"(?:\\.|[^"\\])*"'
    r"|'[^']*'"
    r"|[^,\]}#\n]+",
    re.DOTALL,
)


class Malformed(ValueError):
    """A file that is no TOML, with the parser's words and line."""

    def __init__(self, what: str, line: int) -> None:
        super().__init__(what)
        self.what = what
        self.line = line


def parse(text: str) -> tuple[dict[str, object], dict[Path, int]]:
    """The values of a TOML document, and the line of each table, key and array element.

    Fractions are Decimals, so that money is what was typed. Raises Malformed.
    """
    try:
        values = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        what, _, where = str(error).partition(" (at ")
        line = re.search(r"line (\d+)", where)
        raise Malformed(what, int(line[1]) if line else text.count("\n") + 1) from None
    except RecursionError:
        raise Malformed("Values are nested too deeply", 1) from None
    return values, _Lines(text).found


class _Lines:
    """Walks a document that is known to be valid, noting lines."""

    def __init__(self, text: str) -> None:
        self.found: dict[Path, int] = {}
        self._text = text
        self._at = 0
        self._tables: dict[Path, int] = {}
        table: Path = ()
        while self._skip_blank() < len(text):
            if self._took("[["):
                line = self._line()
                *parents, last = self._key()
                path = (*self._resolve(parents), last)
                index = self._tables.get(path, -1) + 1
                self._tables[path] = index
                table = (*path, index)
                self._note((), table, line)
                self._take("]]")
            elif self._took("["):
                line = self._line()
                table = self._resolve(self._key())
                self._note((), table, line)
                self._take("]")
            else:
                self._pair(table)

    def _pair(self, table: Path) -> None:
        line = self._line()
        path = (*table, *self._key())
        self._take("=")
        self._note(table, path, line)
        self._value(path)

    def _value(self, path: Path) -> None:
        self._skip_blank()
        if self._took("{"):
            while not self._took("}"):
                self._pair(path)
                self._took(",")
        elif self._took("["):
            index = 0
            while not self._took("]"):
                self.found[(*path, index)] = self._line()
                self._value((*path, index))
                self._took(",")
                index += 1
        else:
            self._match(_VALUE)

    def _key(self) -> list[str]:
        parts = []
        while True:
            self._skip_blank()
            part = self._match(_KEY_PART)
            if part[0] in "\"'":
                part = tomllib.loads(f"key = {part}")["key"]
            parts.append(part)
            if not self._took("."):
                return parts

    def _resolve(self, keys: list[str]) -> Path:
        """A header's path; the name of an array of tables means its latest table."""
        path: Path = ()
        for key in keys:
            path = (*path, key)
            if path in self._tables:
                path = (*path, self._tables[path])
        return path

    def _note(self, above: Path, path: Path, line: int) -> None:
        """The line of a path, and of tables that only its dotted key makes."""
        for length in range(len(above) + 1, len(path) + 1):
            self.found.setdefault(path[:length], line)

    def _skip_blank(self) -> int:
        self._match(_BLANK)
        return self._at

    def _took(self, token: str) -> bool:
        self._skip_blank()
        if not self._text.startswith(token, self._at):
            return False
        self._at += len(token)
        return True

    def _take(self, token: str) -> None:
        assert self._took(token), f"{token} expected on line {self._line()}"

    def _match(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._at)
        assert match is not None, f"lost on line {self._line()}"
        self._at = match.end()
        return match[0]

    def _line(self) -> int:
        return self._text.count("\n", 0, self._at) + 1
