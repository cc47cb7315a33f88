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
