"""What is known of how a tier is doing."""

from typing import NamedTuple

from console.core.tier import Tier


class Standing(NamedTuple):
    """A tier's state: `ok` is None until something is known; `trouble` is one sentence.

    `vision` is whether its model takes images, None where nobody knows. `lacking` says that its
    server lists what it has and this model is not there; a request that failed does not say that.
    """

    ok: bool | None = None
    trouble: str | None = None
    version: str | None = None
    models: tuple[str, ...] | None = None
    vision: bool | None = None
    lacking: str | None = None


def first_standings(missing_key: str | None) -> dict[Tier, Standing]:
    """What is known before anybody was asked: whether the API's key is there."""
    api = Standing(ok=False, trouble=missing_key) if missing_key else Standing()
    return {Tier.LOCAL: Standing(), Tier.API: api}
