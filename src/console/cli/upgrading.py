"""An older ledger is brought up to date before anything else, and the operator told how far."""

import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from console.cli.exits import Exit, Stop

if TYPE_CHECKING:
    from console.sources.ledger.upgrade import Upgrade

PATIENCE_S = 0.5
"""How long an upgrade may take without a word."""


def upgrade_ledger(path: Path) -> None:
    """Bring a ledger's schema up to date; Ctrl-C stops it, also within a step.

    What goes wrong is told by whoever opens the ledger next.
    """
    from console.sources.ledger.version import may_be_older

    if not may_be_older(path):
        return
    # Imported here: most starts need no more than the look at the file's first bytes.
    from threading import Thread

    from console.sources.ledger.upgrade import Upgrade, is_due

    if not is_due(path):
        return
    upgrade, began, said = Upgrade(path), time.monotonic(), ""
    running = Thread(target=_run, args=[upgrade])
    running.start()
    try:
        while running.is_alive():
            running.join(0.05)
            if (seconds := time.monotonic() - began) >= PATIENCE_S:
                said = _say(upgrade, seconds, said)
    except KeyboardInterrupt:
        while running.is_alive():
            upgrade.stop()
            running.join(0.05)
        raise Stop(
            "stopped; nothing is lost. The steps that were made stay, the others are made at the "
            "next start.",
            Exit.INTERRUPTED,
        ) from None
    finally:
        if said and sys.stderr.isatty():
            sys.stderr.write("\n")


def _run(upgrade: "Upgrade") -> None:
    with suppress(OSError):
        upgrade.run()


def _say(upgrade: "Upgrade", seconds: float, said: str) -> str:
    """Tell how far it is: on a terminal in place, elsewhere a line for each step."""
    on_terminal = sys.stderr.isatty()
    step = f"{upgrade.number}/{upgrade.steps} {upgrade.step.rstrip('.')}"
    now = f"{step} … {seconds:.0f} s" if on_terminal else step
    if not said:
        sys.stderr.write(
            f"The ledger of {upgrade.rows:,} rows is brought up to date, once.\n"
            "Ctrl-C stops; nothing is lost.\n"
        )
    if now != said:
        import shutil

        width = shutil.get_terminal_size().columns - 1
        sys.stderr.write(f"\r{now[:width]}\x1b[K" if on_terminal else f"{now}\n")
        sys.stderr.flush()
    return now
