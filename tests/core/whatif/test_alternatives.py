"""Alternatives: lines are bills, every crossover has its interval, trees add up to the figure."""

import math
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.core.whatif import decision
from console.core.whatif.advice import advice
from console.core.whatif.alternatives import evaluate
from console.core.whatif.explain import branches, explain, figures
from console.core.whatif.fields import FIELDS, Kind
from console.core.whatif.later import later
from console.core.whatif.montecarlo import monte_carlo
from console.core.whatif.parse import Range
from console.core.whatif.presets import PRESETS
from console.core.whatif.report import as_csv, as_document, as_json, as_markdown, command
from console.core.whatif.scenario import Scenario
from console.core.whatif.sheet import World, fill_in
from console.core.whatif.spread import spread

from .worlds import WORLD, results

volumes = st.floats(1, 3e6)
bases = st.sampled_from(sorted(PRESETS))


@settings(max_examples=150, deadline=None)
@given(
    base=bases,
    q=volumes,
    share=st.floats(0, 1),
    escalation=st.floats(0, 1),
    peak=st.floats(1, 24),
    complex_tokens=st.none() | st.floats(1, 5000),
    commit=st.sampled_from([0.0, 500.0]),
    replicas=st.integers(1, 5),
    hours=st.sampled_from([24.0, 10.0]),
)
def test_every_line_of_the_chart_is_its_bill(
    base, q, share, escalation, peak, complex_tokens, commit, replicas, hours
):
    found = results(
        base,
        workload__requests_per_day=q,
        workload__peak_to_mean=peak,
        hybrid__share_self=share,
        hybrid__escalation_rate=escalation,
        hybrid__complex_input_tokens=complex_tokens,
        hybrid__routine_output_tokens=complex_tokens,
        api__min_commit_usd_per_month=commit,
        burst__replicas=float(replicas),
        design__burst="yes",
        self_host__hours_on_per_day=hours,
    )
    for each in found.alternatives:
        assert each.usd is not None, each.trouble
        assert each.at(q) == pytest.approx(each.usd, rel=1e-9), each.name
        assert sum(part for _, part in each.parts) == pytest.approx(each.usd, rel=1e-9)


@pytest.mark.parametrize("base", sorted(PRESETS))
def test_trees_evaluate_to_the_figure_shown(base):
    found = results(base, design__burst="yes")
    shown = {each.key: each.usd for each in found.alternatives}
    for name in figures(found):
        try:
            tree = explain(found, name)
        except ValueError as error:
            assert name == "payback_months" and "not paid back" in str(error)
            continue
        assert math.isclose(tree.evaluate(), float(tree), rel_tol=1e-12), name
        assert branches(tree, found.sheet)[0].value == float(tree)
    assert float(explain(found, "self_host.total_usd")) == shown["own"]
    assert float(explain(found, "api.total_usd")) == shown[found.sheet.offer.key]
    assert float(explain(found, "hybrid")) == shown["hybrid"]
    assert float(explain(found, "burst")) == shown["burst"]
    for offer in found.sheet.versus:
        assert float(explain(found, f"versus.{offer.key}")) == shown[offer.key]
    for duel in found.duels:
        for place, crossover in enumerate(duel.breakeven.crossovers[:3]):
            tree = explain(found, f"crossover.{place + 1}.{duel.key}")
            assert float(tree) == crossover.requests_per_day
    assert float(explain(found, "npv_usd")) == later(found).investment.npv_usd


def test_leaves_say_where_they_are_from():
    found = results("homelab", workload__requests_per_day=5e3)
    leaves = {b.name: b.source for b in branches(explain(found, "saving_usd"), found.sheet)}
    assert leaves["workload.requests_per_day"] == "typed"
    assert leaves["api.input"].startswith("price list: a list, in force since 2026-11-09")
    assert leaves["self_host.usd_per_kwh"].startswith("assumption: US residential")
    with pytest.raises(ValueError, match="not a figure"):
        explain(found, "total")
    with pytest.raises(ValueError, match="cross 1 times"):
        explain(found, f"crossover.9.{found.sheet.offer.key}")


def test_no_crossover_is_told_without_its_interval():
    found = results("team")
    known = spread(found, n=300, seed=1)
    for duel in found.duels:
        of = known.duels[duel.key]
        for crossing in of.crossings:
            assert crossing.at.p5 <= crossing.at.p50 <= crossing.at.p95
    document = as_document(found, None, None, (), "1")
    assert all(not duel["crossovers"] for duel in document["crossovers"])
    told = as_document(found, known, None, (), "1")["crossovers"]
    assert all(each["interval"] for duel in told for each in duel["crossovers"])


def test_the_same_seed_gives_the_same_draws_as_the_saving_alone():
    found = results("homelab", design__hybrid="no")
    known = spread(found, n=200, seed=7)
    names = [n for n in found.sheet.distributions() if not n.startswith("hybrid")]
    sheet = found.sheet
    only = {name: sheet.distributions()[name] for name in names}
    fewer = {n: s for n, s in sheet.sources.items() if not n.startswith("hybrid")}
    again = evaluate(replace(sheet, sources=fewer))
    plain = monte_carlo(sheet.case.inputs, only, n=200, seed=7)
    mine = spread(again, n=200, seed=7).duels[sheet.offer.key].saving
    assert mine._asdict() == pytest.approx(plain.saving._asdict())
    assert known == spread(found, n=200, seed=7) and known != spread(found, n=200, seed=8)


