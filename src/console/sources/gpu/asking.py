"""Questions to one card: what it refuses is remembered, told in words, and asked less often."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from console.core.text import one_line
from console.sources.gpu.fields import Field
from console.sources.gpu.nvml import ABSENT, NO_PERMISSION, NOT_FOUND, Driver, Refusal

GIVE_UP_AFTER = 3
ASK_AGAIN_S = 60.0
"""A value that was refused so many times in a row is asked for again only so often."""


class Asker:
    """Asks one card; `missing` says in a word, by the name of a value, why it is not known.

    `refusals` are those since `begin`.
    """

    def __init__(self, driver: Driver, monotonic: Callable[[], float]) -> None:
        self.driver = driver
        self.handle: Any = None
        self.missing: dict[str, str] = {}
        self.refusals: list[Refusal] = []
        self._monotonic = monotonic
        self._refused: dict[object, tuple[int, float]] = {}

    def begin(self) -> None:
        """A new turn."""
        self.refusals = []

    def ask(
        self,
        name: str | tuple[str, ...],
        function: str,
        *arguments: object,
        about: object = None,
    ) -> Any:  # noqa: ANN401 the binding is untyped
        """What a function says for the values named, else None.

        What is refused is remembered by its arguments, or by what it is `about` where those are
        no values. Raises Refusal when the card, not one value, is out of reach.
        """
        names = (name,) if isinstance(name, str) else name
        key = (function, *arguments) if about is None else (function, about)
        if not self.wants(key):
            return None
        try:
            value = self.driver.call(function, self.handle, *arguments)
        except Refusal as refusal:
            self._note(key, names, refusal)
            return None
        self._known(key, names)
        return value

    def first(self, name: str | tuple[str, ...], *ways: tuple[Any, ...]) -> Any:  # noqa: ANN401 the binding is untyped
        """What the first of some functions says that says anything; the newest come first."""
        for function, *arguments in ways:
            value = self.ask(name, function, *arguments)
            if value is not None:
                return value
        return None

    def ask_since(self, function: str, since_us: int) -> Sequence[Any]:
        """The samples since a time; none where there is no new one."""
        if not self.wants(function):
            return ()
        try:
            samples: Sequence[Any] = self.driver.call(function, self.handle, since_us)
        except Refusal as refusal:
            if refusal.code != NOT_FOUND:  # that is no new sample, and no error
                self._note(function, (), refusal)
            return ()
        return samples

    def fields(self, wanted: Sequence[Field], names: Mapping[Field, str]) -> dict[Field, int]:
        """The field values that the card has, all in one call."""
        asked = [each for each in wanted if self.wants(each)]
        if not asked:
            return {}
        try:
            answers = self.driver.call("nvmlDeviceGetFieldValues", self.handle, asked)
        except Refusal as refusal:
            for each in asked:
                self._note(each, _tuple(names.get(each)), refusal)
            return {}
        found = {}
        for each, answer in zip(asked, answers, strict=True):
            if answer.nvmlReturn:
                words = one_line(str(self.driver.api.NVMLError(answer.nvmlReturn)))
                self._note(each, _tuple(names.get(each)), Refusal(answer.nvmlReturn, words))
            else:
                found[each] = _number(answer)
                self._known(each, _tuple(names.get(each)))
        return found

    def forgive(self) -> None:
        """Ask for everything again: the card tells other values now than it did."""
        self._refused = {}

    def wants(self, key: object) -> bool:
        """Whether to ask for something that may have been refused before."""
        times, again = self._refused.get(key, (0, 0.0))
        return times < GIVE_UP_AFTER or self._monotonic() >= again

    def _note(self, key: object, names: tuple[str, ...], refusal: Refusal) -> None:
        if refusal.of_card:
            raise refusal
        self.refusals.append(refusal)
        # It can pass: some cards refuse for a moment when they are asked often.
        if refusal.code in ABSENT or refusal.code == NO_PERMISSION:
            times = self._refused.get(key, (0, 0.0))[0]
            self._refused[key] = times + 1, self._monotonic() + ASK_AGAIN_S
        for name in names:
            self.missing[name] = refusal.word

    def _known(self, key: object, names: tuple[str, ...]) -> None:
        self._refused.pop(key, None)
        for name in names:
            self.missing.pop(name, None)


def _tuple(name: str | None) -> tuple[str, ...]:
    return () if name is None else (name,)


def _number(answer: Any) -> int:  # noqa: ANN401 the binding is untyped
    """The value of a nvmlFieldValue_t, which has a type of its own."""
    member = {0: "dVal", 1: "uiVal", 2: "ulVal", 4: "sllVal", 5: "siVal"}
    return int(getattr(answer.value, member.get(answer.valueType, "ullVal")))
