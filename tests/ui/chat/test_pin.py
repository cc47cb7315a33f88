"""Pinned to local by hand: nothing of the conversation reaches the API afterwards."""

import asyncio

from console.core.chat import Delta, FailureKind, ModelFailure
from console.core.tier import Tier
from tests.ui.chat.host import chatting

DOWN = ModelFailure(FailureKind.UNREACHABLE, "Ollama does not answer.", hint="Start it.")


async def test_a_pinned_conversation_stays_local_whatever_it_says():
    async with chatting([Delta("ok")], [Delta("never")]) as bench:
        await bench.pilot.press("ctrl+o")
        for n, task in enumerate(("analyze", "compare " + "x" * 1_900, "strategy"), 1):
            await bench.send(task)
            await bench.settled(n)
        assert not bench.api.prompts and len(bench.local.prompts) == 3
        assert "local · llama3.1:8b · pinned: by hand" in bench.said


async def test_a_failure_of_the_local_tier_does_not_go_to_the_api():
    async with chatting([DOWN], [Delta("never")]) as bench:
        await bench.send("/pin")
        await bench.send("analyze")
        await bench.settled()
        assert "✗ Ollama does not answer." in bench.said and not bench.api.prompts
        await bench.send("analyze again")
        await bench.settled(2)
        assert not bench.api.prompts


async def test_the_api_by_hand_is_refused_with_the_reason():
    async with chatting(api=[Delta("never")]) as bench:
        await bench.pilot.press("ctrl+o")
        await bench.send("/tier api")
        assert "The api is refused: this conversation is pinned (by hand)." in bench.screen
        await bench.pilot.press("ctrl+t", "ctrl+t")
        assert "The api is refused" in bench.screen
        assert bench.pane.conversation.forced is not Tier.API


async def test_pinning_undoes_a_choice_of_the_api():
    async with chatting([Delta("ok")], [Delta("never")]) as bench:
        await bench.send("/tier api")
        await bench.send("/pin")
        await bench.send("go")
        await bench.settled()
        assert not bench.api.prompts


async def test_pinning_stops_a_reply_that_is_on_its_way_from_the_api():
    async with chatting(api=[Delta("half"), asyncio.Event()]) as bench:
        await bench.send("analyze")
        await bench.api.prompted(1)
        await bench.pilot.press("ctrl+o")
        await bench.settled()
        assert "half\nstopped, what came is kept: pinned to local" in bench.said
        assert bench.api.closed == 1


async def test_pinning_leaves_a_local_reply_alone():
    gate = asyncio.Event()
    async with chatting([Delta("half "), gate, Delta("whole")]) as bench:
        await bench.send("go")
        await bench.local.prompted(1)
        await bench.pilot.press("ctrl+o")
        gate.set()
        await bench.settled()
        assert "half whole" in bench.said


async def test_a_new_conversation_is_not_pinned_and_the_old_one_stays_so():
    async with chatting([Delta("ok")], [Delta("fine")]) as bench:
        await bench.pilot.press("ctrl+o", "ctrl+n")
        await bench.send("analyze")
        await bench.settled()
        assert len(bench.api.prompts) == 1
        await bench.send("/back")
        assert bench.pane.conversation.pinned
