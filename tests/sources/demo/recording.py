"""Recorded answers of real servers, and the comparison of an answer with one."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

CAPTURES = Path(__file__).parents[2] / "captures"


@dataclass
class Recording:
    """One recorded exchange."""

    method: str
    path: str
    sent: str
    status: int
    headers: dict[str, str]
    body: str

    @cached_property
    def json(self):
        return json.loads(self.body)

    @cached_property
    def lines(self):
        return [json.loads(line) for line in self.body.splitlines() if line]

    @cached_property
    def events(self):
        return events(self.body)


def recorded(server: str, name: str) -> Recording:
    head, _, body = (CAPTURES / server / f"{name}.txt").read_text().partition("\n\n")
    request, sent, status, *headers = head.split("\n")
    _, method, path = request.split()
    pairs = (header.removeprefix("< ").partition(":") for header in headers)
    return Recording(
        method,
        path,
        sent.removeprefix("> ").removeprefix(">"),
        int(status.removeprefix("< ")),
        {key: value.strip() for key, _, value in pairs},
        body,
    )


def events(body: str) -> list[tuple[str, dict]]:
    """Name and data of each server-sent event."""
    found = []
    for block in body.strip().split("\n\n"):
        name, data = block.split("\n")
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def shape(value):
    """Keys in their order and the types of values; a list is as its elements, each shape once."""
    if isinstance(value, dict):
        return [(key, shape(part)) for key, part in value.items()]
    if isinstance(value, list):
        shapes = []
        for part in value:
            if (one := shape(part)) not in shapes:
                shapes.append(one)
        return ("list", shapes)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "number"
    return type(value).__name__
