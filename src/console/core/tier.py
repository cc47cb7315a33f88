"""The two tiers a request can be served by."""

from enum import StrEnum


class Tier(StrEnum):
    """Who serves a request: the operator's own box, or the paid API."""

    LOCAL = "local"
    API = "api"

    @property
    def other(self) -> "Tier":
        """The tier that is not this one."""
        return Tier.API if self is Tier.LOCAL else Tier.LOCAL
