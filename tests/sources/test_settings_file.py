"""Lines of values in TOML, for every form a value can be written in."""

import tomllib
from decimal import Decimal

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from console.sources.settings_file import Malformed, parse

DOCUMENT = '''\
# a comment with = [ { " in it
theme = "sl#ate" # another
a . "b \\" c".'d' = 1

[tiers.local]
model = """
many
lines \\""" " """""
other = 'x\\'
[ tiers . "api" ]
inline = { one = 1, deep = { two = [1, { three = 3 }] } }
list = [
  1, # one

  [ 2, 3 ],
  """x]
  """,
]
literal = \'\'\'
it''s\'\'\'
[[prices]]
model = "a"
[prices.sub]
x = 2026-11-24 10:00:00
[[prices]]
model = "b"

[[prices.steps]]
over = 1_000

[[prices.steps]]
over = +1e3
[last]
y = 0.10'''

LINES = {
    ("theme",): 2,
    ("a",): 3,
    ("a", 'b " c'): 3,
    ("a", 'b " c', "d"): 3,
    ("tiers",): 5,
    ("tiers", "local"): 5,
    ("tiers", "local", "model"): 6,
    ("tiers", "local", "other"): 9,
    ("tiers", "api"): 10,
    ("tiers", "api", "inline"): 11,
    ("tiers", "api", "inline", "deep", "two", 1, "three"): 11,
    ("tiers", "api", "list"): 12,
    ("tiers", "api", "list", 0): 13,
    ("tiers", "api", "list", 1): 15,
    ("tiers", "api", "list", 1, 1): 15,
    ("tiers", "api", "list", 2): 16,
    ("tiers", "api", "literal"): 19,
    ("prices",): 21,
    ("prices", 0): 21,
    ("prices", 0, "model"): 22,
    ("prices", 0, "sub"): 23,
    ("prices", 0, "sub", "x"): 24,
    ("prices", 1): 25,
    ("prices", 1, "model"): 26,
    ("prices", 1, "steps"): 28,
    ("prices", 1, "steps", 0, "over"): 29,
    ("prices", 1, "steps", 1): 31,
    ("prices", 1, "steps", 1, "over"): 32,
    ("last", "y"): 34,
}


def paths(values, above=()):
    """Every path of a document's values."""
    items = values.items() if isinstance(values, dict) else enumerate(values)
    for key, value in items:
        yield (*above, key)
        if isinstance(value, dict | list):
            yield from paths(value, (*above, key))


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_lines_of_every_form(newline):
    values, lines = parse(DOCUMENT.replace("\n", newline))
    assert {path: lines.get(path) for path in LINES} == LINES
    assert set(lines) == set(paths(values))
    assert values["last"]["y"] == Decimal("0.10")
    assert str(values["last"]["y"]) == "0.10"


words = st.text(alphabet="ab\"'.= #[]{}\n\\é", max_size=5)
leaves = st.one_of(st.integers(-9, 9), st.booleans(), words, st.floats(0, 1))
trees = st.dictionaries(
    words.filter(lambda key: "\n" not in key),
    st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.dictionaries(words.filter(lambda key: "\n" not in key), inner, max_size=3),
        ),
        max_leaves=8,
    ),
    max_size=4,
)


@given(trees)
def test_every_value_of_any_document_has_a_line(tree):
    text = tomlkit.dumps(tree)
    values, lines = parse(text)
    assert values == tomllib.loads(text, parse_float=Decimal)
    assert set(lines) == set(paths(values))
    assert all(1 <= line <= text.count("\n") + 1 for line in lines.values())


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a = 1\nb = \n", 2),
        ("a = 1\nb = 'x", 2),
        ("[a]\n\n[a]\n", 3),
        ("a 1", 1),
        ("a = [1,\n2", 2),
    ],
)
def test_malformed_toml_tells_its_line(text, line):
    with pytest.raises(Malformed) as caught:
        parse(text)
    assert caught.value.line == line
    assert caught.value.what and "line" not in caught.value.what
