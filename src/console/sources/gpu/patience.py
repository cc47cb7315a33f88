"""How long the readers of the cards are waited for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a child may be silent and how long to wait before the next one, in seconds.

    `opening_s` is for its first line: opening the driver wakes every card, which takes seconds
    on a box without persistence mode. Waits double from `wait_s` to `wait_most_s`, and start
    again at `wait_s` after a child that lived longer than that. A second child looks whether a
    faulty card is well after `again_s`, is given as long, and then after twice as long each time,
    up to `again_most_s`.
    """

    silent_s: float = 3.0
    opening_s: float = 20.0
    wait_s: float = 1.0
    wait_most_s: float = 25.0
    again_s: float = 8.0
    again_most_s: float = 20.0
