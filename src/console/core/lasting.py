"""What is loaded to stay until the program ends, kept out of the garbage collector's way."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """Load libraries inside: nothing is collected meanwhile, and what is there is let be after.

    A model client brings 140,000 objects. Looking through them, which happens again and again
    while they come and once more when as many others have come, takes 100 ms, in which no other
    thread runs: a screen would stand still in the middle of a reply.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if collecting:
            gc.enable()
