"""The file of GPU histories: fixed records that are appended, checked one by one, and compacted.

A record is 32 bytes, little-endian: CRC-32 of the rest, kind, number of parts, id of a series,
and 24 bytes of payload. Kind 0 is a bucket: start in UTC seconds, width in seconds, and lowest,
highest and last value as 32-bit floats. Kind 1, 2, … is that part of the UTF-8 name of a series.
A record that is torn or damaged is left out, and the rest still reads: none refers to its
neighbour, and the file is only ever cut at multiples of 32.
"""

import fcntl
import os
import struct
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO

from console.core.series import COARSE_S, KEPT_S, Bucket, KeptBucket
from console.sources.places import make_folder

SIZE = 32
NAME, VERSION = b"llmconsole gpu history ", b"1"
HEADER = (NAME + VERSION).ljust(SIZE - 1) + b"\n"
FINE_FOR_S, COARSE_FOR_S = 3 * 3600, 3 * 86400
"""How long buckets of KEPT_S and of COARSE_S are kept; what is older goes at a compaction."""

GROWTH = 2
GROWTH_LEAST_B = 1 << 20
"""The file is compacted when it is so many times as long as after the last time, and so much."""

_RECORD = struct.Struct("<IBBH24s")
_BUCKET = struct.Struct("<IHxxfff4x")
_NAME_B = 24


class HistoryFile:
    """One console at a time writes the file; another one takes over when that one ends."""

    def __init__(self, path: Path, now_s: Callable[[], float]) -> None:
        self._path = path
        self._now_s = now_s
        self._lock: int | None = None
        self._wanted = False
        self._ids: dict[str, int] = {}
        self._compacted_b = 0

    def load(self) -> list[KeptBucket]:
        """All buckets that read, oldest first, and the file compacted; raises OSError."""
        make_folder(self._path.parent)
        self._wanted = True
        self._lock = self._locked()
        kept = self._read()
        if self._lock is not None:
            kept = self._compact(kept)
        return kept

    def append(self, kept: Iterable[KeptBucket]) -> None:
        """Add buckets at the end; raises OSError."""
        if self._lock is None and not self._takes_over():
            return
        records = b"".join(self._records(kept))
        with _private(self._path, "ab", os.O_APPEND) as file:
            # A write that was cut short must not shift what follows.
            torn = file.tell() % SIZE
            file.write(b"\0" * ((SIZE - torn) % SIZE) + records)
            length = file.tell()
        if length > max(GROWTH * self._compacted_b, self._compacted_b + GROWTH_LEAST_B):
            self._compact(self._read())

    def close(self) -> None:
        """Let another console write."""
        self._wanted = False
        lock, self._lock = self._lock, None
        if lock is not None:
            os.close(lock)

    def _takes_over(self) -> bool:
        """Whether the console that wrote the file has ended, so that this one writes it now."""
        if not self._wanted:
            return False
        self._lock = self._locked()
        if self._lock is None:
            return False
        self._compact(self._read())  # which gives the series this process's own ids
        return True

    def _locked(self) -> int | None:
        """The lock, or None when another console has it."""
        path = self._path.with_suffix(".lock")
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            return None
        return handle

    def _read(self) -> list[KeptBucket]:
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return []
        whole_header = len(data) >= SIZE  # a shorter one is damage
        if whole_header and data.startswith(NAME) and not data.startswith(HEADER):
            raise OSError(f"{self._path} was written by another version")
        whole = data[SIZE : len(data) - len(data) % SIZE]
        parts: dict[int, dict[int, bytes]] = {}
        buckets: list[tuple[int, float, Bucket]] = []
        names: dict[int, str] = {}
        for crc, kind, count, id, payload in _RECORD.iter_unpack(whole):
            if crc != _crc(kind, count, id, payload):
                continue
            if kind:
                found = parts.setdefault(id, {})
                found[kind] = payload
                if len(found) == count:
                    name = b"".join(found[part] for part in sorted(found))
                    names[id] = name.rstrip(b"\0").decode(errors="replace")
            else:
                start, width, low, high, last = _BUCKET.unpack(payload)
                buckets.append((id, width, Bucket(start, low, high, last)))
        kept = [KeptBucket(names[id], width, each) for id, width, each in buckets if id in names]
        kept.sort(key=lambda each: each.bucket.start)
        return kept

    def _compact(self, kept: list[KeptBucket]) -> list[KeptBucket]:
        """Write anew what is worth keeping: all of the last hours, minutes of the last days."""
        now_s = self._now_s()
        merged: dict[tuple[str, float, float], Bucket] = {}
        for each in kept:
            bucket, fine = each.bucket, each.bucket.start > now_s - FINE_FOR_S
            if bucket.start < now_s - COARSE_FOR_S or bucket.start > now_s + COARSE_S:
                continue
            width = KEPT_S if fine and each.width <= KEPT_S else COARSE_S
            start = bucket.start - bucket.start % width
            before = merged.get((each.key, width, start))
            if before is None:
                merged[each.key, width, start] = Bucket(start, *_values(bucket))
            else:
                low, high = min(before.low, bucket.low), max(before.high, bucket.high)
                merged[each.key, width, start] = Bucket(start, low, high, bucket.last)
        lean = [KeptBucket(key, width, bucket) for (key, width, _), bucket in merged.items()]
        lean.sort(key=lambda each: each.bucket.start)
        self._ids = {}
        fresh = self._path.with_suffix(".new")
        with _private(fresh, "wb", os.O_TRUNC) as file:
            file.write(HEADER + b"".join(self._records(lean)))
            file.flush()
            os.fsync(file.fileno())
            self._compacted_b = file.tell()
        fresh.replace(self._path)
        return lean

    def _records(self, kept: Iterable[KeptBucket]) -> Iterable[bytes]:
        for each in kept:
            id = self._ids.get(each.key)
            if id is None:
                id = self._ids[each.key] = len(self._ids)
                name = each.key.encode()
                count = -(-len(name) // _NAME_B)
                for part in range(count):
                    yield _packed(part + 1, count, id, name[part * _NAME_B :][:_NAME_B])
            bucket = each.bucket
            start = min(max(0, int(bucket.start)), 2**32 - 1)
            payload = _BUCKET.pack(start, int(each.width), *_values(bucket))
            yield _packed(0, 0, id, payload)


def _values(bucket: Bucket) -> tuple[float, float, float]:
    return bucket.low, bucket.high, bucket.last


def _packed(kind: int, count: int, id: int, payload: bytes) -> bytes:
    payload = payload.ljust(24, b"\0")
    return _RECORD.pack(_crc(kind, count, id, payload), kind, count, id, payload)


def _crc(kind: int, count: int, id: int, payload: bytes) -> int:
    return zlib.crc32(payload, kind << 24 | count << 16 | id)


def _private(path: Path, mode: str, flag: int) -> IO[bytes]:
    """Open a file to write, readable by its owner alone if it is new."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | flag, 0o600), mode)
