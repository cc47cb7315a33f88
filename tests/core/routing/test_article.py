"""The founding rule, exactly; and what a pin or the operator's word does to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.core.chat import Turn
from console.core.routing.article import COMPLEX_WORDS, CONTEXT_LIMIT
from console.core.routing.decide import decide
from console.core.routing.policy import POLICIES, Policy
from console.core.routing.request import Request
from console.core.tier import Tier


def test_the_article_names_these_eight_words_and_this_limit():
    assert COMPLEX_WORDS == ("analyze", "synthesize", "compare", "evaluate", "strategy",
                             "recommend", "complex", "nuanced")  # fmt: skip
    assert CONTEXT_LIMIT == 4000


@pytest.mark.parametrize("word", COMPLEX_WORDS)
@pytest.mark.parametrize("task", ["please {} this", "{}", "un{}d", "A\n{}\tB"])
def test_a_complex_word_anywhere_in_the_task_goes_to_the_api(word, task):
    for text in (task.format(word), task.format(word.upper()), task.format(word.title())):
        decision = decide(Request(task=text))
        assert (decision.tier, decision.reason) == (Tier.API, f'complex: "{word}"')


def test_complex_words_count_in_the_task_only():
    request = Request(task="hi", attachments="analyze", history=(Turn("user", "compare"),))
    assert decide(request).reason == "routine"


@pytest.mark.parametrize(
    ("attached", "said", "tier"),
    [(4000, 0, Tier.LOCAL), (4001, 0, Tier.API), (0, 4001, Tier.API), (2000, 2000, Tier.LOCAL),
     (2000, 2001, Tier.API)],
)  # fmt: skip
def test_context_is_attachments_and_history_and_its_limit_is_inclusive(attached, said, tier):
    history = (Turn("assistant", "y" * said),) if said else ()
    decision = decide(Request(task="t" * 9000, attachments="x" * attached, history=history))
    assert decision.tier is tier
    if tier is Tier.API:
        assert decision.reason == f"complex: context of {attached + said:,} characters, over 4,000"


def test_the_prompt_is_task_blank_line_context():
    assert Request(task="Sum up", attachments="the text").message == "Sum up\n\nContext: the text"
    assert Request(task="Sum up").message == "Sum up"
    prompt = Request(task="b", history=(Turn("user", "a"), Turn("assistant", "A"))).prompt()
    assert [turn.text for turn in prompt.turns] == ["a", "A", "b"]


@given(task=st.text(), context=st.text(max_size=50), forced=st.sampled_from([None, *Tier]),
       policy=st.sampled_from(sorted(POLICIES)))  # fmt: skip
def test_a_pinned_request_never_goes_to_the_api(task, context, forced, policy):
    request = Request(task=task, attachments=context * 200, pinned="by hand", forced=forced)
    decision = decide(request, Policy(name=policy))
    assert Tier.API not in decision.allowed
    assert decision.tier is (None if forced is Tier.API else Tier.LOCAL)
    assert decision.reasons and "pinned" in decision.reasons[0]


def test_the_operators_word_beats_the_policy():
    assert decide(Request(task="analyze", forced=Tier.LOCAL)).tier is Tier.LOCAL
    decision = decide(Request(task="hi", forced=Tier.API))
    assert (decision.tier, decision.reason) == (Tier.API, "by hand: api")


def test_one_tier_policies():
    assert decide(Request(task="analyze"), Policy(name="local-only")).tier is Tier.LOCAL
    assert decide(Request(task="hi"), Policy(name="api-only")).tier is Tier.API
