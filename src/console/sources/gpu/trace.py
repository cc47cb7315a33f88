"""The file of a recorded GPU trace, version 1.

UTF-8 text, gzipped when its first bytes say so. The first line is a JSON object:

    {"llmconsole-gpu-trace": 1, "origin": "2× RTX 3090, batch of 8", "synthetic": false,
     "interval_s": 1.0}

`origin` says where the values come from, `synthetic` whether a program made them up. Every other
line is a snapshot as `console.core.gpu_json.to_line` writes it, with `at_ms` rising.
"""

import gzip
import json
import math
import zlib
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from console.core.gpu import Snapshot
from console.core.gpu_json import from_json
from console.core.text import one_line

NAME, VERSION = "llmconsole-gpu-trace", 1
LARGEST_B = 256 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """Snapshots in order of time, at least one, about `interval_s` apart."""

    origin: str
    synthetic: bool
    interval_s: float
    frames: tuple[Snapshot, ...]


def read_trace(path: Path) -> Trace:
    """The trace in a file.

    Raises ValueError with a sentence for the operator when there is none.
    """
    lines = _text(path).splitlines()
    try:
        header = json.loads(lines[0])
        version = header[NAME]
    except (ValueError, LookupError, TypeError):
        raise ValueError(f"{path} is not a GPU trace: its first line has no {NAME!r}.") from None
    if version != VERSION:
        raise ValueError(f"{path} is a GPU trace of another version than {VERSION}: {version!r}.")
    origin, synthetic = header.get("origin"), header.get("synthetic")
    interval_s = header.get("interval_s")
    if not isinstance(origin, str) or not isinstance(synthetic, bool) or not _is_time(interval_s):
        raise ValueError(f"{path}, line 1: origin, synthetic or interval_s is missing or wrong.")
    frames = []
    for number, line in enumerate(lines[1:], start=2):
        try:
            frames.append(from_json(line))
        except ValueError as error:
            raise ValueError(f"{path}, line {number}: {error}.") from None
    if not frames:
        raise ValueError(f"{path} is a GPU trace without a snapshot.")
    if any(later.at_ms <= earlier.at_ms for earlier, later in pairwise(frames)):
        raise ValueError(f"{path}: the snapshots are not in order of time.")
    return Trace(
        origin=one_line(origin),
        synthetic=synthetic,
        interval_s=float(interval_s),
        frames=tuple(frames),
    )


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            data = (gzip.GzipFile(fileobj=file) if packed else file).read(LARGEST_B + 1)
        if len(data) > LARGEST_B:
            raise ValueError(f"{path} is too large for a GPU trace (over {LARGEST_B >> 20} MiB).")
        return data.decode()
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not a GPU trace: it is not UTF-8 text.") from None
    except (OSError, EOFError, zlib.error) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "damaged"
        raise ValueError(f"The GPU trace {path} cannot be read: {why}.") from None


def _is_time(value: float | None) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return math.isfinite(value) and value > 0
