from dataclasses import replace
from random import Random

import pytest

from console.core.whatif.card import Card, LongContext, Rates
from console.core.whatif.policy import (
    ApiTarget,
    Policy,
    Row,
    Rule,
    SelfTarget,
    When,
    policy_from_mapping,
)
from console.core.whatif.replay import replay

CARD = Card(
    input=2,
    output=10,
    cache_read=0.1,
    cache_write=2.5,
    batch=Rates(input=1, output=5),
    long_context=LongContext(
        threshold_tokens=2000, rates=Rates(input=4, output=20), batch=Rates(input=2, output=10)
    ),
)
TARGETS = {
    "sonnet": ApiTarget(tokenizer="claude", card=CARD),
    "flat": ApiTarget(tokenizer="claude", card=replace(CARD, long_context=None, batch=None)),
    "box": SelfTarget(
        tokenizer="llama",
        joules_per_input_token=0.03,
        joules_per_output_token=0.2,
        pue=1.2,
        usd_per_kwh=0.2,
        fixed_usd_per_month=120,
    ),
}
RATIOS = {
    "llama>claude": (1.2, 1.4, 1.6),
    "o200k>claude": (1.25, 1.4, 1.55),
    "claude>llama": (0.6, 0.7, 0.8),
    "o200k>llama": (0.99, 1.0, 1.04),
}


def policy(*rules, **changes):
    return Policy(rules=rules, targets=TARGETS, ratios=RATIOS, **changes)


def to(target, **when):
    return Rule(When(**when), target)


def rows(count=300, seed=1):
    r = Random(seed)
    made = []
    for number in range(count):
        route = r.choice(["api", "local"])
        made.append(
            Row(
                id=number,
                route=route,
                model="m" if route == "api" else "llama3.1:8b",
                tokenizer=r.choice(["claude", "o200k"]) if route == "api" else "llama",
                input_tokens=r.randrange(3000),
                cache_read_tokens=r.choice([0, 0, r.randrange(2000)]),
                cache_write_tokens=r.choice([0, r.randrange(500)]),
                cache_write_1h_tokens=r.choice([0, 0, 0, 100]),
                output_tokens=200 + r.randrange(800),
                reasoning_tokens=r.choice([0, 150]),
                status=r.choice(["ok"] * 9 + ["error"]),
                billed=r.random() < 0.9,
                batch=r.random() < 0.2,
                recorded_cost_usd=r.choice([None] + [round(r.random() / 50, 6)] * 9),
                started_ms=number * 1000,
            )
        )
    return made


def one_by_one(given, card, ratio):
    """Each row on the card by itself, no sums."""
    total = 0.0
    for row in given:
        factor = 1.0 if row.tokenizer == "claude" else ratio[row.tokenizer]
        long = row.prompt_tokens * factor > 2000
        book = {"input": 4, "output": 20} if long else {"input": 2, "output": 10}
        if row.batch:
            book = {name: price / 2 for name, price in book.items()}
        usd = row.input_tokens * book["input"] + row.output_tokens * book["output"]
        usd += row.cache_read_tokens * 0.1 + row.cache_write_tokens * 2.5
        usd += row.cache_write_1h_tokens * book["input"]
        total += usd * factor / 1e6
    return total


def test_sums_price_what_rows_price_one_by_one():
    given = [row for row in rows() if row.status == "ok"]
    found = replay(given, policy(to("sonnet")))
    assert found.rows_moved == len(given)
    for scenario, which in ((found.lo, 0), (found.mid, 1), (found.hi, 2)):
        ratio = {name: RATIOS[f"{name}>claude"][which] for name in ("llama", "o200k")}
        assert scenario.total_usd == pytest.approx(one_by_one(given, CARD, ratio))


def test_keeping_everything_costs_what_was_recorded():
    for rules in ((), (to("keep"),)):
        found = replay(rows(), policy(*rules))
        assert found.lo == found.mid == found.hi
        assert found.mid.total_usd == found.recorded_usd
        assert found.rows_moved == 0
        assert found.reasons == ("a kept row has no recorded cost",)


def test_the_same_model_at_the_same_price_costs_what_was_recorded():
    row = Row(
        id="a",
        route="api",
        model="sonnet",
        tokenizer="claude",
        input_tokens=300,
        cache_read_tokens=900,
        cache_write_tokens=70,
        output_tokens=640,
        recorded_cost_usd=(300 * 2 + 900 * 0.1 + 70 * 2.5 + 640 * 10) / 1e6,
    )
    found = replay([row], policy(to("sonnet", model="sonnet")))
    assert found.lo.total_usd == found.hi.total_usd == pytest.approx(found.recorded_usd)


def test_totals_rise_with_the_ratio_and_the_verbosity():
    found = replay(rows(), policy(to("sonnet")))
    assert found.lo.total_usd < found.mid.total_usd < found.hi.total_usd
    wordy = replay(rows(), policy(to("sonnet"), verbosity=(1.0, 1.2, 2.0)))
    assert wordy.lo == found.lo
    assert wordy.hi.total_usd > found.hi.total_usd


def test_a_rule_that_matches_nothing_changes_nothing():
    rules = (to("sonnet", route="api"), to("box", prompt_tokens_lte=800))
    base = replay(rows(), policy(*rules, allocation="full"))
    more = replay(rows(), policy(to("flat", tag="none"), *rules, allocation="full"))
    assert more == base


