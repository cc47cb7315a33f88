"""A set of prompts answered by both tiers: each result, and what they come to together."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

from console.core.answers import Kind, kind_of, right, same
from console.core.entry import Entry
from console.core.tier import Tier
from console.core.verdict import Judgement, Verdict

Number = TypeVar("Number", int, float)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One prompt of a set; `expected` is the answer it is graded by, if it is."""

    id: str
    prompt: str
    expected: str | None = None
    kind: Kind | None = None

    @property
    def grading(self) -> Kind | None:
        """How the replies are graded; None when they are not."""
        return None if self.expected is None else self.kind or kind_of(self.expected)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What one tier made of a task: its ledger row and its text, or why there is none.

    Times in ms, money in nano-dollars, energy in joules; None is unknown.
    """

    entry: str | None
    model: str | None
    reply: str
    failure: str | None = None
    duration_ms: int | None = None
    ttft_ms: int | None = None
    prompt_tokens: int | None = None
    output_tokens: int | None = None
    spent_nano: int | None = None
    energy_j: float | None = None

    @classmethod
    def of(cls, entry: Entry | None, reply: str, failure: str | None) -> "Answered":
        """What a request's row says of it."""
        if entry is None:
            return cls(entry=None, model=None, reply=reply, failure=failure)
        return cls(
            entry=entry.id,
            model=entry.model_reported or entry.model,
            reply=reply,
            failure=failure,
            duration_ms=entry.duration_ms,
            ttft_ms=entry.ttft_ms,
            prompt_tokens=entry.usage.prompt,
            output_tokens=entry.usage.output,
            spent_nano=entry.spent_nano,
            energy_j=entry.energy_j,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A task and both tiers' answers."""

    task: Task
    answers: Mapping[Tier, Answered]

    @property
    def whole(self) -> bool:
        """Whether both tiers answered."""
        return all(answer.failure is None for answer in self.answers.values())

    @property
    def agree(self) -> bool | None:
        """Whether both give one answer; None when that cannot be told from free text."""
        if not self.whole:
            return None
        local, api = (self.answers[tier].reply for tier in Tier)
        if kind := self.task.grading:
            return same(local, api, kind)
        return True if local.strip() == api.strip() else None

    @property
    def grades(self) -> dict[Tier, bool] | None:
        """Whether each tier is right; None when the task is not graded or a tier failed."""
        expected, kind = self.task.expected, self.task.grading
        if expected is None or kind is None or not self.whole:
            return None
        return {tier: right(self.answers[tier].reply, expected, kind) for tier in Tier}


@dataclass(frozen=True, slots=True, kw_only=True)
class TierSums:
    """What one tier took for a set, over the tasks it answered.

    A sum is None when no task's figure is known; `unpriced` and `unmetered` count the tasks that
    the dollars and the joules leave out.
    """

    models: tuple[str, ...]
    answered: int
    failed: int
    median_ms: float | None
    median_ttft_ms: float | None
    prompt_tokens: int | None
    output_tokens: int | None
    spent_nano: int | None
    energy_j: float | None
    unpriced: int
    unmetered: int
    right: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a set of comparisons comes to.

    `graded` tasks have an expected answer and two replies; among them `only` one tier is right,
    `both` or `neither`. `agreed` of `comparable` tasks have one answer from both tiers.
    """

    tasks: int
    tiers: Mapping[Tier, TierSums]
    graded: int
    only: Mapping[Tier, int]
    both: int
    neither: int
    agreed: int
    comparable: int


def report(results: Sequence[Compared]) -> Report:
    """The report of a set."""
    grades = [grade for each in results if (grade := each.grades) is not None]
    agreements = [agree for each in results if (agree := each.agree) is not None]
    return Report(
        tasks=len(results),
        tiers={tier: _sums(tier, results, grades) for tier in Tier},
        graded=len(grades),
        only={
            tier: sum(grade[tier] and not grade[tier.other] for grade in grades) for tier in Tier
        },
        both=sum(all(grade.values()) for grade in grades),
        neither=sum(not any(grade.values()) for grade in grades),
        agreed=sum(agreements),
        comparable=len(agreements),
    )


def _sums(
    tier: Tier, results: Iterable[Compared], grades: Iterable[Mapping[Tier, bool]]
) -> TierSums:
    answers = [each.answers[tier] for each in results]
    good = [answer for answer in answers if answer.failure is None]
    times = [answer.duration_ms for answer in good if answer.duration_ms is not None]
    firsts = [answer.ttft_ms for answer in good if answer.ttft_ms is not None]
    return TierSums(
        models=tuple(dict.fromkeys(answer.model for answer in good if answer.model)),
        answered=len(good),
        failed=len(answers) - len(good),
        median_ms=median(times) if times else None,
        median_ttft_ms=median(firsts) if firsts else None,
        prompt_tokens=_total(answer.prompt_tokens for answer in good),
        output_tokens=_total(answer.output_tokens for answer in good),
        spent_nano=_total(answer.spent_nano for answer in good),
        energy_j=_total(answer.energy_j for answer in good),
        unpriced=sum(answer.spent_nano is None for answer in good),
        unmetered=sum(answer.energy_j is None for answer in good),
        right=sum(grade[tier] for grade in grades),
    )


def _total(values: Iterable[Number | None]) -> Number | None:
    known = [value for value in values if value is not None]
    return sum(known[1:], known[0]) if known else None


@dataclass(frozen=True, slots=True, kw_only=True)
class WinRate:
    """How one local model fared against one API model in blind verdicts."""

    local: str
    api: str
    verdicts: int
    won: Mapping[Tier, int]
    ties: int
    both_bad: int


def win_rates(verdicts: Iterable[Verdict], models: Mapping[str, str]) -> list[WinRate]:
    """Win rates by pair of models, the most judged first; `models` by ledger row."""
    groups: dict[tuple[str, str], list[Verdict]] = {}
    for verdict in verdicts:
        rows = (verdict.a, verdict.b) if verdict.a_tier is Tier.LOCAL else (verdict.b, verdict.a)
        local, api = (models.get(row, "-") for row in rows)
        groups.setdefault((local, api), []).append(verdict)
    rates = [
        WinRate(
            local=local,
            api=api,
            verdicts=len(said),
            won={tier: sum(verdict.winner is tier for verdict in said) for tier in Tier},
            ties=sum(verdict.judgement is Judgement.TIE for verdict in said),
            both_bad=sum(verdict.judgement is Judgement.BOTH_BAD for verdict in said),
        )
        for (local, api), said in groups.items()
    ]
    return sorted(rates, key=lambda rate: -rate.verdicts)
