"""The demo's invented past."""

import json
from collections import Counter
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from console.core.entry import Ending, EnergySource
from console.core.pricing import PriceCard, cost_nano
from console.core.tier import Tier
from console.core.usage import UsageSource, WireShape, normalise
from console.sources.demo.traffic import DAYS, past

NOW_MS = 1_795_478_400_000
ZONE = "Europe/Berlin"
CARD = PriceCard(
    provider="anthropic",
    model="claude-sonnet-5-5",
    input=Decimal(3),
    output=Decimal(15),
    cache_read=Decimal("0.3"),
    cache_write_5m=Decimal("3.75"),
    source="a list",
    effective="2026-09-01",
)


def make(price=lambda provider, model: CARD, **more):
    return list(past(NOW_MS, price=price, usd_per_kwh=Decimal("0.188"), zone=ZONE, **more))


@pytest.fixture(scope="module")
def entries():
    return make()


def test_it_is_a_believable_amount_of_the_last_days(entries):
    assert 380 <= len(entries) <= 420
    assert len({entry.id for entry in entries}) == len(entries)
    starts = [entry.started_ms for entry in entries]
    assert starts == sorted(starts)
    assert starts[0] >= NOW_MS - DAYS * 86_400_000
    assert all(entry.started_ms < entry.ended_ms < NOW_MS for entry in entries)
    assert len({entry.started_ms // 86_400_000 for entry in entries}) >= DAYS - 1


def test_the_same_seed_is_the_same_past(entries):
    assert make() == entries
    assert make(seed=2) != entries


def test_there_is_day_and_night(entries):
    hours = Counter(
        datetime.fromtimestamp(entry.started_ms / 1000, ZoneInfo(ZONE)).hour for entry in entries
    )
    assert sum(hours[hour] for hour in range(9, 18)) > 5 * sum(hours[hour] for hour in range(7))


def test_both_tiers_every_ending_and_the_routers_reasons(entries):
    tiers = Counter(entry.tier for entry in entries)
    assert min(tiers.values()) > 80
    endings = Counter(entry.ending for entry in entries)
    assert endings[Ending.DONE] > 340
    assert endings[Ending.CANCELLED] > 3 and endings[Ending.ERROR] > 3
    reasons = {entry.reason for entry in entries}
    assert {"routine", 'complex: "compare"', "by hand: local", "pinned: by hand"} <= reasons
    assert any(reason.startswith("complex: context of ") for reason in reasons)
    for entry in entries:
        if entry.reason == "routine" or entry.reason.startswith("pinned"):
            assert entry.tier is Tier.LOCAL
        assert (entry.error is None) == (entry.ending in (Ending.DONE, Ending.CANCELLED))


def test_usage_is_what_the_raw_object_says(entries):
    shapes = {Tier.LOCAL: WireShape.OLLAMA, Tier.API: WireShape.ANTHROPIC}
    for entry in entries:
        if entry.ending is Ending.DONE:
            assert entry.usage_source is UsageSource.REPORTED
            assert normalise(shapes[entry.tier], json.loads(entry.usage_raw)) == entry.usage
            assert abs(entry.usage.prompt - entry.prompt_chars / 4) <= 1
            assert entry.ttft_ms < entry.duration_ms
            assert entry.output_per_s > 20
        else:
            assert entry.usage_source is not UsageSource.REPORTED
        if entry.ending is Ending.CANCELLED and entry.tier is Tier.LOCAL:
            assert entry.usage_raw is None
    assert any(entry.usage.cache_read for entry in entries)


def test_money_and_energy_are_on_the_right_side(entries):
    for entry in entries:
        if entry.tier is Tier.API:
            assert entry.cost_nano == cost_nano(entry.usage, CARD)
            assert (entry.price.source, entry.price.rates) == (CARD.source, CARD.rates)
            assert entry.energy_j is entry.shadow_nano is None
        else:
            estimated = entry.energy_source is EnergySource.ESTIMATED
            assert (entry.energy_error_j is None) is estimated
            assert entry.energy_nano == round(entry.energy_j * 188_000_000 / 3_600_000)
            assert entry.shadow_nano == cost_nano(entry.usage, CARD)
            assert entry.cost_nano is entry.price is None
            assert entry.tariff_usd_per_kwh == "0.188"


def test_without_a_price_dollars_are_unknown(entries):
    unpriced = make(price=lambda provider, model: None)
    served = [entry for entry in unpriced if entry.usage.total]
    assert served and all(entry.cost_nano is entry.shadow_nano is None for entry in served)
    bare = [
        replace(e, cost_nano=None, price=None, shadow_nano=None, shadow_price=None)
        for e in entries
        if e.usage.total
    ]
    assert served == bare


def test_an_unknown_zone_is_no_obstacle():
    price = {"price": lambda provider, model: None, "usd_per_kwh": Decimal(1)}
    assert next(past(NOW_MS, **price, zone="Nowhere/City")).zone == "Nowhere/City"
