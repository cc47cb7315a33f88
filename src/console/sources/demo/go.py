"""Values as Go writes and reads them, which is how Ollama's answers look."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

FOR_EVER_S = 1e9
"""What a negative duration means: more than thirty years."""


def dump(value: Mapping[str, Any]) -> bytes:
    """JSON as Go writes it: compact, and without the signs that mean something in HTML."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text.encode(errors="replace")


def timestamp(ns: int) -> str:
    """A UTC time as Go prints it: nine decimals, without zeros at the end."""
    whole, rest = divmod(ns, 10**9)
    decimals = f".{rest:09d}".rstrip("0").rstrip(".")
    return f"{datetime.fromtimestamp(whole, UTC):%Y-%m-%dT%H:%M:%S}{decimals}Z"


def duration_s(text: str) -> float:
    """A duration such as "1h30m", or a number of seconds; a negative one means for ever.

    Raises ValueError when it is neither.
    """
    units = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
    parts = re.findall(r"([\d.]+)(ms|[hms])", text)
    if parts and "".join(number + unit for number, unit in parts) == text.lstrip("-"):
        seconds = sum(float(number) * units[unit] for number, unit in parts)
    else:
        seconds = abs(float(text))
    return FOR_EVER_S if text.startswith("-") else min(seconds, FOR_EVER_S)
