"""The command as an operator starts it, for tests."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

from tests.patience import PATIENCE_S
from tests.terminal.pty_program import PtyProgram

CONSOLE = [sys.executable, "-m", "console"]


def llmconsole(*arguments, stdin=None, timeout=PATIENCE_S, **environment):
    """Run a verb to its end; `environment` adds variables."""
    return subprocess.run(
        [*CONSOLE, *arguments],
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        text=True,
        timeout=timeout,
        env={**os.environ, **environment},
        check=False,
    )


def configured(home: Path, text: str) -> Path:
    """Write the configuration file of a home."""
    path = home / ".config" / "llmconsole" / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def ledger_path(home: Path) -> Path:
    """Where the ledger of a home lies."""
    return home / ".local" / "share" / "llmconsole" / "ledger.db"


def ledger_rows(home: Path) -> list[dict]:
    """All rows of a ledger, oldest first, read with sqlite3 alone; none before it is there."""
    if not ledger_path(home).exists():
        return []
    connection = sqlite3.connect(ledger_path(home))
    connection.row_factory = sqlite3.Row
    try:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'entries'").fetchall():
            return []
        return [dict(row) for row in connection.execute("SELECT * FROM entries ORDER BY rowid")]
    finally:
        connection.close()


def one_sentence(text: str) -> bool:
    """Whether stderr is one clear line and no traceback."""
    return "Traceback" not in text and len(text.strip().splitlines()) == 1 and len(text) > 20


def tiers(local: str, api: str, *, key_env: str = "TEST_KEY", extra: str = "") -> str:
    """A configuration that points both tiers at servers on loopback."""
    return f"""
[tiers.local]
{local}
[tiers.api]
{api}
key_env = "{key_env}"
{extra}
"""


def reply_json(done) -> dict:
    """The object that `--json` printed."""
    return json.loads(done.stdout)


def ask(program: PtyProgram, text: str) -> None:
    """Type a message, and send it once it is there."""
    program.send(text)
    program.until(text)
    program.send("\r")
