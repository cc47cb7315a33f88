"""What `ask` says of the energy of a reply, with the stand-in driver's cards."""

import pytest

from console.sources.demo.faults import Fault
from tests.sources.gpu.conftest import calls, driver, fakenvml  # noqa: F401


@pytest.fixture
def cards(driver, environment):  # noqa: F811
    """The stand-in driver's cards, seen by the command."""
    import os

    environment |= {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "FAKENVML_CONTROL")}
    return driver


TRIES = 5
"""On a machine under load a reader can come too late to measure, and says so."""


def test_a_reply_alone_on_the_box_is_measured(cards, run, stand_ins):
    cards.order("wave 0 200 200 4", "wave 1 100 100 4", "set 0 util 0", "set 1 util 0")
    for _ in range(TRIES):
        stand_ins.local.order(Fault(delay_s=1))
        entry = run("ask", "--json", "Why is the sky blue?").json["entry"]
        if entry["energy_source"] == "measured":
            break
    # The clock of a row runs while a client is imported, its energy does not.
    assert 300 * 0.95 <= entry["energy_j"] <= 310 * entry["duration_ms"] / 1000
    assert entry["energy_error_j"] < 0.1 * entry["energy_j"]
    assert entry["energy_source"] == "measured"


def test_the_line_below_a_reply_says_how_its_energy_is_known(cards, run, stand_ins):
    cards.order("wave 0 200 200 4", "wave 1 100 100 4", "set 0 util 0", "set 1 util 0")
    stand_ins.local.order(Fault(delay_s=1))
    said = run("ask", "Why?").err.splitlines()[-1]
    assert " J measured · " in said or " J estimated · " in said


def test_somebody_elses_work_makes_it_an_estimate(cards, run, stand_ins):
    cards.order("cards 1", "wave 0 200 200 4", "set 0 util 90")
    stand_ins.local.order(Fault(delay_s=1))
    ended = run("ask", "--json", "Why?")
    assert ended.json["entry"]["energy_source"] == "estimated"
    assert ended.json["entry"]["energy_j"] > 150


def test_a_driver_that_takes_its_time_neither_delays_the_answer_nor_is_measured(
    cards, run, stand_ins
):
    cards.order("cards 1", "wave 0 200 200 4", "set 0 util 0", "fault * InitWithFlags slow:20000")
    ended = run("ask", "--json", "Why?")
    assert ended.json["reply"] and ended.json["entry"]["energy_j"] is None


def test_cards_without_a_counter_are_estimated_from_their_power(cards, run, stand_ins):
    cards.order("cards 1", "wave 0 200 200 4", "set 0 util 0",
                "fault 0 FI:83 3", "fault 0 DeviceGetTotalEnergyConsumption 3")  # fmt: skip
    stand_ins.local.order(Fault(delay_s=2))
    entry = run("ask", "--json", "Why?").json["entry"]
    assert entry["energy_source"] == "estimated" and entry["energy_j"] >= 390
    assert entry["energy_error_j"] < 0.02 * entry["energy_j"]


def test_what_goes_to_the_api_starts_no_reader(cards, run, stand_ins, calls, environment):  # noqa: F811
    import os

    environment["FAKENVML_CALLS"] = os.environ["FAKENVML_CALLS"]
    assert run("ask", "--json", "Compare these two.").json["entry"]["tier"] == "api"
    assert calls() == []
