"""Where the program keeps its files, and how it writes them: for their owner's eyes only."""

import os
from pathlib import Path
from typing import NamedTuple

import platformdirs

APP = "llmconsole"


class Places(NamedTuple):
    """The program's files, and the folders of the operator's own themes and system prompts.

    None need exist.
    """

    config: Path
    ledger: Path
    conversations: Path
    log: Path
    state: Path
    model: Path
    themes: Path
    prompts: Path


def find_places(config: Path | None = None) -> Places:
    """The platform's usual folders, XDG variables honoured; `config` takes another settings file.

    Themes and prompts lie beside the settings file.
    """
    config = config or platformdirs.user_config_path(APP) / "config.toml"
    state = platformdirs.user_state_path(APP)
    return Places(
        config=config,
        ledger=platformdirs.user_data_path(APP) / "ledger.db",
        conversations=platformdirs.user_data_path(APP) / "conversations.db",
        log=state / "console.log",
        state=state / "state.json",
        model=platformdirs.user_data_path(APP) / "router.json",
        themes=config.parent / "themes",
        prompts=config.parent / "prompts",
    )


def make_folder(folder: Path) -> None:
    """Make a folder that only its owner can enter; one that exists is left as it is."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def write_whole(path: Path, text: str) -> None:
    """Write a file as a whole, 0600: a reader sees the old text or the new, never a part."""
    import tempfile

    make_folder(path.parent)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def append(path: Path, text: str) -> None:
    """Add to the end of a file, which is made 0600 if it is new."""
    make_folder(path.parent)
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)
