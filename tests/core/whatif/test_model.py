import math
from dataclasses import replace

import pytest

from console.core.whatif.api import api_bill, attempt_price, books
from console.core.whatif.breakeven import breakeven
from console.core.whatif.card import Card, LongContext, Rates
from console.core.whatif.inputs import Inputs, SelfHost, Workload, traced
from console.core.whatif.model import chart, compare, explain, figures, monthly_saving
from console.core.whatif.presets import PRESETS
from console.core.whatif.rig import self_bill


@pytest.mark.parametrize("figure", figures())
def test_every_figure_explains_itself(inputs, figure):
    rig = replace(inputs.self_host, amortisation="crf", discount_rate_annual=0.08)
    card = replace(inputs.api, min_commit_usd_per_month=5000, discount=0.1, tax_rate=0.19)
    for case in (inputs, replace(inputs, self_host=rig, api=card)):
        both = compare(case, 1e6)
        bill, _, name = figure.partition(".")
        shown = both.saving_usd
        if name:
            shown = getattr(both.api if bill == "api" else both.own, name)
        why = explain(case, figure)
        assert float(why) == shown
        assert why.evaluate() == shown


def test_an_explanation_goes_down_to_the_inputs(inputs):
    names = {leaf.name for leaf in explain(inputs, "self_host.energy_usd").inputs()}
    assert {"self_host.usd_per_kwh", "self_host.idle_w", "workload.requests_per_day"} <= names
    with pytest.raises(ValueError, match="profit is not a figure"):
        explain(inputs, "profit")


def test_crossovers_explain_themselves_too(inputs):
    plain, why = breakeven(inputs, 60_000), breakeven(traced(inputs), 60_000)
    assert why.first == plain.first
    assert why.first.requests_per_day.evaluate() == plain.first.requests_per_day
    assert "self_host.capex_per_replica" in {
        leaf.name for leaf in why.first.requests_per_day.inputs()
    }


def test_the_lines_give_the_bills_at_any_volume(inputs):
    inputs = inputs.with_values({"self_host.replica_rps": 0.3, "self_host.spare_replicas": 1})
    both = breakeven(inputs, 1e6).lines
    for q in (0.5, 4536, 4537, 8400, 123_456):
        at = inputs.with_values({"workload.requests_per_day": q})
        assert both.api(q) == pytest.approx(api_bill(at.workload, at.api).total_usd, rel=1e-12)
        assert both.own(q) == pytest.approx(self_bill(at.workload, at.self_host).total_usd)


def test_chart_spans_the_axis_and_ends_where_the_rig_does(inputs):
    inputs = inputs.with_values({"self_host.max_replicas": 2})
    points = chart(breakeven(inputs, 1e6).lines, 100, 1e6)
    assert (len(points), points[0].requests_per_day, points[-1].requests_per_day) == (120, 100, 1e6)
    limit = 2 * 151_200
    assert all((point.own_usd is None) is (point.requests_per_day > limit) for point in points)
    with pytest.raises(ValueError, match="volumes above 0"):
        chart(breakeven(inputs, 1e6).lines, 0, 10)


def test_too_small_a_rig_saves_nothing_and_says_what_it_takes(inputs):
    inputs = inputs.with_values({"self_host.max_replicas": 1, "workload.requests_per_day": 500_000})
    both = compare(inputs, 1e6)
    assert (both.own.feasible, both.own.replicas, both.saving_usd) == (False, 4, None)
    assert both.breakeven.crossovers[-1].kind == "infeasible"
    assert both.breakeven.for_good_from is None
    with pytest.raises(ValueError, match="max_replicas 1 cannot carry the peak: it takes 4"):
        monthly_saving(inputs)


def test_running_cost_leaves_out_what_is_paid(inputs):
    inputs = inputs.with_values({"self_host.setup_usd": 360})
    own = self_bill(inputs.workload, inputs.self_host)
    assert own.total_usd - own.running_usd == pytest.approx(own.capital_usd + own.setup_usd)
    assert own.setup_usd == 10


def test_unpublished_cache_prices_are_the_input_price(inputs):
    card = Card(input=2, output=10)
    w = replace(inputs.workload, cache_read_share=0.5, cache_write_1h_share=0.5)
    price = attempt_price(w, card)
    assert price.input_usd == 0
    assert price.cache_read_usd == price.cache_write_usd == pytest.approx(250 * 2e-6)


def test_batch_without_a_published_price_is_refused(inputs):
    w = replace(inputs.workload, batch_share=0.1)
    for batch in (None, Rates(input=1), Rates(output=5)):
        with pytest.raises(ValueError, match="batch price"):
            api_bill(w, Card(input=2, output=10, batch=batch))
    assert api_bill(inputs.workload, Card(input=2, output=10)).total_usd > 0


