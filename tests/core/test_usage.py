"""Usage from every wire shape: buckets that add up, merged in any order, never shrinking."""

import json
import re
from functools import reduce
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.core.usage import MAX_TOKENS, Usage, WireShape, merge, normalise

CAPTURES = Path(__file__).parents[1] / "captures"

counts = st.integers(0, 10**7)
junk = st.none() | st.booleans() | st.text(max_size=4) | st.lists(st.integers(), max_size=2)
numbers = st.integers(-5, 10**15) | st.floats(allow_nan=False)
raws = st.recursive(
    st.dictionaries(st.sampled_from("abc"), junk | numbers, max_size=3),
    lambda inner: st.dictionaries(st.sampled_from("abc"), junk | numbers | inner, max_size=3),
    max_leaves=8,
)
fields = [
    "input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "output_tokens",
    "prompt_tokens", "completion_tokens", "total_tokens", "prompt_eval_count", "eval_count",
]  # fmt: skip
details = {
    "cache_creation": ["ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"],
    "output_tokens_details": ["thinking_tokens"],
    "prompt_tokens_details": ["cached_tokens"],
    "completion_tokens_details": ["reasoning_tokens"],
}
anything = junk | numbers
wire_raws = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(fields, anything)
    | {
        name: anything | st.fixed_dictionaries({}, optional=dict.fromkeys(parts, anything))
        for name, parts in details.items()
    },
)


@given(st.lists(raws, max_size=4))
def test_the_order_of_events_does_not_matter(events):
    results = [reduce(merge, order, {}) for order in permutations(events)]
    assert all(result == results[0] for result in results)


@given(raws, raws)
def test_merging_twice_changes_nothing_and_nothing_is_lost(one, other):
    merged = merge(one, other)
    assert merge(merged, other) == merged == merge(merged, one)
    assert set(merged) == set(one) | set(other)


def numbers_in(raw, path=()):
    for name, value in raw.items():
        if isinstance(value, dict):
            yield from numbers_in(value, (*path, name))
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield (*path, name), value


@given(raws, raws)
def test_a_number_never_shrinks(one, other):
    merged = dict(numbers_in(merge(one, other)))
    for path, value in [*numbers_in(one), *numbers_in(other)]:
        # Gone only where an object of the same name took its place.
        assert merged.get(path, value) >= value


def test_merging_leaves_its_parts_alone():
    one, other = {"a": {"b": 1}}, {"a": {"b": 2, "c": 3}}
    assert merge(one, other) == {"a": {"b": 2, "c": 3}}
    assert (one, other) == ({"a": {"b": 1}}, {"a": {"b": 2, "c": 3}})


@given(st.sampled_from(WireShape), wire_raws)
def test_whatever_is_sent_gives_counts_or_unknown(shape, raw):
    usage = normalise(shape, raw)
    for name in ("uncached", "cache_read", "cache_write_5m", "cache_write_1h", "output"):
        value = getattr(usage, name)
        assert value is None or (type(value) is int and 0 <= value <= MAX_TOKENS)
    if usage.reasoning is not None and usage.output is not None:
        assert usage.reasoning <= usage.output


@given(counts, counts, counts, counts, counts, st.integers(1, 6))
def test_anthropic_buckets_add_up(uncached, read, short, hour, output, events):
    """Start has the split, each delta the cumulative total without it."""
    start = {
        "input_tokens": uncached,
        "cache_read_input_tokens": read,
        "cache_creation_input_tokens": short + hour,
        "cache_creation": {"ephemeral_5m_input_tokens": short, "ephemeral_1h_input_tokens": hour},
        "output_tokens": 1,
    }
    deltas = [
        {
            "input_tokens": uncached,
            "cache_read_input_tokens": read,
            "cache_creation_input_tokens": short + hour,
            "output_tokens": output * number // events,
        }
        for number in range(events + 1)
    ]
    usage = normalise(WireShape.ANTHROPIC, reduce(merge, [start, *deltas]))
    assert usage == Usage(
        uncached=uncached, cache_read=read, cache_write_5m=short, cache_write_1h=hour,
        output=max(output, 1))  # fmt: skip
    assert usage.prompt == uncached + read + short + hour


