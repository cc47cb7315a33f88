"""From blind verdicts to a decision: compared, judged, fitted, scored, decided, and told why."""

import json
import sqlite3

from console.core.routing.report import told_of_row
from console.core.routing.request import Request
from console.core.tier import Tier
from console.core.verdict import Judgement
from console.services.scoring import FEWEST_VERDICTS
from console.sources.places import find_places
from console.sources.settings import load_settings
from console.wire.opening import open_console
from console.wire.world import World
from tests.cli.test_router import labels

HARD = "prove lemma theorem integral topology prove lemma integral apple river bread garden"
EASY = "apple river garden window bread apple river garden window bread apple river"


async def judge(environment, count):
    """Put so many prompts to both tiers, and say of each pair what was said of the prompt."""
    places = find_places()
    settings = load_settings(places.config, environment)
    world = World(settings=settings, places=places, environment=environment)
    async with open_console(world) as console:
        for label in labels(count, seed=7):
            pair = console.comparer.pair(Request(task=label["prompt"]))
            outcomes = await console.comparer.ask(pair, lambda side, event: None)
            said = Judgement.A if pair.a_tier is Tier.API else Judgement.B
            if label["weak"] == label["strong"]:
                said = Judgement.TIE
            await console.comparer.keep(pair, outcomes, said)


async def test_blind_verdicts_become_a_score_that_decides(run, environment, stand_ins, tmp_path):
    await judge(environment, FEWEST_VERDICTS)
    assert len(stand_ins.api.chats) == len(stand_ins.local.chats) == FEWEST_VERDICTS

    fit = run("router", "fit", "--from-ledger", "--json")
    assert (fit.json["source"], fit.json["quality"]["count"]) == ("fitted", FEWEST_VERDICTS)
    assert fit.json["quality"]["low"] > 0.5 and not fit.json["quality"]["random"]
    quality = f"{fit.json['quality']['apgr']:.3f}"

    prompts = tmp_path / "prompts.jsonl"
    rows = [{"id": "hard", "prompt": HARD}, {"id": "easy", "prompt": EASY}]
    prompts.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    scored = run("router", "score", str(prompts), "--json").json
    assert scored["source"] == "fitted"
    hard, easy = (scored["scores"][id] for id in ("hard", "easy"))
    assert hard["score"] > easy["score"] and hard["value_per_usd"] > easy["value_per_usd"]

    environment["LLMCONSOLE_ROUTER_POLICY"] = "score"
    shown = run("route", "--explain", HARD).out
    assert shown.startswith("api · ") and "(fitted), threshold" in shown
    assert run("route", "--json", EASY).json["tier"] == "local"

    asked = run("ask", "--json", HARD).json
    assert asked["entry"]["tier"] == "api" and asked["entry"]["reason"].startswith("score ")
    with sqlite3.connect(find_places().ledger) as ledger:
        [(kept,)] = ledger.execute(
            "select decision from entries where id = ?", (asked["entry"]["id"],)
        )
    why = dict(told_of_row(kept))
    assert "share of calls" in why["what if"] and why["score"].startswith("+")
    assert "lemma" not in kept, "the prompt's words are for the screen alone"

    found = {each["subject"]: each["what"] for each in run("doctor", "--json").json["findings"]}
    assert f"the fit on {FEWEST_VERDICTS} labels, APGR {quality}" in found["score"]
