"""A program at a real pseudo-terminal: its screen as text, its bytes, and how it leaves."""

import contextlib
import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence

import pyte

from tests.patience import PATIENCE_S

_ANSWERS = (
    (re.compile(rb"\x1b\[0?c"), b"\x1b[?62;22c"),
    (re.compile(rb"\x1b\[6n"), b"\x1b[1;1R"),
    (re.compile(rb"\x1b\[\?2026\$p"), b"\x1b[?2026;2$y"),
    (re.compile(rb"\x1b\[\?2048\$p"), b"\x1b[?2048;0$y"),
)
# Private modes that a program must switch off again if it switched them on.
_MODES = {b"1049", b"1000", b"1002", b"1003", b"1006", b"1015", b"2004", b"1004", b"2048"}
_MODE = re.compile(rb"\x1b\[\?([\d;]+)([hl])")
_KITTY = re.compile(rb"\x1b\[([><])\d*u")
# A program that was told that frames can be held back brackets each with these.
_FRAME = re.compile(rb"\x1b\[\?2026([hl])")
_PYTE_CANNOT = re.compile(rb"\x1b\[[><=][\d;]*[a-zA-Z]|\x1b\[\?[\d;]*\$p|\x1b\[[\d;]* q")


class PtyProgram:
    """Runs `command` at a pty of `columns` × `rows`; use as a context manager."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        size: tuple[int, int] = (120, 40),
        env: Mapping[str, str] | None = None,
        cwd: str | None = None,
    ) -> None:
        self.raw = bytearray()
        self._master, slave = os.openpty()
        self._resize_pty(*size)
        self._before = termios.tcgetattr(slave)
        self._slave = slave
        self.screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self.screen)
        self._unfed = b""
        self._mid_frame = False
        self._process = subprocess.Popen(
            list(command),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=dict(os.environ if env is None else env),
            cwd=cwd,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )

    def __enter__(self) -> "PtyProgram":
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for descriptor in (self._master, self._slave):
            with contextlib.suppress(OSError):
                os.close(descriptor)

    @property
    def pid(self) -> int:
        """The program's process id."""
        return self._process.pid

    @property
    def text(self) -> str:
        """The screen as lines of text."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def until(self, seen: str | Callable[[str], object]) -> str:
        """Read until the screen holds a text, or a predicate of it is true; returns the screen.

        A frame that has not come to its end is no screen yet, as at a terminal.
        """
        found = (lambda text: seen in text) if isinstance(seen, str) else seen
        end = time.monotonic() + PATIENCE_S
        while self._mid_frame or not found(self.text):
            came = self._read(0.2)
            ended = not came and self._process.poll() is not None
            if ended and not self._mid_frame and found(self.text):
                break
            if ended or time.monotonic() > end:
                raise AssertionError(f"never seen: {seen!r}; the screen:\n{self.text}")
        return self.text

    def settle(self, quiet: float = 0.4, timeout: float = 10.0) -> str:
        """Read until nothing came for `quiet` seconds."""
        end = time.monotonic() + timeout
        while time.monotonic() < end and self._read(quiet):
            pass
        return self.text

    def send(self, keys: str | bytes) -> None:
        """Type."""
        os.write(self._master, keys.encode() if isinstance(keys, str) else keys)

    def resize(self, columns: int, rows: int) -> None:
        """Change the terminal's size, as a window manager would."""
        self.screen.resize(rows, columns)
        self._resize_pty(columns, rows)
        os.killpg(self._process.pid, signal.SIGWINCH)

    def signal(self, number: int) -> None:
        """Send the program a signal."""
        self._process.send_signal(number)

    def wait(self) -> int:
        """Read to the end; the exit status, negative for a signal."""
        end = time.monotonic() + PATIENCE_S
        while self._process.poll() is None:
            if time.monotonic() > end:
                raise AssertionError(f"still running; the screen:\n{self.text}")
            self._read(0.05)
        while self._read(0.05):
            pass
        return self._process.returncode

    def left_on(self) -> set[bytes]:
        """Terminal modes that were switched on and not off again; the pty's own flags count."""
        on: set[bytes] = set()
        for modes, state in _MODE.findall(bytes(self.raw)):
            for mode in modes.split(b";"):
                if mode in _MODES:
                    (on.add if state == b"h" else on.discard)(mode)
        hidden = self.raw.rfind(b"\x1b[?25l") > self.raw.rfind(b"\x1b[?25h")
        if hidden:
            on.add(b"cursor hidden")
        if _KITTY.findall(bytes(self.raw))[-1:] == [b">"]:
            on.add(b"kitty keyboard")
        if termios.tcgetattr(self._slave)[:4] != self._before[:4]:
            on.add(b"termios")
        return on

    def _resize_pty(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def _read(self, timeout: float) -> bool:
        """Take in what comes within `timeout`; false when nothing did."""
        if not select.select([self._master], [], [], timeout)[0]:
            return False
        try:
            chunk = os.read(self._master, 65536)
        except OSError:
            return False
        if not chunk:
            return False
        self.raw += chunk
        for question, answer in _ANSWERS:
            for _ in question.findall(chunk):
                os.write(self._master, answer)
        # pyte shows sequences it does not know as text, so they are taken out; one that is cut
        # at the end of a chunk waits for its rest.
        data = self._unfed + chunk
        cut = data.rfind(b"\x1b")
        self._unfed = data[cut:] if cut > len(data) - 24 and not _whole(data[cut:]) else b""
        whole = data[: len(data) - len(self._unfed)]
        if frames := _FRAME.findall(whole):
            self._mid_frame = frames[-1] == b"h"
        self._stream.feed(_PYTE_CANNOT.sub(b"", whole))
        return True


def _whole(sequence: bytes) -> bool:
    return bool(re.match(rb"\x1b(\[[\x30-\x3f]*[\x20-\x2f]*[\x40-\x7e]|[^\[])", sequence))
