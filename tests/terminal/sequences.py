"""What a program wrote to a terminal, told apart: the sequences that command it, and the text."""

import re

_SEQUENCE = re.compile(
    rb"\x1b\[[\x30-\x3f]*[\x20-\x2f]*[\x40-\x7e]"  # CSI
    rb"|\x1b[\]PX^_].*?(?:\x1b\\|\x07|\x9c)"  # OSC, DCS, SOS, PM, APC
    rb"|\x1b[\x20-\x2f]*[\x30-\x7e]"  # two- and three-byte sequences
    rb"|\x1b",
    re.DOTALL,
)

OWN = {
    b"CSI m", b"CSI H", b"CSI G", b"CSI C", b"CSI J", b"CSI A", b"CSI B", b"CSI K",
    *(b"CSI ?%d%s" % (mode, state) for state in (b"h", b"l")
      for mode in (7, 25, 1004, 1049, 2004, 2026, 2048)),
    # With the mouse off Textual still switches its reports off at the end.
    *(b"CSI ?%dl" % mode for mode in (1000, 1002, 1003, 1006, 1015)),
    b"CSI ?2026$p", b"CSI ?2048$p", b"CSI >1u", b"CSI >25u", b"CSI <u", b"CSI c",
    b"ESC ]22;default", b"ESC 7", b"ESC 8",
}  # fmt: skip
"""Every sequence that the console has reason to write, its numbers left out where they vary."""


def sequences(raw):
    """The kinds of the sequences in what was written."""
    return {_kind(found[0]) for found in _SEQUENCE.finditer(raw)}


def text(raw):
    """What was written beside sequences."""
    return _SEQUENCE.sub(b"", raw).decode(errors="replace")


def _kind(sequence):
    if sequence.startswith(b"\x1b["):
        body, final = sequence[2:-1], sequence[-1:]
        varies = final in b"mHGCABJK" and not body.startswith((b"?", b">", b"<", b"="))
        return b"CSI " + (b"" if varies else body) + final
    return b"ESC " + sequence[1:].removesuffix(b"\x07").removesuffix(b"\x1b\\")
