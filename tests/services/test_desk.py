"""The desk: every change can be taken back, a slip loses nothing, pins stay."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.core.whatif.fields import FIELDS
from console.core.whatif.parse import Range
from console.core.whatif.scenario import Scenario
from console.services.desk import Desk

from .calculators import calculator


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    found = calculator(tmp_path_factory.mktemp("desk"))
    found.load()
    return found


@pytest.fixture
def desk(engine):
    return Desk.begin(engine, Scenario("homelab"))


NAMES = [each.name for each in FIELDS] + ["base", "versus.openai/gpt-6-luna"]


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(moves=st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from("+-0*")), max_size=12))
def test_undo_leads_back_and_redo_forward(engine, moves):
    desk = Desk.begin(engine, Scenario("homelab"))
    first = desk.figures.results.saving_usd
    for name, key in moves:
        if name not in {row.name for row in desk.figures.rows}:
            continue
        match key:
            case "0":
                desk.default(name)
            case "*":
                desk.measured(name)
            case _:
                desk.step(name, 1 if key == "+" else -1)
    last, steps = desk.scenario, len(desk.edits.past)
    for _ in range(steps):
        desk.undo()
    assert desk.scenario == Scenario("homelab") and desk.figures.results.saving_usd == first
    for _ in range(steps + 1):
        desk.redo()
    assert desk.scenario == last


def test_what_is_typed_shows_at_once_and_is_kept_on_enter(desk):
    assert desk.try_text("workload.requests_per_day", "100k")
    assert desk.figures.results.api.requests_per_month == pytest.approx(3_043_750)
    assert not desk.scenario.changes
    assert desk.try_text("self_host.usd_per_kwh", "18.9¢")
    assert desk.row("self_host.usd_per_kwh").value == 0.189
    assert desk.try_text("workload.requests_per_day", "100k")
    desk.commit()
    assert desk.scenario.changes == {"workload.requests_per_day": 100_000}


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("workload.requests_per_day", "", "type a number"),
        ("workload.requests_per_day", "-1", "at least 0"),
        ("workload.requests_per_day", "1e15", "at most"),
        ("workload.requests_per_day", "nan", "not a number"),
        ("workload.requests_per_day", "8.4 kk", "not a number"),
        ("workload.cache_read_share", "12", "write 12%"),
        ("self_host.usd_per_kwh", "18.8", "18.8¢ is 0.188"),
        ("self_host.replica_rps", "4..1", "below the high end"),
        ("api.model", "unheard-of", "write provider/model"),
        ("api.model", "anthropic/nothing", "no price"),
        ("base", "elsewhere", "choose one of"),
    ],
)
def test_a_slip_is_a_sentence_at_the_field_and_the_figures_stay(desk, name, text, words):
    before = desk.figures
    assert not desk.try_text(name, text)
    assert desk.complaint.startswith(desk.row(name).field.label) and words in desk.complaint
    assert desk.figures is before
    desk.restore()
    assert desk.complaint is None


def test_a_model_that_was_refused_is_no_choice(desk):
    assert not desk.try_text("api.model", "anthropic/no-such-model")
    desk.restore()
    desk.recompute()
    rows = {row.name for row in desk.figures.rows}
    assert "versus.openai/gpt-6-luna" in rows and "versus.anthropic/no-such-model" not in rows
    models = desk.row("api.model").field.choices
    assert "anthropic/no-such-model" not in models
    for _ in models:
        assert desk.step("api.model", 1), desk.row("api.model").value


def test_a_range_widens_the_interval(desk):
    key = desk.figures.results.sheet.offer.key
    before = desk.figures.spread.duels[key].saving
    assert desk.try_text("self_host.ops_hours_fixed", "0..60")
    after = desk.figures.spread.duels[key].saving
    assert after.p95 - after.p5 > before.p95 - before.p5
    desk.commit()
    assert desk.scenario.changes["self_host.ops_hours_fixed"] == Range(0, 60)


def test_back_to_measured_takes_the_ledgers_figure(desk):
    assert desk.measured("workload.requests_per_day")
    base = desk.calculator.world.bases["my-ledger"]
    value = base.case.get("workload.requests_per_day")
    assert desk.row("workload.requests_per_day").value == pytest.approx(value)
    assert not desk.measured("self_host.pue") and "no measurement" in desk.complaint


def test_pins_are_let_go_by_the_same_key_and_taken_up_again(desk):
    desk.pin("a")
    desk.set("self_host.pue", 1.5)
    desk.pin("b")
    assert sorted(desk.pins) == ["a", "b"]
    assert desk.swap() and "self_host.pue" not in desk.scenario.changes
    desk.pin("a")
    assert sorted(desk.pins) == ["b"]


def test_the_article_keeps_its_figures(engine):
    desk = Desk.begin(engine, Scenario("article"))
    bills = desk.figures.article.bills
    assert [f"{float(bill.total_usd):,.0f}" for bill in bills] == ["1,275", "1,800", "693", "388"]
    assert any("159%" in said for said in desk.figures.advice)
    desk.set("llama_70b.rps", 1.0)
    assert not any("TFLOP" in said for said in desk.figures.advice)
    desk.set("base", "homelab")
    assert desk.figures.results is not None and not desk.scenario.changes
