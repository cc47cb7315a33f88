"""System prompts by name: text files in one folder, and a copy of every version that was used."""

import re
from contextlib import suppress
from pathlib import Path

from console.core.chat import SystemPrompt
from console.core.text import one_line
from console.sources.files import read_attachment
from console.sources.places import write_whole

_NAME = re.compile(r"\w[\w. -]{0,60}")
_ENDINGS = (".md", ".txt", "")


class PromptFolder:
    """The operator's system prompts; each is a file whose name, less `.md` or `.txt`, is its own.

    `versions` is where the text of each version that was used is kept under its hash, so that a
    row of the ledger can be read years later.
    """

    def __init__(self, folder: Path, versions: Path) -> None:
        self.folder = folder
        self._versions = versions

    def names(self) -> list[str]:
        """The prompts there are."""
        with suppress(OSError):
            files = [file for file in self.folder.iterdir() if file.is_file()]
            names = {file.name.removesuffix(".md").removesuffix(".txt") for file in files}
            return sorted(name for name in names if _NAME.fullmatch(name))
        return []

    def read(self, name: str) -> SystemPrompt:
        """A prompt by its name, or from a file by `@` and its path.

        Raises ValueError with a sentence when there is none, or it cannot be used.
        """
        if name.startswith("@"):
            return _prompt(f"@{one_line(Path(name[1:]).name)}", name[1:])
        if _NAME.fullmatch(name):
            for ending in _ENDINGS:
                file = self.folder / f"{name}{ending}"
                if file.is_file():
                    return _prompt(name, str(file))
        known = ", ".join(self.names()) or "none yet"
        raise ValueError(
            f"There is no system prompt {one_line(name)!r} in {self.folder}; there are {known}."
        )

    def used(self, prompt: SystemPrompt) -> None:
        """Keep the text of a version that is about to be used; what cannot be kept is forgotten."""
        with suppress(OSError):
            file = self._versions / f"{prompt.version}.txt"
            if not file.exists():
                write_whole(file, prompt.text)

    def version(self, hash: str) -> str | None:
        """The text of a version that was used, by its hash."""
        if not re.fullmatch(r"[0-9a-f]{16}", hash):
            return None
        with suppress(OSError, UnicodeDecodeError):
            return (self._versions / f"{hash}.txt").read_text(encoding="utf-8")
        return None


def _prompt(name: str, path: str) -> SystemPrompt:
    attachment = read_attachment(path)
    if attachment.image:
        raise ValueError(f"{one_line(path)} is an image; a system prompt is text.")
    return SystemPrompt(name, attachment.text.strip("\n"), attachment.paths)
