"""A moment held to the ticks of the energy counters."""

from typing import Any

from console.core.edge import Edge


def edge_from(answer: dict[str, Any]) -> Edge:
    """A card's edge from the child's answer; raises ValueError, KeyError or TypeError."""
    numbers = {name: value for name, value in answer.items() if name not in ("edge", "uuid")}
    for name, value in numbers.items():
        if not isinstance(value, int | float | None):
            raise ValueError(f"{name} is no number")
    return Edge(uuid=str(answer["uuid"]), **numbers)
