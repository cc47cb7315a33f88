"""What the figures rest on: sources and their age, draws that hold together, words for shares."""

from random import Random

import pytest

from console.core.whatif.advice import advice
from console.core.whatif.distribution import chance, draws_share
from console.core.whatif.draws import drawer
from console.core.whatif.origin import Origin, Source, assumed
from console.core.whatif.scenario import Scenario
from console.core.whatif.spread import spread
from tests.services.calculators import calculator

from .worlds import results


def test_a_measured_split_is_drawn_as_the_same_traffic_as_the_workload(tmp_path):
    engine = calculator(tmp_path)
    engine.load()
    sheet = engine.sheet(Scenario("my-ledger"))
    draw, random = drawer(sheet.case, sheet.distributions()), Random(1)

    def mean(case):
        plan = case.hybrid
        routine, complex_ = plan.routine_input_tokens, plan.complex_input_tokens
        return routine * plan.share_self + complex_ * (1 - plan.share_self)

    apart = mean(sheet.case) / sheet.case.inputs.workload.input_tokens
    assert apart == pytest.approx(1, abs=0.02)
    drawn = set()
    for _ in range(50):
        case = draw(random)
        drawn.add(mean(case))
        assert mean(case) == pytest.approx(case.inputs.workload.input_tokens * apart)
    assert len(drawn) == 50


def test_what_a_split_and_a_burst_rest_on_is_said():
    found = results("homelab", design__burst="yes", hybrid__complex_input_tokens=6000.0)
    said = advice(found, "2026-11-28")
    assert any("1,600 input tokens on the mean, the workload's 500" in text for text in said)
    assert any("assumed day: one smooth peak of 3 times the mean" in text for text in said)
    plain = advice(results("homelab"), "2026-11-28")
    assert not any("same traffic" in text or "assumed day" in text for text in plain)


@pytest.mark.parametrize(
    ("as_of", "today", "old"),
    [("2026", "2027-12-28", False), ("2026", "2027-12-29", True), ("2026-04", "2027-04-28", False),
     ("2026-04", "2027-04-29", True), ("2026-04-09", "2027-04-10", True),
     ("", "2099-01-01", False)],
)  # fmt: skip
def test_an_assumption_is_out_of_date_after_a_year(as_of, today, old):
    source = assumed("a price", as_of=as_of, grade="C").on(today)
    assert source.old is old
    assert str(source).endswith("; out of date") is old
    if as_of:
        assert f"of {as_of}; from a blog or a forum (C)" in str(source)
    assert not Source(Origin.TYPED, "", as_of="2001").on("2026-01-01").old


def test_a_share_of_draws_is_never_rounded_to_all_or_none():
    assert [draws_share(x) for x in (0, 0.001, 0.5, 0.999, 1)] == [
        "0%", "<1%", "50%", ">99%", "100%"]  # fmt: skip
    assert [chance(x) for x in (0, 0.001, 0.25, 0.999, 1)] == [
        "0.00", "<0.01", "0.25", ">0.99", "1.00"]  # fmt: skip


def test_every_family_of_models_draws_its_own_tokenizer_and_moves_no_other_draw():
    found, fewer = (
        results("homelab"),
        results("homelab", **{"versus__groq/llama-3.1-8b-instant": "no"}),
    )
    drawn, alone = (spread(each, n=200, seed=3) for each in (found, fewer))
    assert drawn.uncertain == (*alone.uncertain, "Llama 8B @Groq tokens ×")
    for key, month in alone.months.items():
        assert drawn.months[key] == month
    llama, haiku = (
        drawn.months[key] for key in ("groq/llama-3.1-8b-instant", found.sheet.offer.key)
    )
    assert llama.p95 / llama.p5 != pytest.approx(haiku.p95 / haiku.p5)
