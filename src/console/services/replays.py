"""Replays of the ledger's last days under another policy, price, model or rig."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from console.core.period import local_day
from console.core.whatif.alternatives import Results
from console.core.whatif.case import View
from console.core.whatif.counterfactual import (
    READY,
    WORDS,
    added,
    api_target,
    cuts,
    own_target,
    ready_policy,
    service_on_rig,
    used_targets,
    with_reading,
)
from console.core.whatif.offer import Offer, card_of, family, ratios_between, token_ratio
from console.core.whatif.policy import ApiTarget, Policy, policy_from_mapping
from console.core.whatif.queueing import PATIENCE_S, Queueing, queueing
from console.core.whatif.replay import Replay, replay
from console.core.whatif.rig import capacity
from console.core.whatif.sheet import Sheet
from console.services.asked import moment
from console.services.ports import Clock, PriceList, ScenarioShelf, TrafficLog

DAY_MS = 86_400_000
_FAMILIES = tuple(dict.fromkeys(name.partition(">")[0] for name in ratios_between()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A replay of the ledger's last days, and under what it was replayed.

    `queueing` says how the rig keeps up, or why that is not known; empty where nobody asked.
    """

    replay: Replay
    policy: str
    price_at: str
    days: int
    window_days: float
    full: bool
    api: str = ""
    queueing: Queueing | str = ""


