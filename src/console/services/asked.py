"""What an operator asks of a replay, as a line of words."""

import shlex
from datetime import UTC, datetime
from typing import NamedTuple


class Asked(NamedTuple):
    """Which replay: a policy by name or path, the last days, and the day its prices are of."""

    policy: str = "all-api"
    days: int = 30
    price_at: str = "now"

    def __str__(self) -> str:
        return f"{shlex.quote(self.policy)} {self.days} {self.price_at}"

    @classmethod
    def parse(cls, text: str) -> "Asked":
        """What an operator types: a policy, and after it days and now, row or a date in any order.

        Raises ValueError with a sentence.
        """
        try:
            policy, *rest = shlex.split(text)
        except ValueError:
            raise ValueError(
                "type a policy, days, and now, row or a date: all-api 30 now"
            ) from None
        asked = cls(policy)
        for word in rest:
            if word.removesuffix("d").isdigit():
                asked = asked._replace(days=int(word.removesuffix("d")))
                continue
            if word not in ("now", "row"):
                moment(word)
            asked = asked._replace(price_at=word)
        if not 1 <= asked.days <= 3660:
            raise ValueError("days must be 1 to 3660")
        return asked


def moment(text: str) -> int:
    """The start of an ISO date in UTC milliseconds; ValueError with a sentence for another text."""
    try:
        return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1000
    except ValueError:
        raise ValueError(f"prices can be those of now, row or a date, not {text}") from None
