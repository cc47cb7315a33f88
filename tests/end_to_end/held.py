"""The console, which after its first frame waits for a file before it goes on.

`python -m tests.end_to_end.held FILE`
"""

import sys
import time
from pathlib import Path

from console.cli import main


class Held:
    """Finds no module; what the console is made of behind its frame has to wait for the file."""

    def __init__(self, path):
        self.path = path

    def find_spec(self, name, path=None, target=None):
        while name == "console.wire.opening" and not self.path.exists():
            time.sleep(0.01)


if __name__ == "__main__":
    sys.meta_path.insert(0, Held(Path(sys.argv.pop())))
    main()