def test_a_typed_range_is_drawn_and_a_typed_number_is_not():
    sheet = results("homelab", self_host__replica_rps=Range(1.3, 4.3)).sheet
    assert sheet.case.get("self_host.replica_rps") == pytest.approx(2.8)
    drawn = sheet.distributions()["self_host.replica_rps"]
    assert (drawn.low, drawn.high) == (1.3, 4.3)
    inside = results("homelab", self_host__replica_rps=Range(2, 8)).sheet
    assert inside.case.get("self_host.replica_rps") == 5
    assert "self_host.replica_rps" not in results(
        "homelab", self_host__replica_rps=4.0).sheet.distributions()  # fmt: skip


def test_a_rig_too_small_says_so_and_the_crossovers_stay():
    found = results("homelab", self_host__max_replicas=1.0, workload__requests_per_day=9e5)
    assert found.alternative("own").usd is None and "replicas" in found.alternative("own").trouble
    known = spread(found, n=100, seed=1)
    assert known.duels[found.sheet.offer.key].saving is None
    assert known.duels[found.sheet.offer.key].crossings
    assert "cannot carry the peak" in advice(found, "2026-11-24")[0]


def test_running_cost_leaves_out_what_is_paid_for():
    full, running = results("homelab"), results("homelab", reading__view="running")
    assert running.own.capital_usd == 0
    assert running.own.total_usd == pytest.approx(full.own.running_usd)


def test_a_model_without_a_price_is_told_and_the_rest_computed():
    found = results("homelab", **{"versus__openai/gpt-6-luna": "yes"})
    assert found.alternative("openai/gpt-6-luna").usd is None
    assert found.unpriced and "gpt-6-luna" in found.unpriced[0]
    with pytest.raises(ValueError, match="no price in any list"):
        results("homelab", api__model="openai/gpt-6-luna")


def test_a_batch_without_a_batch_price_is_unpriced_never_standard():
    found = results("homelab", workload__batch_share=0.5)
    assert "batch" in found.alternative("groq/llama-3.1-8b-instant").trouble
    assert found.alternative("anthropic/claude-sonnet-5-5").usd is not None


def test_without_a_price_list_the_built_in_prices_serve_and_grow_old():
    bare = World(bases=PRESETS, offers={}, today="2027-06-01")
    found = evaluate(fill_in(Scenario("homelab"), bare))
    assert found.alternative(found.sheet.offer.key).usd == pytest.approx(82.79)
    assert any("out of date" in said for said in advice(found, "2027-06-01"))


def test_impossible_hardware_is_told_in_per_cent():
    said = advice(results("article-corrected", self_host__replica_rps=2.0,
                          self_host__tokenizer_ratio_in=1.0), "2026-11-24")  # fmt: skip
    assert any("159 % of the peak" in text.replace("159%", "159 %") for text in said)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"workload__requests_per_day": -1.0}, "requests/day: must be at least 0"),
        ({"workload__requests_per_day": 1e15}, "requests/day: must be at most"),
        ({"workload__requests_per_day": float("nan")}, "requests/day: must be a finite"),
        ({"self_host__busy_w": 1.0}, "busy: must be at least idle_w"),
        ({"workload__cache_read_share": 0.7, "workload__cache_write_share": 0.7}, "add up to 140"),
        ({"self_host__prefill_tok_s": 10.0}, "prefill: too slow"),
        ({"nonsense__x": 1.0}, "is not an input"),
    ],
)
def test_impossible_inputs_are_sentences_that_name_the_field(changes, words):
    with pytest.raises(ValueError, match=words):
        results("homelab", **changes)


def test_tokens_per_second_replace_requests_per_second():
    sheet = results("homelab", self_host__prefill_tok_s=20_000.0).sheet
    assert sheet.case.get("self_host.replica_rps") is None
    assert 1 / evaluate(sheet).own.replica_rps == pytest.approx(1 / 5)


def test_the_panel_scores_numbers_only_and_mandatory_overrides():
    found = results("homelab")
    known = spread(found, n=200, seed=1)
    rows, six = decision.table(found, known), decision.dimensions(found, known)
    assert len(rows) == 10 and len(six) == 6
    assert [row.by for row in rows].count("numbers") == 2
    assert all(not row.verdict for row in rows if row.by == "yours to judge")
    assert re.search(r"here at 38,268 \[[\d,]+–[\d,]+\]", rows[2].verdict)
    strict = results("homelab", needs__sensitive="yes")
    assert decision.table(strict, known)[0].mandatory
    assert decision.verdict(strict, known).startswith("Local")


def test_exports_are_the_same_again_and_hold_what_is_shown():
    found = results("team", workload__requests_per_day=Range(1e4, 5e4))
    known = spread(found, n=100, seed=1)
    document = as_document(found, known, later(found), ("careful",), "1.0")
    assert as_json(document) == as_json(
        as_document(results("team", workload__requests_per_day=Range(1e4, 5e4)), known,
                    later(found), ("careful",), "1.0"))  # fmt: skip
    assert document["inputs"]["workload.requests_per_day"]["origin"] == "typed"
    assert document["alternatives"][0]["usd_per_month"] == found.own.total_usd
    head, *rows = as_csv(found).splitlines()
    assert head.startswith("requests_per_day,own,anthropic/claude-sonnet-5-5") and len(rows) == 41
    text = as_markdown(document)
    assert "| own rig |" in text and "`workload.requests_per_day`" in text and "careful" in text
    assert command(found.sheet.scenario) == (
        "llmconsole whatif --preset team --set workload.requests_per_day=10000..50000"
    )


def test_every_row_has_a_value_and_a_source():
    for base in PRESETS:
        sheet = fill_in(Scenario(base), WORLD)
        for field in sheet.fields():
            sheet.value(field.name)
            assert sheet.source(field.name).text
            if field.kind is Kind.CHOICE:
                assert sheet.value(field.name) in field.choices, field.name
    assert len({each.name for each in FIELDS}) == len(FIELDS)
