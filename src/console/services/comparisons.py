"""A set of prompts put to both tiers, one after the other, each result kept as soon as it is."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from console.core.chat import Delta
from console.core.comparison import Answered, Compared, Task
from console.core.routing.request import Request
from console.core.tier import Tier
from console.services.compare import Comparer
from console.services.dispatcher import Event, Failed

GIVE_UP = 3
"""Tasks in a row that one tier fails before the rest is left for another run."""


class Log(Protocol):
    """Where results are kept."""

    def add(self, result: Compared, models: Mapping[Tier, str]) -> None:
        """Keep a result; raises OSError."""


class Comparisons:
    """Runs tasks; a task that must stay on the box is left out, never sent.

    `paths` are those of the file that the tasks come from, which a mark may cover.
    """

    def __init__(
        self,
        comparer: Comparer,
        log: Log,
        models: Mapping[Tier, str],
        *,
        paths: tuple[str, ...] = (),
    ) -> None:
        self._comparer = comparer
        self._paths = paths
        self._log = log
        self._models = models
        self.given_up: str | None = None
        """Why the rest was left for another run."""

    def kept_back(self, tasks: Sequence[Task]) -> dict[str, str]:
        """The tasks that may not go to both tiers, and why."""
        refusals = ((t.id, self._comparer.refusal(self._request(t))) for t in tasks)
        return {id: why for id, why in refusals if why}

    async def run(self, tasks: Sequence[Task], tell: Callable[[Compared], None]) -> None:
        """Compare tasks in order; each result is kept before it is told.

        Raises OSError when a result cannot be kept.
        """
        failing = dict.fromkeys(Tier, 0)
        for task in tasks:
            result = await self._compare(task)
            self._log.add(result, self._models)
            tell(result)
            for tier, answer in result.answers.items():
                failing[tier] = 0 if answer.failure is None else failing[tier] + 1
                if failing[tier] >= GIVE_UP:
                    self.given_up = f"the {tier} tier failed {GIVE_UP} times in a row: "
                    self.given_up += answer.failure or ""
                    return

    def _request(self, task: Task) -> Request:
        return Request(task=task.prompt, paths=self._paths)

    async def _compare(self, task: Task) -> Compared:
        pair = self._comparer.pair(self._request(task))
        pieces: dict[str, list[str]] = {name: [] for name in pair.tiers}

        def hear(name: str, event: Event) -> None:
            if isinstance(event, Delta):
                pieces[name].append(event.text)

        outcomes = await self._comparer.ask(pair, hear)
        answers = {}
        for name, tier in pair.tiers.items():
            outcome = outcomes[name]
            failure = (
                f"{outcome.what} {outcome.hint}".strip() if isinstance(outcome, Failed) else None
            )
            answers[tier] = Answered.of(outcome.entry, "".join(pieces[name]), failure)
        return Compared(task=task, answers={tier: answers[tier] for tier in Tier})
