"""What pynvml imports and does not use on Linux, kept out until it is used."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from types import ModuleType

_UTIL = "ctypes.util"


class _Util(ModuleType):
    """Stands for `ctypes.util` until its function is called."""

    @staticmethod
    def find_library(name: str) -> str | None:
        """The real one's answer."""
        from ctypes.util import find_library

        return find_library(name)


@contextmanager
def find_library_deferred() -> Generator[None]:
    """Have `from ctypes.util import find_library` give one that imports the real one when called.

    pynvml takes this name and on Linux opens the library without it. Its module brings shutil,
    tempfile, subprocess and thirty more, a fifth of the GPU reader's start.
    """
    if _UTIL in sys.modules:
        yield
        return
    sys.modules[_UTIL] = _Util(_UTIL)
    try:
        yield
    finally:
        del sys.modules[_UTIL]
