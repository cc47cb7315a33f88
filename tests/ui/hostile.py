"""Texts that try to command a terminal, and an app that shows them in one kind of widget.

`python -m tests.ui.hostile` (kind of widget)
"""

import sys

from textual.app import App
from textual.content import Content
from textual.widgets import Markdown, OptionList, Static, TextArea

from console.ui import colours, theme
from console.ui.guard import Guard
from console.ui.widgets.rows import Rows

ESC, CSI8, OSC8 = "\x1b", "\x9b", "\x9d"

ATTACKS = {
    "clear and home": f"{ESC}[2J{ESC}[Hpwned",
    "window title": f"{ESC}]0;pwned\a",
    "clipboard": f"{ESC}]52;c;cHduZWQ=\a",
    "link": f"{ESC}]8;;http://pwned.example{ESC}\\x{ESC}]8;;{ESC}\\",
    "device string": f"{ESC}P+q70776e6564{ESC}\\",
    "program command": f"{ESC}_pwned{ESC}\\",
    "full reset": f"{ESC}cpwned",
    "reverse index": f"{ESC}Mpwned",
    "leave the alternate screen": f"{ESC}[?1049lpwned",
    "mouse reports": f"{ESC}[?1003hpwned",
    "end of a paste": f"{ESC}[201~pwned\r",
    "ask for a report": f"{ESC}[6n{ESC}[>q{ESC}[21t",
    "eight-bit CSI": f"{CSI8}2Jpwned",
    "eight-bit OSC": f"{OSC8}0;pwned\x9c",
    "hidden letters": f"{ESC}[8mpwned{ESC}[28m",
    "backspaces": "fine\b\b\b\bpwned",
    "carriage return": "fine\rpwned",
    "bells": "\a" * 9 + "pwned",
    "null and delete": "p\0w\x7fned",
    "override of direction": "invoice\u202efdp.exe",
    "isolates": "\u2066a\u2067b\u2069",
    "nothing wide": "p\u200bw\u2060n\ufeffed",
    "tags": "a\U000e0070\U000e007f",
    "line separators": "a\u2028b\u2029c\x85d",
    "flood of marks": "a" + "\u0301" * 300,
    "flood of selectors": "a" + "\ufe0f" * 300,
    "half a pair": "p\ud800wned",
    "vertical": "a\vb\fc",
}
"""By what each tries."""

MARKUP = (
    "[/nope]",
    "[link=http://pwned.example]x[/link]",
    "[@click=app.quit]x[/]",
    "[$nope]x[/]",
    "](javascript:x)",
)
"""What must stay plain text in a toolkit that reads markup."""

FORBIDDEN_BYTES = (
    b"\x1b[2J\x1b[H" + b"pwned",
    b"\x1b]",
    b"\x1bP+q7",
    b"\x1b_",
    b"\x1bc",
    b"\x1bM",
    b"\x1b[?1003h",
    b"\x1b[201~",
    b"\x1b[>q",
    b"\x1b[21t",
    b"\x1b[8m",
    b"\xc2\x9b",
    b"\xc2\x9d",
    b"\b",
    b"\a",
    b"\0",
    b"\x7f",
    "\u202e".encode(),
    "\u2066".encode(),
    "\u200b".encode(),
    "\ufeff".encode(),
    "\U000e0070".encode(),
    "\u2028".encode(),
    ("\u0301" * 9).encode(),
    ("\ufe0f" * 9).encode(),
)
"""What none of it may put on the wire."""


class Stage(App):
    """Shows every text in one kind of widget."""

    CSS = "Rows, TextArea, OptionList { height: 1fr; } #drawn { dock: bottom; height: 1; }"

    def __init__(self, kind):
        super().__init__()
        self.kind = kind
        self.texts = [*ATTACKS.values(), *MARKUP]

    def get_line_filters(self):
        return [*super().get_line_filters(), Guard()]

    def get_theme_variable_defaults(self):
        return theme.variables(colours.FALLBACK)

    def compose(self):
        match self.kind:
            case "Rows":
                yield Rows()
            case "Static":
                for text in self.texts:
                    yield Static(Content(text))
            case "TextArea":
                yield TextArea("\n".join(self.texts).replace("\ud800", "?"))
            case "Markdown":
                body = [*self.texts, "[x](http://pwned.example/\x1b]0;pwned\x07)", "pwned"]
                yield Markdown("\n\n".join(body).replace("\ud800", "?"), open_links=False)
            case "OptionList":
                yield OptionList(*(Content(text) for text in self.texts))
            case "toast":
                yield Static("pwned")

    def on_mount(self):
        if self.kind == "Rows":
            self.query_one(Rows).show([[(text, "warn")] for text in self.texts])
        if self.kind == "toast":
            self.title = self.sub_title = self.texts[1]
            for text in self.texts[:6]:
                self.notify(text, title=text, markup=False, timeout=60)
            self.notify(MARKUP[0], markup=False, timeout=60)
        self.screen.mount(Static("drawn", id="drawn"))


if __name__ == "__main__":
    Stage(sys.argv[1]).run(mouse=False)
