"""Scenarios: what is stated, how files say it, and what is refused in a sentence."""

import tomllib

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from console.core.whatif.fields import FIELDS, Kind
from console.core.whatif.parse import Range
from console.core.whatif.scenario import (
    Scenario,
    difference,
    field_of,
    from_document,
    parse_change,
    to_document,
)

NUMBERS = [each.name for each in FIELDS if each.kind is Kind.NUMBER]


@given(
    st.dictionaries(
        st.sampled_from(NUMBERS),
        st.floats(1, 4).map(lambda x: round(x, 6))
        | st.tuples(st.floats(1, 2), st.floats(2.5, 4)).map(lambda t: Range(*t)),
        max_size=6,
    )
)
def test_a_file_says_the_same_again(changes):
    changes = {
        name: Range(float(f"{v.low:.12g}"), float(f"{v.high:.12g}")) if isinstance(v, Range) else v
        for name, v in changes.items()
    }
    scenario = Scenario("team", changes)
    text = tomlkit.dumps(to_document(scenario))
    assert from_document(tomllib.loads(text)) == scenario
    assert tomlkit.dumps(to_document(from_document(tomllib.loads(text)))) == text


def test_a_file_states_only_what_differs():
    document = to_document(Scenario("homelab", {"self_host.ops_hours_fixed": 2.0,
                                                "workload.peak_to_mean": Range(1.3, 4.3),
                                                "self_host.max_replicas": None}))  # fmt: skip
    assert document == {
        "format": 1,
        "base": "homelab",
        "workload": {"peak_to_mean": "1.3..4.3"},
        "self_host": {"max_replicas": "no limit", "ops_hours_fixed": 2},
    }


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"format": 2, "base": "team"}, "from a newer llmconsole"),
        ({"format": "x", "base": "team"}, "format must be"),
        ({}, "base must name"),
        ({"base": "team", "workload": 3}, "workload is not known"),
        (
            {"base": "team", "workload": {"request_per_day": 1}},
            "did you mean workload.requests_per",
        ),
        ({"base": "team", "workload": {"requests_per_day": float("nan")}}, "finite"),
        ({"base": "team", "workload": {"requests_per_day": -3}}, "at least 0"),
        ({"base": "team", "workload": {"requests_per_day": [1]}}, "must be a number or text"),
        ({"base": "team", "workload": {"cache_read_share": 12}}, "write 12%"),
        ({"base": "team", "self_host": {"usd_per_kwh": 18.8}}, "18.8¢ is 0.188"),
        ({"base": "team", "self_host": {"ownership": "stolen"}}, "owned, rented"),
        ({"base": "article", "workload": {"input_tokens": "1..2"}}, "no ranges"),
        ({"base": "article", "self_host": {"pue": 1.2}}, "not an input of article"),
    ],
)
def test_bad_files_are_refused_in_a_sentence(document, words):
    with pytest.raises(ValueError, match=words.replace("(", r"\(")) as refused:
        from_document(document)
    assert "\n" not in str(refused.value)


def test_what_is_said_of_the_traffic_survives_another_base():
    scenario = Scenario("team", {"workload.requests_per_day": 5e3, "self_host.pue": 1.4})
    assert scenario.on("rented").changes == {"workload.requests_per_day": 5e3}
    assert scenario.on("article").on("homelab").changes == {"workload.requests_per_day": 5e3}


def test_typed_text_becomes_values():
    assert parse_change("team", "workload.requests_per_day", "8.4k") == 8400
    assert parse_change("team", "workload.cache_read_share", "12%") == 0.12
    assert parse_change("team", "self_host.replica_rps", "1.3..4.3") == Range(1.3, 4.3)
    assert parse_change("team", "self_host.ownership", "rent") == "rented"
    assert parse_change("team", "versus.openai/gpt-6-luna", "yes") == "yes"


def test_difference_names_what_is_stated_otherwise():
    one = Scenario("team", {"self_host.pue": 1.2, "workload.input_tokens": 5.0})
    other = Scenario("team", {"self_host.pue": 1.3, "workload.input_tokens": 5.0})
    assert difference(one, other) == ["self_host.pue"] and difference(one, one) == []


@pytest.mark.parametrize("name", [each.name for each in FIELDS])
def test_steps_stay_within_what_the_row_takes(name):
    field = field_of(name)
    for start in (field.low, 1.0, field.high or 1e6):
        value = field.choices[0] if field.choices else start
        if name == "api.model":
            continue
        for direction in (1, -1):
            for _ in range(30):
                value = field.stepped(value, direction)
            if field.kind is not Kind.CHOICE:
                assert field.low <= value <= (field.high or float("inf"))
