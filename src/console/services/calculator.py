"""The what-if over the world: prices, the ledger's traffic, the GPU meter; textual-free."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from console.core.settings import Settings
from console.core.whatif.alternatives import Results, evaluate
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
from console.core.whatif.ledgerbase import LEDGER_BASE, ledger_base
from console.core.whatif.measured import ENOUGH_DAYS
from console.core.whatif.offer import (
    CATALOGUE,
    Listing,
    Offer,
    card_of,
    family,
    find_listing,
    offer,
    ratios_between,
    token_ratio,
)
from console.core.whatif.policy import ApiTarget, Policy, policy_from_mapping
from console.core.whatif.presets import PRESETS
from console.core.whatif.replay import Replay, replay
from console.core.whatif.scenario import ARTICLE_BASE, Scenario
from console.core.whatif.sheet import Sheet, World, fill_in
from console.core.whatif.spread import Spread, spread
from console.core.whatif.traffic import Traffic
from console.services.ports import Clock, PriceList, ScenarioShelf, TrafficLog

WINDOW_DAYS = 30
"""Complete days that measured inputs are means over."""

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A replay of the ledger's last days, and under what it was replayed."""

    replay: Replay
    policy: str
    price_at: str
    days: int
    window_days: float
    full: bool


@dataclass(frozen=True, slots=True)
class Ready:
    """What is known before the price list and the ledger have been read."""

    world: World
    days: int = 0
    trouble: str = ""


async def _at_once() -> None:
    """Nothing has to be opened first."""


