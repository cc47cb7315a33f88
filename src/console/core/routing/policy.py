"""What the operator laid down for the router: the policy, rules, marks and the workload."""

from typing import NamedTuple

from console.core.guard.kinds import Kind
from console.core.routing.rule import Rule
from console.core.tier import Tier

POLICIES = ("article", "table", "score", "local-only", "api-only")
"""Policies by the name they have in the configuration; `policies` has what they choose."""


class Marks(NamedTuple):
    """What keeps a request on the box beside a pin by hand, and what the guard leaves alone.

    `words` are whole words or phrases in any case, `paths` and `tags` shell patterns. `images`
    keeps requests with images, which the guard cannot read.
    """

    words: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    images: bool = False
    ignored: frozenset[Kind] = frozenset()


class Workload(NamedTuple):
    """What the operator says of the workload as a whole, for the rows of policy `table`."""

    fine_tuning: bool = False
    inspection: bool = False
    prototyping: bool = False


class Policy(NamedTuple):
    """The policy by name, and what stands around it.

    `fallback` are the tiers that may step in for the other, `cascade` the second local model that
    checks replies.
    """

    name: str = "article"
    rules: tuple[Rule, ...] = ()
    marks: Marks = Marks()
    workload: Workload = Workload()
    fallback: tuple[Tier, ...] = (Tier.LOCAL,)
    cascade: str | None = None
