import copy
import json

from hypothesis import given
from hypothesis import strategies as st

from console.core.whatif.term import Term, largest, named, power, rounded, rounded_up

size = st.floats(0.001, 1e6)


@given(size, size, size)
def test_a_term_computes_as_a_float_and_evaluates_to_itself(x, y, z):
    def formula(a, b, c):
        load = named(a * b / 3600 + 2 * c - 1, "load")
        return rounded(
            power(1 + c, -0.5) * largest(largest(load, b - a), 0.0) + rounded_up(b / c), 2
        )

    value = formula(Term(x, name="x"), Term(y, name="y"), Term(z, name="z"))
    assert value == formula(x, y, z)
    assert value.evaluate() == value
    assert {leaf.name for leaf in value.inputs()} == {"x", "y", "z"}
    assert value.find("load") == x * y / 3600 + 2 * z - 1
    assert value.find("nowhere") is None


def test_sums_and_products_stay_flat_until_someone_names_them():
    a, b, c = (Term(n, name=str(n)) for n in (2, 3, 4))
    assert [part.name for part in (a + b + c).parts] == ["2", "3", "4"]
    assert [part.name for part in (named(a * b, "area") * c).parts] == ["area", "4"]
    assert (a - b - c).evaluate() == -5
    assert (-a).evaluate() == -2
    assert (1 / a).evaluate() == 0.5


def test_naming_an_input_keeps_the_input_below():
    total = named(Term(5, name="rent"), "total", "$")
    assert (total.name, total.unit, total.parts[0].name) == ("total", "$", "rent")
    assert not total.is_input
    assert named(2.5, "plain") == 2.5


def test_whole_numbers_survive_the_last_bit_of_a_division():
    assert rounded_up(3.0000000000000004) == 3
    assert rounded_up(3.00001) == 4
    assert rounded_up(0.0) == 0
    assert rounded_up(float("inf")) == float("inf")


def test_terms_copy_print_and_serialise_as_numbers():
    total = Term(2, name="a") * 1.25
    twin = copy.deepcopy(total)
    assert (twin, twin.op, twin.parts[0].name) == (2.5, "×", "a")
    assert f"{total:,.2f}" == "2.50"
    assert json.dumps(total) == "2.5"