def test_the_parts_of_a_window_add_up():
    rules = policy(to("sonnet", route="local"), to("box", prompt_tokens_lte=900))
    whole = replay(rows(), rules, since_ms=0, until_ms=300_000)
    parts = [
        replay(rows(), rules, since_ms=start, until_ms=start + 75_000)
        for start in range(0, 300_000, 75_000)
    ]
    assert sum(part.mid.total_usd for part in parts) == pytest.approx(whole.mid.total_usd)
    assert sum(part.rows_moved for part in parts) == whole.rows_moved
    assert sum((part.unpriced_rows for part in parts), ()) == whole.unpriced_rows
    with pytest.raises(ValueError, match="row x has no time"):
        replay([replace(rows(1)[0], id="x", started_ms=None)], rules, since_ms=0)


def test_first_match_wins_and_conditions_are_all_needed():
    given = [row for row in rows() if row.status == "ok"]
    small = [row for row in given if row.prompt_tokens <= 900]
    found = replay(given, policy(to("keep", prompt_tokens_gt=900), to("box")))
    assert found.rows_moved == len(small)
    api_small = [row for row in small if row.route == "api"]
    found = replay(given, policy(to("box", route="api", prompt_tokens_lte=900)))
    assert found.rows_moved == len(api_small)


def test_nothing_is_priced_by_a_guess():
    given = [row for row in rows() if row.status == "ok"]
    found = replay(given, policy(to("flat")))
    assert found.unpriced_rows == tuple(row.id for row in given if row.batch)
    assert found.reasons == ("flat publishes no batch price",)
    paid = [row.recorded_cost_usd or 0 for row in given]
    kept = sum(cost for row, cost in zip(given, paid, strict=True) if not row.batch)
    assert found.priced_share == pytest.approx(kept / sum(paid))
    rows_of_it = found.rows_kept + found.rows_moved
    assert found.priced_rows_share == pytest.approx(1 - found.unpriced_count / rows_of_it)
    assert 0 < found.priced_rows_share < 1
    strange = replace(given[0], tokenizer="unheard-of")
    assert replay([strange], policy(to("sonnet"))).reasons == (
        "no token ratio from unheard-of to claude",
    )


def test_errors_are_left_out_or_only_the_billed_ones_come_in():
    given = rows()
    bad = [row for row in given if row.status != "ok"]
    billed = [row for row in bad if row.billed]
    assert 0 < len(billed) < len(bad)
    assert replay(given, policy()).rows_excluded == len(bad)
    found = replay(given, policy(errors="include_billed"))
    assert found.rows_excluded == len(bad) - len(billed)


def test_the_rig_costs_energy_and_its_share_of_the_month():
    row = Row(id=1, route="api", model="m", tokenizer="llama", input_tokens=1000, output_tokens=500)
    found = replay([row], policy(to("box"), allocation="full", window_days=7))
    assert found.mid.moved_energy_usd == pytest.approx((30 + 100) / 3.6e6 * 1.2 * 0.2)
    assert found.mid.fixed_usd == pytest.approx(120 * 7 / 30.4375)
    assert replay([row], policy(to("box"))).mid.fixed_usd == 0


def test_cache_and_reasoning_options():
    row = Row(
        id=1,
        route="api",
        model="m",
        tokenizer="claude",
        input_tokens=100,
        cache_read_tokens=900,
        output_tokens=500,
        reasoning_tokens=200,
    )
    found = replay([row], policy(to("sonnet"), cache="none", reasoning="drop"))
    assert found.mid.total_usd == pytest.approx((1000 * 2 + 300 * 10) / 1e6)
    thinker = replace(TARGETS["sonnet"], thinks=True)
    kept = replace(policy(to("sonnet"), reasoning="drop"), targets={"sonnet": thinker})
    assert replay([row], kept).mid.total_usd == pytest.approx((200 + 90 + 5000) / 1e6)


def test_an_empty_window_is_priced_whole():
    found = replay([], policy(to("sonnet")))
    assert (found.mid.total_usd, found.rows_moved, found.priced_share) == (0, 0, 1)
    assert found.priced_rows_share == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"cache": "guess"}, "cache must be carry or none, not guess"),
        ({"window_days": 0}, "window_days must be more than 0"),
        ({"verbosity_factor": [2, 1, 1]}, "verbosity must be a low"),
        ({"ratios": {"a>b": [1, 2]}}, "a>b must be a low"),
        ({"rules": [{"to": "moon"}]}, "moon, which is not among the targets"),
        (
            {"rules": [{"when": {"weather": "rain"}, "to": "keep"}]},
            "weather is unknown here; known are model",
        ),
        ({"rules": [{"when": {}}]}, "a rule has a `when` and a `to`"),
        ({"targets": {"x": {"kind": "cloud"}}}, "kind api or local, not cloud"),
        ({"targets": {"x": {"kind": "api", "tokenizer": "t"}}}, "target x: card must be a table"),
        ({"targets": 3}, "targets must be a table"),
        ({"rules": ["all to the box"]}, "each rule must be a table"),
        ({"ratios": {"a>b": ["1", 2, 3]}}, "a>b must be a number"),
        ({"targets": {"x": {"kind": "local"}}}, "target x: 'tokenizer' must be given"),
        ({"mood": "good"}, "mood is not part of a replay policy"),
    ],
)
def test_bad_policies_are_refused_in_a_sentence(change, sentence):
    base = {"rules": [], "targets": {}}
    with pytest.raises(ValueError, match=sentence):
        policy_from_mapping(base | change)


def test_a_policy_from_a_file():
    found = policy_from_mapping(
        {
            "rules": [{"when": {"prompt_tokens_lte": 500}, "to": "box"}],
            "targets": {"box": {"kind": "local", "tokenizer": "llama", "usd_per_kwh": 0.2}},
            "verbosity_factor": 1.1,
        }
    )
    assert found.verbosity == (1.1, 1.1, 1.1)
    assert found.targets["box"] == SelfTarget(tokenizer="llama", usd_per_kwh=0.2)