@given(counts, counts)
def test_anthropic_writes_without_a_split_are_of_five_minutes(written, hour):
    usage = normalise(WireShape.ANTHROPIC, {"cache_creation_input_tokens": written})
    assert usage.cache_write_5m == written
    part = {"cache_creation": {"ephemeral_1h_input_tokens": min(hour, written)}}
    usage = normalise(WireShape.ANTHROPIC, {"cache_creation_input_tokens": written, **part})
    assert usage.cache_write_5m + usage.cache_write_1h == written


def test_anthropic_thinking_is_a_part_of_the_output():
    raw = {"input_tokens": 3, "output_tokens": 50, "output_tokens_details": {"thinking_tokens": 40}}
    assert normalise(WireShape.ANTHROPIC, raw).total == 53
    assert normalise(WireShape.ANTHROPIC, raw).reasoning == 40


@given(counts, counts, counts, counts, st.booleans())
def test_openai_buckets_add_up(fresh, cached, plain, reasoning, beside):
    """Cached tokens are in the prompt; reasoning is in the completion, or beside it (xAI)."""
    prompt = fresh + cached
    raw = {
        "prompt_tokens": prompt,
        "prompt_tokens_details": {"cached_tokens": cached},
        "completion_tokens": plain if beside else plain + reasoning,
        "completion_tokens_details": {"reasoning_tokens": reasoning},
        "total_tokens": prompt + plain + reasoning,
    }
    usage = normalise(WireShape.OPENAI, raw)
    assert usage.total == raw["total_tokens"]
    assert (usage.uncached, usage.cache_read, usage.output) == (fresh, cached, plain + reasoning)


@given(counts, counts)
def test_ollama_buckets_add_up(prompt, output):
    usage = normalise(WireShape.OLLAMA, {"prompt_eval_count": prompt, "eval_count": output})
    assert usage.total == prompt + output


def test_more_cached_than_prompted_is_not_more_than_the_prompt():
    raw = {"prompt_tokens": 5, "prompt_tokens_details": {"cached_tokens": 9}}
    assert normalise(WireShape.OPENAI, raw).prompt == 5


@pytest.mark.parametrize("shape", WireShape)
def test_nothing_said_is_unknown(shape):
    assert normalise(shape, {}) == Usage()
    assert Usage().prompt is None
    assert Usage(uncached=1).total is None


@pytest.mark.parametrize("count", [-1, True, "5", 2.5, float("inf"), float("nan"), 10**13, None])
def test_what_is_no_count_is_unknown(count):
    assert normalise(WireShape.OLLAMA, {"eval_count": count}).output is None


def test_a_whole_number_sent_as_a_float_is_a_count():
    assert normalise(WireShape.OLLAMA, {"eval_count": 12.0}).output == 12


def recorded(name):
    """Every usage object of a recorded answer, in order."""
    text = (CAPTURES / name).read_text(errors="replace")
    key = '"prompt_eval_count"' if "/chat" in name and name.startswith("ollama") else '"usage"'
    found = []
    for line in text.splitlines():
        match = re.search(r"\{.*\}", line)
        if not match or key not in line:
            continue
        body = json.loads(match[0])
        found.append(body.get("usage") or body.get("message", {}).get("usage") or body)
    return found


@pytest.mark.parametrize(
    ("name", "shape", "prompt", "cached", "output"),
    [
        ("llamacpp-b11549/chat-stream.txt", WireShape.OPENAI, 20, 19, 5),
        ("llamacpp-b11549/messages-stream.txt", WireShape.ANTHROPIC, 20, 19, 5),
        ("llamacpp-b11549/messages.txt", WireShape.ANTHROPIC, 20, 19, 5),
        ("ollama-0.32.15/chat-stream.txt", WireShape.OLLAMA, 20, None, 6),
        ("ollama-0.32.15/v1-messages-stream.txt", WireShape.ANTHROPIC, 10, None, 9),
        ("ollama-0.32.15/v1-chat-stream.txt", WireShape.OPENAI, 10, None, 14),
        ("ollama-0.12.11/chat-stream.txt", WireShape.OLLAMA, 20, None, 6),
    ],
)
def test_recorded_answers_of_real_servers(name, shape, prompt, cached, output):
    events = recorded(name)
    usage = normalise(shape, reduce(merge, events))
    assert usage == normalise(shape, reduce(merge, events[::-1]))
    assert (usage.prompt, usage.cached, usage.output) == (prompt, cached, output)