class Replays:
    """The ledger replayed; `offer` finds a model's price by name."""

    def __init__(
        self,
        prices: PriceList,
        ledger: TrafficLog,
        clock: Clock,
        local_model: str,
        offer: Callable[[str], Offer],
        shelf: ScenarioShelf,
    ) -> None:
        self._prices = prices
        self._ledger = ledger
        self._clock = clock
        self._local_model = local_model
        self._offer = offer
        self._shelf = shelf

    def named(self, name: str, sheet: Sheet) -> Policy:
        """A ready-made policy, or the operator's own by name or path.

        Raises ValueError or OSError with a sentence.
        """
        if name in READY:
            return ready_policy(name, sheet, self._local_model)
        try:
            return self.policy_of(self._shelf.policy(name), sheet)
        except FileNotFoundError as error:
            raise FileNotFoundError(f"{error} Ready-made: {', '.join(READY)}.") from None
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None

    def names(self) -> tuple[str, ...]:
        """All policies that have a name, the ready-made first."""
        return (*READY, *self._shelf.policies())

    def policy_of(self, document: Mapping[str, Any], sheet: Sheet) -> Policy:
        """The policy of a parsed file.

        A target may be `{model = "provider/model"}`, from the price list, or `{kind = "rig"}`,
        the sheet's own; `api` and `own` are there unasked, as are the ratios between tokenizers.
        Raises ValueError with a sentence.
        """
        rest = dict(document)
        stated = rest.pop("targets", {})
        if not isinstance(stated, Mapping):
            raise ValueError("targets must be a table of names and values")
        ready: dict[str, Any] = {
            "api": api_target(sheet),
            "own": own_target(sheet, self._local_model),
        }
        plain: dict[str, Any] = {}
        for name, target in stated.items():
            if isinstance(target, Mapping) and "model" in target:
                ready[name] = self._target(str(target["model"]))
            elif isinstance(target, Mapping) and target.get("kind") == "rig":
                ready[name] = ready["own"]
            else:
                plain[name] = target
        rules = rest.pop("rules", ())
        parsed = policy_from_mapping({**rest, "targets": plain})
        ratios = {**ratios_between(), **parsed.ratios}
        whole = replace(parsed, targets={**ready, **parsed.targets}, ratios=ratios)
        # Rules are read last, when every target they may name is known.
        rewritten = policy_from_mapping({"rules": [{**rule, "to": "keep"} for rule in rules]})
        wanted = [rule.get("to") for rule in rules]
        return replace(
            whole,
            rules=tuple(
                replace(rule, to=str(to)) for rule, to in zip(rewritten.rules, wanted, strict=True)
            ),
        )

    def run(
        self,
        results: Results,
        policy: Policy,
        name: str,
        *,
        days: int,
        price_at: str = "now",
        progress: Callable[[float], None] = lambda share: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> Replayed:
        """The ledger's last days, today included, under another policy; day by day, in any thread.

        `price_at` is now, row (the price on the row's day) or an ISO date.
        """
        sheet = results.sheet
        full = sheet.case.reading.view is View.FULL
        policy = used_targets(policy)
        if price_at not in ("now", "row"):
            moment(price_at)
        starts, ends = self._window(days)
        marks = cuts(policy, _FAMILIES)
        lengths = [(end - start) / DAY_MS for start, end in zip(starts, ends, strict=True)]

        def one_day(start: int, end: int) -> Replay | None:
            if stop():
                return None
            day = self._priced_at(policy, price_at, start)
            length = max((end - start) / DAY_MS, 1e-9)
            day = with_reading(day, sheet, full=full, window_days=length)
            return replay(self._ledger.replay_rows(start, end, marks), day)

        parts = []
        # The ledger is read outside Python's lock, so a second thread nearly halves the time.
        with ThreadPoolExecutor(2, "replay") as threads:
            try:
                for done, part in enumerate(threads.map(one_day, starts, ends)):
                    if part is not None:
                        parts.append(part)
                        progress((done + 1) / len(starts))
            except BaseException:
                # Interrupted: the days that nobody has begun are not waited for.
                threads.shutdown(wait=False, cancel_futures=True)
                raise
        return Replayed(
            replay=added(parts),
            policy=WORDS.get(name, name).format(api=sheet.offer.listing.short),
            price_at=price_at,
            days=len(starts),
            window_days=sum(lengths),
            full=full,
            api=sheet.offer.key,
        )

    def check(
        self,
        policy: Policy,
        sheet: Sheet,
        *,
        days: int,
        patience_s: float = PATIENCE_S,
        progress: Callable[[float], None] = lambda share: None,
    ) -> Queueing | str:
        """Whether the sheet's rig keeps up with what a policy sends it, by the real arrival times.

        Every request of the window counts, day after day. Or why that is not known: nothing goes
        to the rig. Takes seconds for a million requests, in any thread.
        """
        starts, ends = self._window(days)
        service = service_on_rig(sheet, policy)

        def arrivals() -> Iterator[tuple[float, float]]:
            for done, (start, end) in enumerate(zip(starts, ends, strict=True)):
                for row in self._ledger.arrivals(start, end):
                    seconds = service(row)
                    if seconds is not None:
                        yield row.started_ms / 1000, seconds
                progress((done + 1) / len(starts))

        replicas = int(capacity(sheet.case.inputs.workload, sheet.case.inputs.self_host).replicas)
        seconds = max((ends[-1] - starts[0]) / 1000, 1.0)
        found = queueing(arrivals(), max(1, replicas), seconds, patience_s=patience_s)
        return found if found.requests else "no request goes to the rig"

    def _window(self, days: int) -> tuple[list[int], list[int]]:
        """Where each of the last days begins and ends, today included, as far as there are rows."""
        if not 1 <= days <= 3660:
            raise ValueError("days must be 1 to 3660")
        starts = [self._clock.midnight_ms(back) for back in range(days - 1, -1, -1)]
        first = self._ledger.first_ms()
        if first is None:
            raise ValueError("the ledger has no rows yet: there is nothing to replay")
        # Days before the ledger began have no rows, and the rig is not to pay for them.
        ends = [*starts[1:], self._clock.now_ms()]
        begun = min(sum(end <= first for end in ends), len(starts) - 1)
        return starts[begun:], ends[begun:]

    def _priced_at(self, policy: Policy, price_at: str, day_ms: int) -> Policy:
        """The policy with every listed model at the price of `price_at`, or of the row's day."""
        if price_at == "now":
            return policy
        at_ms = day_ms if price_at == "row" else moment(price_at)
        targets = {
            name: self._target_at(target, at_ms) if isinstance(target, ApiTarget) else target
            for name, target in policy.targets.items()
        }
        return replace(policy, targets=targets)

    def _target_at(self, target: ApiTarget, at_ms: int) -> ApiTarget:
        if not target.listed:
            return target
        provider, _, model = target.listed.partition("/")
        price = self._prices.card(provider, model, at_ms)
        if price is None:
            day = local_day(at_ms, self._clock.zone())
            return replace(target, trouble=f"{target.listed} has no price on {day}")
        return replace(target, card=card_of(price, token_ratio(model)[1]))

    def _target(self, model: str) -> ApiTarget:
        found = self._offer(model)
        if found.card is None:
            raise ValueError(found.trouble)
        return ApiTarget(
            tokenizer=family(found.listing.model), card=found.card, listed=found.listing.key
        )
