"""What the router knows of the moment, gathered from the services that know it."""

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from console.core.breaker import Breaker
from console.core.money import to_nano
from console.core.period import local_date, local_minute, start_ms
from console.core.privacy import elsewhere
from console.core.routing.situation import Budget, Footing, Situation, Weighing
from console.core.settings import Settings
from console.core.tier import Tier
from console.services.books import Books
from console.services.ports import Clock, LedgerReader
from console.services.tiers import Tiers

MEASURED_DAYS = 7
"""Complete local days over which the volume is measured, today left out."""


class _Facts(NamedTuple):
    """What the ledger says; money in nano-dollars."""

    today_nano: int | None = None
    month_nano: int | None = None
    requests_per_day: float | None = None
    days: int = 0


class Outlook:
    """Keeps a breaker for each tier, counts what is under way, and remembers what was read.

    `footing` says more of a tier, such as whether its model takes images; `gpu_pct` is the
    utilisation of the busiest card; `weighing` is what policy `score` weighs with.
    """

    def __init__(
        self,
        tiers: Tiers,
        books: Books,
        clock: Clock,
        *,
        footing: Callable[[Tier], Footing] = lambda tier: Footing(),
        gpu_pct: Callable[[], float | None] = lambda: None,
        weighing: Callable[[Settings], Weighing | None] = lambda settings: None,
    ) -> None:
        self.breakers = {tier: Breaker() for tier in Tier}
        self.queue = 0
        self._tiers = tiers
        self._books = books
        self._clock = clock
        self._footing = footing
        self._gpu_pct = gpu_pct
        self._weighing = weighing
        self._facts = _Facts()

    def now(
        self,
        settings: Settings,
        tag: str | None = None,
        *,
        counted: bool = False,
        taken: bool | None = None,
    ) -> Situation:
        """The situation, from what is known already; nothing is waited for.

        Only with `counted` does weighing a request count; `taken` is what came of it before.
        """
        weekday, minute = local_minute(self._clock.now_ms(), self._clock.zone())
        facts = self._facts
        return Situation(
            local=self._stands(Tier.LOCAL),
            api=self._stands(Tier.API),
            local_elsewhere=elsewhere(self._tiers.settings(Tier.LOCAL), settings.own_hosts),
            minute=minute,
            weekday=weekday,
            month_nano=facts.month_nano,
            budgets=_budgets(settings, facts),
            requests_per_day=facts.requests_per_day,
            measured_days=facts.days,
            gpu_pct=self._gpu_pct(),
            queue=self.queue,
            tag=tag,
            weighing=self._weigh(settings, counted, taken) if settings.policy == "score" else None,
        )

    def _weigh(self, settings: Settings, counted: bool, taken: bool | None) -> Weighing | None:
        weighing = self._weighing(settings)
        if weighing is None or (counted and taken is None):
            return weighing
        limit = weighing.threshold
        if taken is not None:
            return weighing._replace(take=lambda value: taken)
        return weighing._replace(take=lambda value: limit is None or value > limit)

    async def refresh(self, settings: Settings) -> None:
        """Read anew what the ledger says, where the settings ask for it.

        A ledger that cannot be read leaves what was known.
        """
        spend = settings.budget_day_usd is not None or settings.budget_month_usd is not None
        spend = spend or any(rule.month_usd_over is not None for rule in settings.rules)
        if not spend and settings.policy != "table":
            return
        try:
            self._facts = await self._books.with_reader(self._read)
        except OSError:
            return

    def _read(self, reader: LedgerReader) -> _Facts:
        clock = self._clock
        today, month = (reader.totals(at) for at in (clock.midnight_ms(), clock.month_start_ms()))
        facts = _Facts(today[Tier.API].spent_nano, month[Tier.API].spent_nano)
        first_ms = reader.first_ms()
        if first_ms is None:
            return facts
        zone = clock.zone()
        day = local_date(clock.now_ms(), zone)
        known = min(MEASURED_DAYS, (day - local_date(first_ms, zone)).days)
        if known < 1:
            return facts
        since = start_ms(day - timedelta(days=known), zone)
        sums = reader.totals(since, start_ms(day, zone))
        requests = sum(totals.requests for totals in sums.values())
        return facts._replace(requests_per_day=requests / known, days=known)

    def _stands(self, tier: Tier) -> Footing:
        settings = self._tiers.settings(tier)
        known = self._footing(tier)
        down = self.breakers[tier].words(self._clock.monotonic())
        return known._replace(
            model=settings.model,
            sees=known.sees if settings.vision is None else settings.vision,
            context_tokens=settings.num_ctx if settings.num_ctx else known.context_tokens,
            down=down or known.down,
        )


def _budgets(settings: Settings, facts: _Facts) -> tuple[Budget, ...]:
    limits = (
        ("day's budget", facts.today_nano, settings.budget_day_usd),
        ("month's budget", facts.month_nano, settings.budget_month_usd),
    )
    return tuple(
        Budget(name=name, spent_nano=spent, limit_nano=to_nano(limit))
        for name, spent, limit in limits
        if spent is not None and limit is not None
    )