def test_long_context_reprices_the_whole_request(inputs):
    long = LongContext(threshold_tokens=1000, rates=Rates(input=4, output=15))
    card = Card(
        input=2, output=10, cache_read=0.2, batch=Rates(input=1, output=5), long_context=long
    )
    assert books(card, 1000)[0].input == 2
    standard, batch = books(card, 1001)
    assert (standard.input, standard.output, standard.cache_read) == (4, 15, 0.2)
    assert batch is None, "the short-context batch price is not this tier's"
    at_threshold = replace(inputs.workload, input_tokens=800)
    doubled = replace(card, tokenizer_ratio_in=1.5)
    assert attempt_price(at_threshold, card).input_usd == pytest.approx(800 * 2e-6)
    assert attempt_price(at_threshold, doubled).input_usd == pytest.approx(1200 * 4e-6)


@pytest.mark.parametrize("bad", [-1, math.nan, math.inf, 1e15, "9"])
def test_bad_inputs_are_refused_by_name(inputs, bad):
    for name in ("requests_per_day", "input_tokens", "retry_rate", "batch_share", "peak_to_mean"):
        with pytest.raises(ValueError, match=rf"^{name} must be "):
            inputs.with_values({f"workload.{name}": bad})
    for name in ("input", "cache_read", "tokenizer_ratio_in", "tax_rate", "fee_per_request"):
        with pytest.raises(ValueError, match=rf"^{name} must be "):
            inputs.with_values({f"api.{name}": bad})
    for name in ("replica_rps", "capex_per_replica", "busy_w", "usd_per_kwh", "max_replicas"):
        with pytest.raises(ValueError, match=rf"^{name} must be "):
            inputs.with_values({f"self_host.{name}": bad})
    for q_max in (bad, 0):
        if not isinstance(q_max, str) and q_max != 1e15:
            with pytest.raises(ValueError, match="q_max"):
                breakeven(inputs, q_max)


def test_what_contradicts_itself_is_refused(inputs):
    cases = {
        "workload.cache_read_share": (1.2, "cache_read_share"),
        "self_host.min_replicas": (1.5, "whole number"),
        "self_host.busy_w": (60, "at least idle_w"),
        "self_host.replica_rps": (None, "prefill_tok_s and decode_tok_s together"),
        "self_host.ownership": ("stolen", "owned or rented, not stolen"),
        "self_host.hours_on_per_day": (25, "at most 24"),
        "self_host.target_utilisation": (0, "more than 0"),
        "self_host.colour": (1, "is not an input"),
        "weather.rain": (1, "is not an input"),
    }
    for name, (value, sentence) in cases.items():
        with pytest.raises(ValueError, match=sentence):
            inputs.with_values({name: value})
    with pytest.raises(ValueError, match="add up to 110%"):
        inputs.with_values({"workload.cache_read_share": 0.6, "workload.cache_write_share": 0.5})
    with pytest.raises(ValueError, match="max_replicas"):
        breakeven(
            inputs.with_values({"self_host.max_replicas": 1, "self_host.spare_replicas": 1}), 1e5
        )
    empty = inputs.with_values(
        {
            "workload.input_tokens": 0,
            "workload.output_tokens": 0,
            "self_host.replica_rps": None,
            "self_host.prefill_tok_s": 1,
            "self_host.decode_tok_s": 1,
        }
    )
    with pytest.raises(ValueError, match="nothing to serve"):
        self_bill(empty.workload, empty.self_host)


def test_groups_from_mappings_name_what_is_wrong():
    with pytest.raises(ValueError, match="requests is unknown here; known are batch_share"):
        Workload.from_mapping({"requests": 5})
    with pytest.raises(ValueError, match="'output' must be given"):
        Card.from_mapping({"input": 1})
    with pytest.raises(ValueError, match="threshold_tokens must be given"):
        Card.from_mapping({"input": 1, "output": 1, "long_context": {"input": 2}})
    long = {"threshold_tokens": 9, "batch": 0.5}
    for wrong in ({"batch": 0.5}, {"long_context": 9}, {"long_context": long}):
        with pytest.raises(ValueError, match="must be a table"):
            Card.from_mapping({"input": 1, "output": 1} | wrong)
    rig = SelfHost.from_mapping({"replica_rps": 2, "ownership": "rented", "max_replicas": None})
    assert (rig.ownership.value, rig.max_replicas) == ("rented", None)


@pytest.mark.parametrize("preset", PRESETS.values(), ids=lambda preset: preset.name)
def test_presets_compare_and_name_their_sources(preset):
    inputs = preset.case.inputs
    assert compare(inputs, 1e6).saving_usd is not None
    assert preset.caveats
    for name, source in preset.sources.items():
        assert source.text, name
        assert not source.uncertain or source.low <= preset.case.get(name) <= source.high, name
    defaults = Inputs(
        workload=Workload(requests_per_day=1, input_tokens=1, output_tokens=1),
        api=Card(input=1, output=1),
        self_host=SelfHost(replica_rps=1),
    )
    for leaf in explain(inputs, "saving_usd").inputs():
        given = leaf.name in preset.sources
        group_default = leaf == defaults.get(leaf.name) if leaf.name.count(".") == 1 else False
        assert given or group_default, leaf.name
