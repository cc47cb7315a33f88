"""Days and months in the operator's zone; a day is not always 24 hours."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_BACK = re.compile(r"(\d{1,6})(m|h|d|w)")
_MS = {"m": 60_000, "h": 3_600_000}
_DAYS = {"d": 1, "w": 7}
_EPOCH = date(1970, 1, 2).toordinal()


def zone_of(name: str) -> ZoneInfo:
    """The zone of a name, UTC where this machine does not know it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def local_date(at_ms: int, zone: str) -> date:
    """The local date of a UTC time."""
    return datetime.fromtimestamp(at_ms / 1000, zone_of(zone)).date()


def local_day(at_ms: int, zone: str) -> str:
    """The local date of a UTC time, ISO."""
    return local_date(at_ms, zone).isoformat()


def start_ms(day: date, zone: str) -> int:
    """UTC milliseconds of the start of a local day.

    Where clocks are put forward at midnight, that is the first moment the day has.
    """
    start = datetime(day.year, day.month, day.day, tzinfo=zone_of(zone))
    return int(start.astimezone(UTC).timestamp() * 1000)


def is_midnight(at_ms: int, zone: str) -> bool:
    """Whether a local day begins at a UTC time."""
    return at_ms % 1000 == 0 and local_day(at_ms, zone) != local_day(at_ms - 1, zone)


def next_month(day: date) -> date:
    """The first day of the month after a day's."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def instant_ms(text: str, now_ms: int, zone: str) -> int:
    """The UTC time that a text names.

    `90m` and `24h` ago; `7d`, today and the six days before; `2w`, `today`, `yesterday`, `month`;
    `2026-11-01`, `2026-11-01T09:30`, local. Raises ValueError with what would do.
    """
    today = local_date(now_ms, zone)
    if back := _BACK.fullmatch(text):
        number, unit = int(back[1]), back[2]
        if unit in _MS:
            return now_ms - number * _MS[unit]
        day = max(today.toordinal() - max(number * _DAYS[unit] - 1, 0), _EPOCH)
        return start_ms(date.fromordinal(day), zone)
    match text:
        case "today":
            return start_ms(today, zone)
        case "yesterday":
            return start_ms(today - timedelta(days=1), zone)
        case "month":
            return start_ms(today.replace(day=1), zone)
    try:
        named = datetime.fromisoformat(text)
        if named.year < 1970 or named.year > 9000:
            raise ValueError
    except ValueError:
        raise ValueError(
            f'"{text}" is no time: write 24h, 7d, today, yesterday, month or 2026-11-01'
        ) from None
    if named.tzinfo is None:
        if named.time() == time():
            return start_ms(named.date(), zone)
        named = named.replace(tzinfo=zone_of(zone))
    return int(named.timestamp() * 1000)


def local_minute(at_ms: int, zone: str) -> tuple[int, int]:
    """The weekday (0 is Monday) and the minute of the local day of a UTC time in ms."""
    at = datetime.fromtimestamp(at_ms / 1000, zone_of(zone))
    return at.weekday(), at.hour * 60 + at.minute
