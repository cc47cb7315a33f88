"""The operator's own editor, for a text of ours."""

import os
import shlex
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from console.core.text import one_line

_MOST_BYTES = 4_000_000
_USUAL = "vi"


class ExternalEditor:
    """Runs what `VISUAL` or `EDITOR` names, on the terminal that we have let go of."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        named = (environment.get(name, "").strip() for name in ("VISUAL", "EDITOR"))
        self._command = next(filter(None, named), _USUAL)

    def edit(self, text: str) -> str:
        """The text as the operator left it; blocks until the editor ends.

        Raises ValueError with a sentence when there is no such editor, or it failed.
        """
        handle, name = tempfile.mkstemp(prefix="llmconsole-", suffix=".md")
        file = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as opened:
                # Editors want a line feed at the end of a file, and nobody means to send it.
                opened.write(f"{text}\n")
            self._run(name)
            return self._read(file)
        finally:
            with suppress(FileNotFoundError):
                file.unlink()

    def _run(self, name: str) -> None:
        shown = one_line(self._command)
        try:
            command = shlex.split(self._command)
            ended = subprocess.run([*command, name], check=False)
        except ValueError:
            raise ValueError(f"The editor {shown} cannot be run: a quote is not closed.") from None
        except OSError as error:
            raise ValueError(
                f"The editor {shown} cannot be run: {error.strerror}. Set VISUAL or EDITOR."
            ) from None
        if ended.returncode:
            raise ValueError(f"The editor {shown} ended with {ended.returncode}; nothing is taken.")

    def _read(self, file: Path) -> str:
        try:
            content = file.read_bytes()
        except OSError as error:
            raise ValueError(f"What was written cannot be read: {error.strerror}.") from None
        if len(content) > _MOST_BYTES:
            raise ValueError("What was written is over 4 MB; attach it with /file instead.")
        return content.decode("utf-8", "replace").removesuffix("\n")
