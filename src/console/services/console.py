"""All services of one running console, as the front ends get them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from console.core.settings import Settings
from console.services.books import Books
from console.services.calculator import Calculator
from console.services.compare import Comparer
from console.services.dispatcher import Dispatcher
from console.services.electricity import Electricity
from console.services.health import Health
from console.services.meter import Meter
from console.services.ports import Clock, Copies, Files
from console.services.sampler import Sampler


class State(Protocol):
    """What the operator left open, kept between runs; losing it is harmless."""

    def get(self, name: str) -> object:
        """A remembered value (JSON), or None."""

    def put(self, name: str, value: object) -> None:
        """Remember a value; never raises."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """The services behind every front end; `demo` is true when everything is a stand-in."""

    settings: Settings
    clock: Clock
    sampler: Sampler
    meter: Meter
    electricity: Electricity
    books: Books
    dispatcher: Dispatcher
    health: Health
    state: State
    calculator: Calculator
    comparer: Comparer
    files: Files
    copies: Copies
    new_id: Callable[[], str]
    host: str
    demo: bool = False
