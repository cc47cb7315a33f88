"""The file of a recorded GPU trace, version 4.

UTF-8 text, gzipped when its first bytes say so. The first line is a JSON object:

    {"llmconsole-gpu-trace": 4, "origin": "2× RTX 3090, batch of 8", "synthetic": false,
     "interval_s": 1.0}

`origin` says where the values come from, `synthetic` whether a program made them up. Every other
line is a snapshot as `console.core.gpu_json.to_line` writes it, with `at_ms` rising; a field
that is left out has its default. A recording that was cut short ends with its last whole line.
Earlier versions knew fewer fields of a card: version 1 the fewest, version 2 no MIG instances,
version 3 none of their shares of time and no reserved memory.
"""

import json
import math
import os
import zlib
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from console.core.gpu import Snapshot
from console.core.gpu_json import from_json, to_line
from console.core.text import one_line

NAME, VERSION = "llmconsole-gpu-trace", 4
READABLE = (1, 2, 3, VERSION)
LARGEST_B = 256 * 2**20
FLUSH_EVERY = 10
GZIPPED = b"\x1f\x8b"


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
    except (ValueError, LookupError, TypeError, RecursionError):
        raise ValueError(f"{path} is not a GPU trace: its first line has no {NAME!r}.") from None
    if version not in READABLE:
        newer = isinstance(version, int) and version > VERSION
        raise ValueError(
            f"{path} is a GPU trace of version {one_line(repr(version))}, and this llmconsole "
            f"reads 1 to {VERSION}" + (": upgrade it, or record anew." if newer else ".")
        )
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
            data = file.read(LARGEST_B + 1)
        if data.startswith(GZIPPED):
            data = _unpacked(data)
        if len(data) > LARGEST_B:
            raise ValueError(
                f"{path} is too large for a GPU trace (over {LARGEST_B >> 20} MiB of text): record "
                "for a shorter time, or with a longer --interval."
            )
        return _whole_lines(data).decode()
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not a GPU trace: it is not UTF-8 text.") from None
    except (OSError, zlib.error) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "damaged"
        raise ValueError(f"The GPU trace {path} cannot be read: {why}.") from None


def _whole_lines(data: bytes) -> bytes:
    """Without a last line that was cut short."""
    end = data.rfind(b"\n") + 1
    try:
        json.loads(data[end:] or b"{}")
    except ValueError:
        return data[:end] or data
    except RecursionError:
        return data  # whole, and refused where it is read
    return data


def _unpacked(data: bytes) -> bytes:
    """What is in a gzip stream, also when its end is missing; raises zlib.error."""
    unpacker = zlib.decompressobj(wbits=31)
    return unpacker.decompress(data, LARGEST_B + 1)


def _is_time(value: float | None) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return math.isfinite(value) and value > 0


class TraceWriter:
    """Writes a trace line by line, gzipped where the name ends in .gz.

    What was written `FLUSH_EVERY` lines ago is on the disk whatever ends the process.
    """

    def __init__(self, path: Path, *, origin: str, synthetic: bool, interval_s: float) -> None:
        """Makes the file, for its owner's eyes only; raises OSError, also when it is there."""
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(handle, "wb")
        self._packer = zlib.compressobj(wbits=31) if path.suffix == ".gz" else None
        self.lines = 0
        header = {NAME: VERSION, "origin": origin, "synthetic": synthetic, "interval_s": interval_s}
        self._write(json.dumps(header))

    def add(self, snapshot: Snapshot) -> None:
        """Write a snapshot, later than those before it; raises OSError."""
        self._write(to_line(snapshot))
        self.lines += 1
        if self.lines % FLUSH_EVERY == 0:
            if self._packer is not None:
                self._file.write(self._packer.flush(zlib.Z_SYNC_FLUSH))
            self._file.flush()

    def give_up(self) -> None:
        """Leave the file as it is: it cannot be written any more."""
        # What is still in memory would be written at the close, and fail again.
        with suppress(OSError):
            self._file.close()

    def close(self) -> int:
        """End the file; its length in bytes. Raises OSError."""
        if self._packer is not None:
            self._file.write(self._packer.flush())
        length = self._file.tell()
        self._file.close()
        return length

    def _write(self, line: str) -> None:
        data = f"{line}\n".encode()
        self._file.write(self._packer.compress(data) if self._packer is not None else data)
