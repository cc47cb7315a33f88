"""A calculator over a real ledger file and the real price list."""

from dataclasses import replace
from decimal import Decimal

from console.core.settings import Settings
from console.services.calculator import Calculator
from console.sources.demo.traffic import past
from console.sources.ledger.store import SqliteLedger
from console.sources.ledger.traffic import LedgerTraffic
from console.sources.prices import Prices
from console.sources.scenarios import Shelf

from .fakes import Clock

NOW_MS = 1_795_478_400_000  # 2026-11-24 00:00 UTC


def calculator(folder, *, rows=True, days=None, **settings):
    """Nine days of invented traffic, or the last `days` of them."""
    clock, prices = Clock(NOW_MS + 9 * 3_600_000), Prices(())
    path = folder / "ledger.db"
    if rows and not path.exists():
        ledger = SqliteLedger(path, now_ms=NOW_MS)
        since = 0 if days is None else clock.midnight_ms(days)
        for entry in past(clock.now_ms(), usd_per_kwh=Decimal("0.2"),
                          price=lambda p, m: prices.card(p, m, NOW_MS)):  # fmt: skip
            if entry.started_ms >= since:
                ledger.close_entry(replace(entry, zone="UTC"))
        ledger.close()
    return Calculator(
        prices=prices, ledger=LedgerTraffic(path), clock=clock,
        settings=Settings(**settings), shelf=Shelf(folder / "whatif"),
    )  # fmt: skip
