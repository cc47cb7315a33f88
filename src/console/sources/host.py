"""The machine the console runs on: its clock and time zone."""

import os
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


class SystemClock:
    """The machine's own clock, in the operator's time zone."""

    def __init__(self) -> None:
        self._zone = zone_name()

    def now_ms(self) -> int:
        """UTC milliseconds."""
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        """Seconds that never go backwards."""
        return time.monotonic()

    def zone(self) -> str:
        """The operator's IANA time zone."""
        return self._zone

    def midnight_ms(self, days_ago: int = 0) -> int:
        """UTC milliseconds of the start of a local day; a day is not always 24 hours."""
        day = self._today() - timedelta(days=days_ago)
        return self._start_ms(day)

    def month_start_ms(self) -> int:
        """UTC milliseconds of the start of the local month."""
        return self._start_ms(self._today().replace(day=1))

    def _today(self) -> datetime:
        now = datetime.fromtimestamp(self.now_ms() / 1000, ZoneInfo(self._zone))
        return datetime(now.year, now.month, now.day, tzinfo=now.tzinfo)

    def _start_ms(self, day: datetime) -> int:
        start = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self._zone))
        return int(start.astimezone(UTC).timestamp() * 1000)


def host_name() -> str:
    """What the machine is called."""
    return os.uname().nodename


def zone_name() -> str:
    """The IANA name of the machine's time zone; "UTC" when it cannot be told."""
    candidates = [os.environ.get("TZ", "").lstrip(":")]
    with suppress(OSError):
        candidates.append(Path("/etc/timezone").read_text().strip())
    local = str(Path("/etc/localtime").resolve())
    candidates.append(local.partition("zoneinfo/")[2])
    for name in candidates:
        try:
            if name and ZoneInfo(name):
                return name
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return "UTC"
