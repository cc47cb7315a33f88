"""A private tmux server: a real terminal multiplexer between a test and a program."""

import shlex
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence

from tests.patience import PATIENCE_S
from tests.require import need_program


class Tmux:
    """One session on a server of its own; use as a context manager."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        size: tuple[int, int] = (120, 40),
        env: Mapping[str, str] | None = None,
    ) -> None:
        # tmux leaves its socket behind; a path of a socket must be short.
        self._folder = tempfile.TemporaryDirectory(prefix="tmux-", dir="/tmp")
        socket = f"{self._folder.name}/socket"
        self._tmux = [need_program("tmux", "tmux"), "-S", socket, "-f", "/dev/null"]
        line = shlex.join(command)
        if env:
            line = (
                shlex.join(["env", *(f"{name}={value}" for name, value in env.items())])
                + " "
                + line
            )
        self._run("new-session", "-d", "-s", "t", "-x", str(size[0]), "-y", str(size[1]), line)
        self._run("set-option", "-g", "remain-on-exit", "on")

    def __enter__(self) -> "Tmux":
        return self

    def __exit__(self, *_: object) -> None:
        subprocess.run([*self._tmux, "kill-server"], capture_output=True, check=False)
        self._folder.cleanup()

    def send(self, *keys: str) -> None:
        """Press keys by tmux's names: "Enter", "Escape", "C-t", "F1"."""
        self._run("send-keys", "-t", "t", *keys)

    def type(self, text: str) -> None:
        """Type text as it is."""
        self._run("send-keys", "-t", "t", "-l", text)

    def capture(self, *, colours: bool = False) -> str:
        """The screen as text, with SGR sequences if asked for."""
        return self._run("capture-pane", "-p", "-t", "t", *(["-e"] if colours else []))

    def resize(self, columns: int, rows: int) -> None:
        """Change the window's size."""
        self._run("resize-window", "-t", "t", "-x", str(columns), "-y", str(rows))

    def dead(self) -> bool:
        """Whether the program has ended."""
        return self._run("display-message", "-p", "-t", "t", "#{pane_dead}").strip() == "1"

    def until(self, seen: str | Callable[[str], object]) -> str:
        """Wait until the screen holds a text, or a predicate of it is true; returns the screen."""
        found = (lambda text: seen in text) if isinstance(seen, str) else seen
        end = time.monotonic() + PATIENCE_S
        while not found(screen := self.capture()):
            assert time.monotonic() < end, f"never seen: {seen!r}; the screen:\n{screen}"
            time.sleep(0.1)
        return screen

    def until_dead(self) -> None:
        """Wait until the program has ended."""
        end = time.monotonic() + PATIENCE_S
        while not self.dead():
            assert time.monotonic() < end, f"still running; the screen:\n{self.capture()}"
            time.sleep(0.05)

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(
            [*self._tmux, *arguments], text=True, capture_output=True, check=True,
            timeout=PATIENCE_S,
        )  # fmt: skip
        return done.stdout
