"""How long a decision takes: the guard on hostile and on ordinary text, and all steps together."""

import time
from statistics import quantiles

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.core.guard.scan import MOST_CHARS, scan
from console.core.routing.decide import decide
from console.core.routing.policy import Policy
from console.core.routing.report import as_json
from console.core.routing.request import Request
from console.core.routing.situation import Situation, Weighing
from console.core.score.score import score
from tests.core.guard.test_guard import HARMLESS

PIECES = ("1", "a@", "1 ", "pass", "key=", "eyJ", "eyJa.", "://a:b", "+(", "1-", "1.", "12:", "a:",
          "::1", "sk-", "ghp_a", "AKIA", "DE12 ", "1(0)", "password is ", "-u a:", "bearer ",
          "a(at)", "a at b dot ", "-----BEGIN A", "ssn 1", "0 1", "+1 ", "call 1234567 ", "key:\"",
          "123.45.", "[.]1", "٣", "9 9/", "auth, '", "4111 ", "key_key_", "\n", "(0)1",
          "%4", "=4", "&#4", "\\u00", "YWJj", "6162")  # fmt: skip


@pytest.mark.bench
@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=4), st.integers(0, 2))
def test_a_text_twice_as_long_does_not_take_many_times_as_long(pieces, tail):
    def cost(size):
        text = ("".join(pieces) * size)[:size] + "x" * tail
        began = time.thread_time()
        scan(text)
        return time.thread_time() - began

    small, large = cost(6_000), cost(48_000)
    # Eight times the text: linear is 8, quadratic 64; a stall of the machine is not counted.
    assert large < 0.02 or large < 30 * small


@pytest.mark.bench
@pytest.mark.parametrize("piece", PIECES)
def test_a_megabyte_of_anything_takes_seconds_at_most(piece):
    began = time.thread_time()
    scan((piece * MOST_CHARS)[:MOST_CHARS], time.thread_time)
    assert time.thread_time() - began < 20


WORDS = "the quick brown fox, that jumps over 12 lazy dogs: a = b[3] + 4.5; and then some. "
WEIGHED = Situation(weighing=Weighing(score=score, take=lambda value: value > 0, threshold=0.0))


def cost_ms(request, policy, now):
    began = time.thread_time()
    as_json(decide(request, policy, now))
    return (time.thread_time() - began) * 1000


@pytest.mark.bench
def test_a_decision_with_everything_takes_a_millisecond():
    texts = [f"{WORDS * (each % 12)}{HARMLESS[each % len(HARMLESS)]} {each}" for each in range(600)]
    policy = Policy(name="score")
    costs = [cost_ms(Request(task=text), policy, WEIGHED) for text in texts]
    cut = quantiles(costs, n=100)
    long = min(cost_ms(Request(task=(WORDS * 300)[:20_000]), policy, WEIGHED) for _ in range(5))
    plain = quantiles(
        [cost_ms(Request(task=text, pinned="by hand"), Policy(), Situation()) for text in texts],
        n=100,
    )
    print(f"\nall steps p50 {cut[49]:.2f} p99 {cut[98]:.2f} ms; 20,000 characters {long:.1f} ms; "
          f"without guard and score p50 {plain[49]:.3f} ms")  # fmt: skip
    assert cut[49] <= 1 and cut[98] <= 5 and long <= 15 and plain[49] <= 0.2
