"""A process that writes the ledger for tests: `python -m tests.sources.ledger.writer PATH HOW N`.

`many` opens and closes N rows; `phases` does so for ever, saying on stdout where it stands.
"""

import os
import sys
from dataclasses import replace
from pathlib import Path

from console.core.entry import Ending
from console.core.usage import Usage, UsageSource
from console.sources.ledger.store import SqliteLedger
from tests.sources.ledger.test_store import NOW, entry


def main() -> None:
    path, how, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    ledger = SqliteLedger(path, now_ms=NOW)
    number = 0
    while how == "phases" or number < count:
        row = entry(f"{os.getpid()}-{number}", started_ms=NOW + number)
        _say(how, f"opening {row.id}")
        ledger.open_entry(row)
        _say(how, f"streaming {row.id}")
        done = replace(row, ending=Ending.DONE, ended_ms=row.started_ms + 1)
        done = replace(done, usage=Usage(uncached=1, output=2), usage_source=UsageSource.REPORTED)
        _say(how, f"closing {row.id}")
        ledger.close_entry(done)
        _say(how, f"closed {row.id}")
        number += 1
    ledger.close()


def _say(how: str, what: str) -> None:
    if how == "phases":
        print(what, flush=True)


if __name__ == "__main__":
    main()