class Calculator:
    """The engine of the what-if for every front end.

    `load` reads what scenarios are filled in from and is slow once; the rest but `spread` and
    `replay` takes milliseconds.
    """

    def __init__(
        self,
        *,
        prices: PriceList,
        ledger: TrafficLog,
        clock: Clock,
        settings: Settings,
        shelf: ScenarioShelf,
        gpus: Callable[[], tuple[str, ...]] = tuple,
        remark: Callable[[str, str], str | None] = lambda model, today: None,
        opened: Callable[[], Awaitable[None]] = _at_once,
    ) -> None:
        self._prices = prices
        self._ledger = ledger
        self._clock = clock
        self._settings = settings
        self._gpus = gpus
        self._remark = remark
        self._opened = opened
        self.shelf = shelf
        self._ready = Ready(World(bases=PRESETS, offers={}, today=self._today()))

    @property
    def world(self) -> World:
        """What scenarios are filled in from."""
        return self._ready.world

    @property
    def days(self) -> int:
        """Complete days of traffic in the ledger, up to thirty."""
        return self._ready.days

    @property
    def trouble(self) -> str:
        """Why the ledger could not be read, in a sentence; empty when it could."""
        return self._ready.trouble

    def load(self) -> None:
        """Read the price list and the ledger; takes a quarter of a second, in any thread."""
        today = self._today()
        offers = {listing.key: self._offer(listing, today) for listing in self._catalogue()}
        bases, days, trouble = dict(PRESETS), 0, ""
        try:
            traffic = self.traffic()
        except OSError as error:
            trouble = str(error)
        else:
            days = len(traffic.days)
            mine = ledger_base(
                traffic,
                offer=offers.get(self._api_listing().key),
                usd_per_kwh=float(self._settings.usd_per_kwh),
                tariff_typed="usd_per_kwh" in self._settings.typed,
                gpus=self._gpus(),
            )
            if mine is not None:
                bases = {LEDGER_BASE: mine, **PRESETS}
        self._ready = Ready(World(bases=bases, offers=offers, today=today), days, trouble)

    async def load_in_thread(self) -> None:
        """`load` off the event loop, once the ledger's file is there."""
        await self._opened()
        await asyncio.to_thread(self.load)

    def bases(self) -> tuple[str, ...]:
        """The names of all bases, the article's first."""
        return (ARTICLE_BASE, *self.world.bases)

    def start(self) -> Scenario:
        """Where to begin: the operator's own traffic once there is enough, else the article."""
        enough = LEDGER_BASE in self.world.bases and self.days >= ENOUGH_DAYS
        return Scenario(LEDGER_BASE if enough else ARTICLE_BASE)

    def traffic(self) -> Traffic:
        """The ledger's complete days, thirty at most; the day it began is not complete."""
        first = self._ledger.first_ms()
        zone = self._clock.zone()
        starts = [self._clock.midnight_ms(back) for back in range(WINDOW_DAYS, -1, -1)]
        if first is None:
            return Traffic(days=(), rows=0)
        whole = [start for start in starts if start >= first]
        days = [_date(start, zone) for start in whole[:-1]]
        if not days:
            return Traffic(days=(), rows=0)
        return self._ledger.traffic(whole[0], whole[-1], days, zone)

    def sheet(self, scenario: Scenario) -> Sheet:
        """The scenario filled in; ValueError with a sentence when an input is impossible."""
        named = [str(scenario.changes["api.model"])] if "api.model" in scenario.changes else []
        named += [name[7:] for name in scenario.changes if name.startswith("versus.")]
        for name in named:
            self.offer(name)
        return fill_in(scenario, self.world)

    def results(self, scenario: Scenario) -> Results:
        """All figures of a scenario that one keystroke needs."""
        return evaluate(self.sheet(scenario))

    def offer(self, name: str) -> Offer:
        """The offer of a model, read from the price list if it was not among the first.

        Raises ValueError when the provider cannot be told.
        """
        listing = find_listing(name, self.world.offers)
        known = self.world.offers.get(listing.key)
        if known is None:
            known = self._offer(listing, self.world.today)
            offers = {**self.world.offers, listing.key: known}
            self._ready = replace(self._ready, world=replace(self.world, offers=offers))
        return known

    async def spread(
        self, results: Results, *, n: int, seed: int, stop: Callable[[], bool] = lambda: False
    ) -> Spread:
        """The intervals over `n` draws, off the event loop."""
        return await asyncio.to_thread(spread, results, n=n, seed=seed, stop=stop)

    def policy(self, name: str, sheet: Sheet) -> Policy:
        """A ready-made policy by name; ValueError for another."""
        return ready_policy(name, sheet, self._settings.local.model)

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
            "own": own_target(sheet, self._settings.local.model),
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

    def replay(
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
        parts, window = [], 0.0
        for done, (start, end) in enumerate(zip(starts, ends, strict=True)):
            if stop():
                break
            length = (end - start) / DAY_MS
            window += length
            day = self._priced_at(policy, sheet, price_at, start)
            day = with_reading(day, sheet, full=full, window_days=max(length, 1e-9))
            parts.append(replay(self._ledger.replay_rows(start, end, marks), day))
            progress((done + 1) / len(starts))
        return Replayed(
            replay=added(parts),
            policy=WORDS.get(name, name).format(api=sheet.offer.listing.short),
            price_at=price_at,
            days=len(starts),
            window_days=window,
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
            raise ValueError(f"{listing.key} has no price on {_date(at_ms, 'UTC')}")
        card = card_of(price, token_ratio(listing.model)[1])
        return replace(policy, targets={**policy.targets, "api": replace(target, card=card)})

    def _target(self, model: str) -> ApiTarget:
        found = self.offer(model)
        if found.card is None:
            raise ValueError(found.trouble)
        return ApiTarget(tokenizer=family(found.listing.model), card=found.card)

    def _catalogue(self) -> list[Listing]:
        own = [
            Listing(card.provider, card.model, card.model)
            for card in self._settings.prices
            if "*" not in card.provider + card.model
        ]
        return list({each.key: each for each in (self._api_listing(), *own, *CATALOGUE)}.values())

    def _api_listing(self) -> Listing:
        tier = self._settings.api
        known = next((each for each in CATALOGUE if each.model == tier.model), None)
        return known or Listing(str(tier.kind), tier.model, tier.model)

    def _offer(self, listing: Listing, today: str) -> Offer:
        price = self._prices.card(listing.provider, listing.model, self._clock.now_ms())
        return offer(listing, price, self._remark(listing.model, today))

    def _today(self) -> str:
        return _date(self._clock.now_ms(), self._clock.zone())


_FAMILIES = tuple(dict.fromkeys(name.partition(">")[0] for name in ratios_between()))


def _date(at_ms: int, zone: str) -> str:
    try:
        local = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        local = ZoneInfo("UTC")
    return datetime.fromtimestamp(at_ms / 1000, local).date().isoformat()
