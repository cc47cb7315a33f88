"""Figures as text of a known width; unknown is `-`, never 0."""

UNKNOWN = "-"


def count(value: float | None) -> str:
    """A count in at most five characters: 820, 1.2k, 312k, 4.5M."""
    if value is None:
        return UNKNOWN
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        # 999.95k would round to 1000k: it is 1.0M.
        if value >= size * 0.9995:
            scaled = value / size
            return f"{scaled:.1f}{unit}" if scaled < 99.95 else f"{scaled:.0f}{unit}"
    return f"{value:.0f}"


def dollars(nano: int | None) -> str:
    """A sum of money: cents, or five places when it is less than one."""
    if nano is None:
        return UNKNOWN
    sign, amount = ("-" if nano < 0 else ""), abs(nano) / 1e9
    if amount >= 0.005 or nano == 0:
        return f"{sign}${amount:,.2f}"
    if amount < 0.000005:
        return f"{sign}<$0.00001"
    return f"{sign}${amount:.5f}"


def row_dollars(nano: int | None) -> str:
    """What one request cost, in at most seven characters, without the sign of the currency.

    To five places below ten dollars; a dearer one gives places up, never digits.
    """
    if nano is None:
        return UNKNOWN
    if 0 < nano < 5_000:
        return "<.00001"
    amount = nano / 1e9
    places = next(
        (n for most, n in ((9.999995, 5), (99.99995, 4), (999.9995, 3)) if amount < most), 2
    )
    return f"{amount:.{places}f}"


def milliseconds(value: float | None) -> str:
    """A length of time in at most five characters: 640ms, 1.8s, 12s, 3m05, 2h10."""
    if value is None:
        return UNKNOWN
    if value < 999.5:
        return f"{value:.0f}ms"
    seconds = value / 1000
    if seconds < 9.95:
        return f"{seconds:.1f}s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02d}"
    return f"{whole // 3600}h{whole % 3600 // 60:02d}"


def rate(value: float | None) -> str:
    """A rate per second: 9.5, 212."""
    if value is None:
        return UNKNOWN
    return f"{value:.1f}" if value < 9.95 else count(value)


def whole(value: float | None) -> str:
    """A figure without a fraction."""
    return UNKNOWN if value is None else f"{value:.0f}"


def gib(value: float | None) -> str:
    """Bytes in GiB: 0.9, 40.1, 141."""
    if value is None:
        return UNKNOWN
    scaled = value / 2**30
    return f"{scaled:.1f}" if scaled < 99.95 else f"{scaled:.0f}"


def ago(seconds: float) -> str:
    """How long ago something was: 12 s ago, 3 min ago, 2 h ago."""
    whole_s = max(0, int(seconds))
    if whole_s < 120:
        return f"{whole_s} s ago"
    return f"{whole_s // 60} min ago" if whole_s < 7200 else f"{whole_s // 3600} h ago"


def per_second(value: float | None) -> str:
    """Bytes per second in decimal units: 0 B/s, 340 kB/s, 1.2 GB/s."""
    if value is None:
        return UNKNOWN
    for size, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if value >= size * 0.9995:
            scaled = value / size
            return f"{scaled:.1f} {unit}/s" if scaled < 9.95 else f"{scaled:.0f} {unit}/s"
    return f"{value:.0f} B/s"
