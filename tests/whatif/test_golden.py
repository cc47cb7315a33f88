import copy
import json
import math
from pathlib import Path

import pytest
from golden_adapter import KINDS, run_case

CASES = json.loads(Path(__file__).with_name("golden.json").read_text())["cases"]


def assert_close(found, expected, tolerance, path="expected"):
    if isinstance(expected, dict):
        for key, value in expected.items():
            assert_close(found[key], value, tolerance, f"{path}.{key}")
    elif isinstance(expected, list):
        assert len(found) == len(expected), path
        for index, value in enumerate(expected):
            assert_close(found[index], value, tolerance, f"{path}[{index}]")
    elif isinstance(expected, float | int) and not isinstance(expected, bool):
        assert math.isclose(found, expected, rel_tol=tolerance, abs_tol=tolerance * 1e-3), (
            f"{path}: {found!r} is not {expected!r}"
        )
    else:
        assert found == expected, path


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_golden_case(case):
    found = run_case(case["kind"], case["inputs"])
    assert "error" not in found, found
    assert_close(found, case["expected"], case["rel_tol"])


def test_every_kind_has_a_case():
    assert {case["kind"] for case in CASES} == set(KINDS)


def places(value, path=()):
    """The path of every list and value in a case."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from places(item, (*path, key))
        return
    yield path
    for index, item in enumerate(value[:2] if isinstance(value, list) else ()):
        yield from places(item, (*path, index))


def with_value(case, path, value):
    changed = copy.deepcopy(case)
    inner = changed
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return changed


def infinite(value):
    if isinstance(value, dict | list):
        return any(map(infinite, value.values() if isinstance(value, dict) else value))
    return isinstance(value, float) and not math.isfinite(value)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -1, 1e300, "x", None, {}, []], ids=repr)
def test_an_impossible_value_anywhere_is_said_and_never_computed_with(bad):
    for case in CASES:
        for path in places(case["inputs"]):
            found = run_case(case["kind"], with_value(case["inputs"], path, bad))
            assert not infinite(found), (case["id"], path)
            number = isinstance(bad, float | int) and path[0] != "rows"
            if number and path[-1] not in ("route", "seed", "tokenizer"):
                assert found.get("error"), (case["id"], path)


def test_what_no_rig_can_carry_is_an_error_with_the_replicas_it_takes():
    case = next(case for case in CASES if case["id"] == "cap-exact-boundary")
    found = run_case("selfhost_cost", with_value(case["inputs"], ("s", "max_replicas"), 2))
    assert (found["feasible"], found["replicas"], found["total_usd"]) == (False, 3, None)
    assert "3 replicas" in found["error"]


def test_an_unknown_kind_is_an_error():
    assert "no kind" in run_case("lottery", {})["error"]
