"""Replays of the ledger's last days under another policy, price, model or rig."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from console.core.period import zone_of
from console.core.whatif.alternatives import Results
from console.core.whatif.case import View
from console.core.whatif.counterfactual import (
    WORDS,
    added,
    api_target,
    cuts,
    own_target,
    ready_policy,
    used_targets,
    with_reading,
)
from console.core.whatif.offer import Offer, card_of, family, ratios_between, token_ratio
from console.core.whatif.policy import ApiTarget, Policy, policy_from_mapping
from console.core.whatif.replay import Replay, replay
from console.core.whatif.sheet import Sheet
from console.services.ports import Clock, PriceList, TrafficLog

DAY_MS = 86_400_000
_FAMILIES = tuple(dict.fromkeys(name.partition(">")[0] for name in ratios_between()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A replay of the ledger's last days, and under what it was replayed."""

    replay: Replay
    policy: str
    price_at: str
    days: int
    window_days: float
    full: bool


class Replays:
    """The ledger replayed; `offer` finds a model's price by name."""

    def __init__(
        self,
        prices: PriceList,
        ledger: TrafficLog,
        clock: Clock,
        local_model: str,
        offer: Callable[[str], Offer],
    ) -> None:
        self._prices = prices
        self._ledger = ledger
        self._clock = clock
        self._local_model = local_model
        self._offer = offer

    def policy(self, name: str, sheet: Sheet) -> Policy:
        """A ready-made policy by name; ValueError for another."""
        return ready_policy(name, sheet, self._local_model)

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
        if not 1 <= days <= 3660:
            raise ValueError("days must be 1 to 3660")
        sheet = results.sheet
        full = sheet.case.reading.view is View.FULL
        policy = used_targets(policy)
        starts = [self._clock.midnight_ms(back) for back in range(days - 1, -1, -1)]
        first = self._ledger.first_ms()
        if first is not None:
            # Days before the ledger began have no rows, and the rig is not to pay for them.
            starts = [at for at in starts if at + DAY_MS > first] or starts[-1:]
        ends = [*starts[1:], self._clock.now_ms()]
        marks = cuts(policy, _FAMILIES)
        lengths = [(end - start) / DAY_MS for start, end in zip(starts, ends, strict=True)]

        def one_day(start: int, end: int) -> Replay | None:
            if stop():
                return None
            day = self._priced_at(policy, sheet, price_at, start)
            length = max((end - start) / DAY_MS, 1e-9)
            day = with_reading(day, sheet, full=full, window_days=length)
            return replay(self._ledger.replay_rows(start, end, marks), day)

        parts = []
        # The ledger is read outside Python's lock, so a second thread nearly halves the time.
        with ThreadPoolExecutor(2, "replay") as threads:
            for done, part in enumerate(threads.map(one_day, starts, ends)):
                if part is not None:
                    parts.append(part)
                    progress((done + 1) / len(starts))
        return Replayed(
            replay=added(parts),
            policy=WORDS.get(name, name).format(api=sheet.offer.listing.short),
            price_at=price_at,
            days=len(starts),
            window_days=sum(lengths),
            full=full,
        )

    def _priced_at(self, policy: Policy, sheet: Sheet, price_at: str, start_ms: int) -> Policy:
        if price_at == "now":
            return policy
        at_ms = start_ms
        if price_at != "row":
            try:
                at_ms = int(datetime.fromisoformat(price_at).replace(tzinfo=UTC).timestamp()) * 1000
            except ValueError:
                raise ValueError(f"price_at must be now, row or a date, not {price_at}") from None
        target = policy.targets.get("api")
        if not isinstance(target, ApiTarget):
            return policy
        listing = sheet.offer.listing
        price = self._prices.card(listing.provider, listing.model, at_ms)
        if price is None:
            raise ValueError(f"{listing.key} has no price on {day_of(at_ms, 'UTC')}")
        card = card_of(price, token_ratio(listing.model)[1])
        return replace(policy, targets={**policy.targets, "api": replace(target, card=card)})

    def _target(self, model: str) -> ApiTarget:
        found = self._offer(model)
        if found.card is None:
            raise ValueError(found.trouble)
        return ApiTarget(tokenizer=family(found.listing.model), card=found.card)


def day_of(at_ms: int, zone: str) -> str:
    """The local date of a UTC time, ISO."""
    return datetime.fromtimestamp(at_ms / 1000, zone_of(zone)).date().isoformat()
