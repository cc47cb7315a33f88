"""The order of decision: each step in words, what it may narrow, and what would change it."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.core.chat import Image, Turn
from console.core.routing.allowed import Allowed
from console.core.routing.decide import decide
from console.core.routing.policy import Marks, Policy, Workload
from console.core.routing.report import as_mapping
from console.core.routing.request import Request
from console.core.routing.rule import Rule
from console.core.routing.rules import why_it_holds
from console.core.routing.situation import Budget, Footing, Situation, Weighing
from console.core.score.score import score
from console.core.tier import Tier

LOCAL, API = Tier.LOCAL, Tier.API
PICTURE = Image("a.png", "image/png", b"x")
SPENT = (Budget(name="day's budget", spent_nano=11, limit_nano=10),)
NAMES = ["privacy", "override", "capability", "rules", "policy", "budget", "health"]


def test_every_step_says_something_in_the_order_given():
    decision = decide(Request(task="compare a and b"))
    assert [step.name for step in decision.steps] == NAMES
    assert all(step.words for step in decision.steps)
    assert decision.counterfactual == 'would stay local without "compare" in the task'


@given(st.lists(st.sampled_from(["only", "without"]), max_size=6),
       st.lists(st.sampled_from([*Tier]), min_size=6, max_size=6), st.booleans())  # fmt: skip
def test_allowed_has_no_way_to_grow(acts, tiers, on_the_box):
    before = Allowed(on_the_box=on_the_box)
    for act, tier in zip(acts, tiers, strict=False):
        after = getattr(before, act)(tier)
        assert set(after) <= set(before)
        assert set(after.within(before)) == set(after)
        before = after
    public = {name for name in dir(Allowed) if not name.startswith("_")}
    assert public == {"only", "without", "within"}


@pytest.mark.parametrize(
    ("request_", "marks", "tag", "pin"),
    [
        (Request(task="a", pinned="by hand"), Marks(), None, "by hand"),
        (Request(task="write to a@b.co"), Marks(), None, "an e-mail address"),
        (Request(task="x", attachments="key AKIAQYLPMN5HHHFPZAM2"), Marks(), None,
         "a provider's token"),
        (Request(task="x", history=(Turn("user", "I am 460-89-9847"),)), Marks(), None,
         "a US social security number"),
        (Request(task="x", paths=("/home/me/clients/a/b.txt",)), Marks(paths=("/home/me/clients",)),
         None, "file b.txt"),
        (Request(task="x"), Marks(tags=("client-*",)), "client-7", "tag client-7"),
        (Request(task="about Project  Aurora."), Marks(words=("aurora",)), None,
         'the word "aurora"'),
        (Request(task="on\u00a0ＰＲＯＪＥＣＴ\n  Au\u200brora."), Marks(words=("Project  Aurora",)),
         None, 'the word "Project  Aurora"'),
        (Request(task="in project-aurora_2"), Marks(words=("Project Aurora",)), None,
         'the word "Project Aurora"'),
        (Request(task="x", paths=("/home/me/A.PEM",)), Marks(paths=("*.pem",)), None, "file A.PEM"),
        (Request(task="see UHJvamVjdCBBdXJvcmE="), Marks(words=("project aurora",)), None,
         'the word "project aurora"'),
        (Request(task="x", images=(PICTURE,)), Marks(images=True), None,
         "an image that the guard cannot read"),
        (Request(task="a\0b"), Marks(), None, "binary content cannot be looked through"),
    ],
)  # fmt: skip
def test_what_must_stay(request_, marks, tag, pin):
    policy = Policy(name="api-only", marks=marks)
    decision = decide(request_, policy, Situation(tag=tag))
    assert (decision.tier, decision.pin, set(decision.allowed)) == (LOCAL, pin, {LOCAL})
    assert decision.fallback is None and decision.counterfactual.startswith("unpinned it would go")
    forced = decide(replace(request_, forced=API), policy, Situation(tag=tag))
    assert forced.tier is None and "pinned to local" in forced.reason
    free = replace(request_, pinned=None, waived=frozenset(pin.split(", ")))
    assert decide(free, policy, Situation(tag=tag)).tier is API


def test_a_system_prompt_is_looked_through_too():
    assert decide(Request(task="hi"), system="You are a@b.co").pin == "an e-mail address"


def test_a_guard_that_fails_keeps_everything_here():
    def broken(text, ignored):
        raise RuntimeError

    decision = decide(Request(task="compare"), look=broken)
    assert decision.tier is LOCAL and decision.pin == "the guard failed (RuntimeError)"


def test_without_a_local_tier_the_refusal_says_so():
    now = Situation(local_elsewhere="gpu.example is not declared as yours")
    decision = decide(Request(task="a@b.co"), now=now)
    assert decision.tier is None and not decision.allowed
    assert "pinned to local, but gpu.example" in decision.reason
    assert "unpinned, with a reason" in decision.counterfactual


def test_by_hand_and_what_it_would_have_been():
    decision = decide(Request(task="compare", forced=LOCAL))
    assert (decision.tier, decision.reason, decision.fallback) == (LOCAL, "by hand: local", None)
    assert decision.counterfactual == 'on auto it would go to api: complex: "compare"'


def test_images_go_where_they_can_be_seen():
    blind = Situation(local=Footing(model="llama3.1:8b", sees=False))
    picture = Request(task="what is it", images=(PICTURE,))
    decision = decide(picture, now=blind)
    assert (decision.tier, decision.reason) == (API, "local: llama3.1:8b cannot see images")
    assert set(decision.allowed) == {API} and decision.fallback is None
    for stuck in (replace(picture, pinned="by hand"), replace(picture, forced=LOCAL)):
        refused = decide(stuck, now=blind)
        assert refused.tier is None and "cannot see images" in refused.reason
    only = decide(picture, Policy(name="local-only"), blind)
    assert only.tier is None and "local-only" in only.reason


def test_a_context_that_does_not_fit():
    small = Situation(local=Footing(context_tokens=1_000))
    long = Request(task="x" * 4_400)
    assert decide(long, now=small).tier is API
    # Estimates can be off: what nothing else may serve is tried, unless it is far too long.
    assert decide(replace(long, pinned="by hand"), now=small).tier is LOCAL
    assert decide(Request(task="x" * 9_000, pinned="by hand"), now=small).tier is None


def test_the_first_rule_that_matches_decides():
    rules = (
        Rule(name="long", tier=API, longer_than=100),
        Rule(name="de", tier=LOCAL, model="qwen3:32b", language=("de",)),
        Rule(name="rest", tier=API),
    )
    policy = Policy(rules=rules)
    decision = decide(Request(task="Wie ist das Wetter und was soll ich tun?"), policy)
    assert (decision.tier, decision.model) == (LOCAL, "qwen3:32b")
    assert decision.reason == "rule de: language de"
    assert decision.counterfactual == "without this rule: local, routine"
    assert set(decision.allowed) == {LOCAL} and decision.fallback is None
    assert decide(Request(task="x" * 101), policy).reason == "rule long: 101 characters"
    assert decide(Request(task="hi"), policy).reason == "rule rest: always"


def test_a_rule_for_the_api_has_no_say_over_what_must_stay():
    policy = Policy(rules=(Rule(name="all", tier=API),))
    decision = decide(Request(task="a@b.co"), policy)
    assert decision.tier is LOCAL
    assert "which may not serve" in next(s.words for s in decision.steps if s.name == "rules")


def test_a_score_with_its_parts_and_the_share_on_whose_edge_it_is():
    weighing = Weighing(score=score, take=lambda value: value > -9, threshold=-9.0,
                        share_at=lambda value: 0.34)  # fmt: skip
    decision = decide(Request(task="hi"), Policy(name="score"), Situation(weighing=weighing))
    assert decision.tier is API and decision.threshold == -9.0
    parts = as_mapping(decision)["score"]["parts"]
    assert sum(part["value"] for part in parts) == pytest.approx(decision.score.value)
    assert decision.counterfactual == "would go local below 34 % of calls"
    assert [step.name for step in decision.steps][4] == "score"


def test_a_spent_budget_keeps_what_the_router_chooses_here():
    spent = Situation(budgets=SPENT)
    decision = decide(Request(task="compare"), now=spent)
    assert decision.tier is LOCAL and "day's budget" in decision.reason
    assert decision.counterfactual == 'within the budget: api, complex: "compare"'
    assert API not in decision.allowed and decision.fallback is None
    by_hand = decide(Request(task="hi", forced=API), now=spent)
    assert (by_hand.tier, by_hand.reason) == (API, "by hand: api, over the day's budget")
    stuck = decide(Request(task="hi"), Policy(name="api-only"), spent)
    assert stuck.tier is None and "budget" in stuck.reason


def test_a_tier_that_is_left_alone_is_gone_round_where_that_is_allowed():
    down = Situation(api=Footing(down="3 failures in a row"))
    decision = decide(Request(task="compare"), now=down)
    assert decision.tier is LOCAL and decision.reason == "api is down: 3 failures in a row"
    here = Situation(local=Footing(down="3 failures in a row"))
    assert decide(Request(task="hi"), now=here).tier is LOCAL
    assert decide(Request(task="hi"), Policy(fallback=(LOCAL, API)), here).tier is API
    pinned = Request(task="hi", pinned="by hand")
    assert decide(pinned, Policy(fallback=(LOCAL, API)), here).tier is LOCAL


@pytest.mark.parametrize(
    ("request_", "now", "workload", "tier", "why"),
    [
        (Request(task="hi", images=(PICTURE,)), {}, {}, API, "vision"),
        (Request(task="compare these"), {}, {}, API, "complex"),
        (Request(task="summarize the text"), {}, {}, LOCAL, "coding, extraction or summ"),
        (Request(task="fix it", paths=("/a/b.py",)), {}, {}, LOCAL, "a code file"),
        (Request(task="Was ist das und wie geht es?"), {}, {}, API, "multilingual (de)"),
        (Request(task="Was ist das und wie geht es?"), {"local": Footing(model="qwen3:8b")}, {},
         LOCAL, "multilingual (de)"),
        (Request(task="hi"), {"requests_per_day": 999.0, "measured_days": 7}, {}, API,
         "under 1,000, 999 requests a day over 7 days"),
        (Request(task="hi"), {"requests_per_day": 1000.0, "measured_days": 7}, {}, LOCAL,
         "no row applies"),
        (Request(task="hi"), {"requests_per_day": 10001.0, "measured_days": 1}, {}, LOCAL,
         "over 10,000"),
        (Request(task="hi"), {}, {"fine_tuning": True, "prototyping": True}, LOCAL, "fine-tuning"),
        (Request(task="hi"), {}, {"inspection": True}, LOCAL, "weights are inspected"),
        (Request(task="hi"), {}, {"prototyping": True}, API, "prototyping"),
        (Request(task="hi"), {}, {}, LOCAL, "volume not measured yet"),
        (Request(task="a@b.co", images=(PICTURE,)), {}, {}, LOCAL, "pinned: an e-mail address"),
    ],
)  # fmt: skip
def test_the_tables_rows_in_their_order(request_, now, workload, tier, why):
    policy = Policy(name="table", workload=Workload(**workload))
    decision = decide(request_, policy, Situation(**now))
    assert decision.tier is tier and why in decision.reason


@pytest.mark.parametrize(
    ("task", "otherwise"),
    [("summarize it", "without that row: local, no row applies"),
     ("a complex python script", "without that row: local, coding, extraction or summarising, "
                                 '"python"'),
     ("hi", "an image, a complex task, a language")],
)  # fmt: skip
def test_the_table_says_what_would_be_without_the_row(task, otherwise):
    decision = decide(Request(task=task), Policy(name="table"))
    assert decision.counterfactual.startswith(otherwise)


@pytest.mark.parametrize(
    ("condition", "holds", "fails"),
    [
        ({"longer_than": 10}, (Request(task="x" * 11), {}), (Request(task="x" * 10), {})),
        ({"shorter_than": 10}, (Request(task="x" * 9), {}), (Request(task="x" * 10), {})),
        ({"words": ("nda",)}, (Request(task="the NDA."), {}), (Request(task="agenda"), {})),
        ({"attachment": ("image",)}, (Request(task="x", images=(PICTURE,)), {}),
         (Request(task="x", paths=("a.py",)), {})),
        ({"attachment": ("code",)}, (Request(task="x", paths=("a.py",)), {}),
         (Request(task="x", paths=("a.txt",)), {})),
        ({"path": ("*/src/*",)}, (Request(task="x", paths=("/a/src/b.py",)), {}),
         (Request(task="x", paths=("/a/b.py",)), {})),
        ({"tag": ("batch-*",)}, (Request(task="x"), {"tag": "batch-1"}), (Request(task="x"), {})),
        ({"between": (1320, 360)}, (Request(task="x"), {"minute": 1380}),
         (Request(task="x"), {"minute": 720})),
        ({"between": (540, 1020)}, (Request(task="x"), {"minute": 540}),
         (Request(task="x"), {"minute": 1020})),
        ({"days": ("sat",)}, (Request(task="x"), {"weekday": 5}), (Request(task="x"), {})),
        ({"month_usd_over": Decimal(5)}, (Request(task="x"), {"month_nano": 5_000_000_001}),
         (Request(task="x"), {"month_nano": 5_000_000_000})),
        ({"gpu_over": Decimal(90)}, (Request(task="x"), {"gpu_pct": 91.0}),
         (Request(task="x"), {"gpu_pct": None})),
        ({"queue_over": 1}, (Request(task="x"), {"queue": 2}), (Request(task="x"), {"queue": 1})),
    ],
)  # fmt: skip
def test_the_conditions_of_a_rule(condition, holds, fails):
    rule = Rule(name="r", tier=API, **condition)
    assert why_it_holds(rule, holds[0], Situation(**holds[1]))
    assert why_it_holds(rule, fails[0], Situation(**fails[1])) is None
