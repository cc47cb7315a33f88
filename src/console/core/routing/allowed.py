"""The tiers that may serve a request at all: computed once, and from then on only fewer."""

from collections.abc import Iterator

from console.core.tier import Tier


class Allowed:
    """A set of tiers that has no operation by which it grows.

    It begins as both tiers, or as the box alone; every step after that can only narrow it.
    """

    __slots__ = ("_tiers",)

    def __init__(self, *, on_the_box: bool) -> None:
        self._tiers = frozenset({Tier.LOCAL}) if on_the_box else frozenset(Tier)

    def only(self, tier: Tier) -> "Allowed":
        """At most this tier."""
        return self._narrowed(self._tiers & {tier})

    def without(self, tier: Tier) -> "Allowed":
        """All but this tier."""
        return self._narrowed(self._tiers - {tier})

    def within(self, other: "Allowed") -> "Allowed":
        """What both allow."""
        return self._narrowed(self._tiers & other._tiers)

    def _narrowed(self, tiers: frozenset[Tier]) -> "Allowed":
        fewer = Allowed(on_the_box=False)
        fewer._tiers = self._tiers & tiers
        return fewer

    def __contains__(self, tier: object) -> bool:
        return tier in self._tiers

    def __iter__(self) -> Iterator[Tier]:
        return iter(sorted(self._tiers))

    def __len__(self) -> int:
        return len(self._tiers)

    def __eq__(self, other: object) -> bool:
        return self._tiers == (other._tiers if isinstance(other, Allowed) else other)

    def __hash__(self) -> int:
        return hash(self._tiers)

    def __repr__(self) -> str:
        return f"Allowed({', '.join(self) or 'nothing'})"
