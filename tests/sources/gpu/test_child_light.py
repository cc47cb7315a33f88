"""The GPU reader is ready soon: it imports what it uses."""

import subprocess
import sys
from importlib.util import find_spec

import pytest

from console.sources.gpu.deferred import find_library_deferred

UNUSED = (
    "asyncio", "concurrent.futures", "dataclasses", "inspect", "ast", "pathlib", "urllib.parse",
    "ctypes.util", "subprocess", "shutil", "tempfile", "random", "logging", "ssl", "socket",
    "email", "site", "console.sources.gpu.process", "console.sources.gpu.reader",
    "console.services", "console.core.settings",
)  # fmt: skip
OPENED = """
import sys
import console.sources.gpu.child
from console.sources.gpu.nvml import Driver

assert Driver().open() is None
print(*sys.modules)
"""


@pytest.fixture(scope="module")
def imported(fakenvml):
    """The modules of a reader that has opened the driver."""
    env = {"LD_LIBRARY_PATH": str(fakenvml), "PYTHONPATH": ":".join(filter(None, sys.path))}
    command = [sys.executable, "-P", "-S", "-W", "error", "-c", OPENED]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=env)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@pytest.mark.parametrize("module", UNUSED)
def test_the_reader_does_without(imported, module):
    assert find_spec(module) is not None, "a name that is no module's holds nothing"
    assert "pynvml" in imported
    assert module not in imported


FOUND = """
import sys
from console.sources.gpu.nvml import Driver

Driver().open()
import pynvml
mine = pynvml.find_library("c")
import ctypes.util
assert "tempfile" in sys.modules and mine == ctypes.util.find_library("c"), mine
"""


def test_the_binding_can_still_look_for_a_library():
    env = {"PYTHONPATH": ":".join(filter(None, sys.path)), "PATH": ""}
    command = [sys.executable, "-P", "-W", "error", "-c", FOUND]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=env)
    assert done.returncode == 0, done.stderr


def test_what_was_imported_before_stays():
    import ctypes.util

    with find_library_deferred():
        assert sys.modules["ctypes.util"] is ctypes.util
    assert sys.modules["ctypes.util"] is ctypes.util
