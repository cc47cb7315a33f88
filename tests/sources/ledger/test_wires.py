"""From a server's bytes to the ledger's row: every wire shape, through its real client."""

import asyncio
import itertools
import json
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from console.core.entry import Ending
from console.core.routing.request import Request
from console.core.settings import Settings
from console.core.tier import Tier
from console.core.usage import Usage, UsageSource
from console.services.books import Books
from console.services.dispatcher import Dispatcher
from console.services.tiers import Tiers
from console.sources.ledger.store import SqliteLedger
from tests.services.fakes import Clock, ListedPrices
from tests.sources.models.speech import ANTHROPIC, OLLAMA, OPENAI, SSE, source
from tests.sources.models.speech import event as spoken
from tests.sources.models.wire import HOLD, begun, chunk, cut, http, playing, streamed

CAPTURES = Path(__file__).parents[2] / "captures"
NOW = 1_795_478_400_000


@asynccontextmanager
async def asking(tmp_path, speech, answer, path=None):
    """A dispatcher whose both tiers are a server that plays `answer`, over a real ledger."""
    async with playing({path or speech.path: answer}) as wire:
        clock = Clock(NOW)
        books = Books(lambda: SqliteLedger(tmp_path / "ledger.db", now_ms=NOW), clock)
        tier = source(speech, wire.url)
        numbers = itertools.count()
        dispatcher = Dispatcher(
            Tiers.of(dict.fromkeys(Tier, tier)), books, ListedPrices(), clock, Settings(),
            new_id=lambda: f"r{next(numbers)}",
        )  # fmt: skip
        yield dispatcher, books
        await tier.aclose()
        await books.aclose()


async def row_of(tmp_path, speech, answer, path=None):
    async with asking(tmp_path, speech, answer, path) as (dispatcher, books):
        await dispatcher.ask(Request(task="hello there, what is new?"), lambda told: None)
        [row] = (await books.page(5)).entries
        return row


def event(name, body):
    return spoken(name, json.dumps(body))


def anthropic(start, *deltas, text="fine"):
    """A Messages stream: usage in its start, and in each of its deltas."""
    message = {"id": "msg_01X", "type": "message", "role": "assistant", "model": "m", "content": [],
               "stop_reason": None, "stop_sequence": None, "usage": start}  # fmt: skip
    block = {"type": "content_block_start", "index": 0, "content_block": {"type": "text",
                                                                          "text": ""}}  # fmt: skip
    delta = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta",
                                                                  "text": text}}  # fmt: skip
    return [
        event("message_start", {"type": "message_start", "message": message}),
        event("content_block_start", block),
        event("content_block_delta", delta),
        event("content_block_stop", {"type": "content_block_stop", "index": 0}),
        *(
            event("message_delta", {"type": "message_delta", "delta": {"stop_reason": "end_turn"},
                                    "usage": usage})
            for usage in deltas
        ),
        event("message_stop", {"type": "message_stop"}),
    ]  # fmt: skip


START = {"input_tokens": 3, "cache_creation_input_tokens": 110, "cache_read_input_tokens": 1000,
         "cache_creation": {"ephemeral_5m_input_tokens": 50, "ephemeral_1h_input_tokens": 60},
         "output_tokens": 1, "service_tier": "standard"}  # fmt: skip
LAST = {"input_tokens": 3, "cache_creation_input_tokens": 110, "cache_read_input_tokens": 1000,
        "output_tokens": 90, "output_tokens_details": {"thinking_tokens": 70},
        "server_tool_use": {"web_search_requests": 2, "web_fetch_requests": 0}}  # fmt: skip
WHOLE = Usage(uncached=3, cache_read=1000, cache_write_5m=50, cache_write_1h=60, output=90,
              reasoning=70, web_searches=2)  # fmt: skip
PLAIN = {"id": "msg_01P", "type": "message", "role": "assistant", "model": "m",
         "content": [{"type": "text", "text": "fine"}], "stop_reason": "end_turn",
         "stop_sequence": None, "usage": START | LAST}  # fmt: skip
ZEROS = {"input_tokens": 0, "output_tokens": 0}


@pytest.mark.parametrize(
    ("answer", "usage"),
    [
        (streamed(SSE, *anthropic(START, LAST)), WHOLE),
        (streamed(SSE, *anthropic(START, LAST | {"output_tokens": 40}, LAST)), WHOLE),
        ((http(200, PLAIN),), WHOLE),
        # Compatible servers: all told at the end, or the prompt told at the start alone.
        (streamed(SSE, *anthropic(ZEROS, {"input_tokens": 20, "output_tokens": 5})),
         Usage(uncached=20, output=5)),
        (streamed(SSE, *anthropic({"input_tokens": 20, "output_tokens": 1},
                                  {"input_tokens": 0, "output_tokens": 5})),
         Usage(uncached=20, output=5)),
    ],
    ids=["streamed", "deltas", "plain", "zeros in the start", "zeros in the delta"],
)  # fmt: skip
async def test_anthropic(tmp_path, answer, usage):
    row = await row_of(tmp_path, ANTHROPIC, answer)
    assert (row.usage, row.usage_source, row.ending) == (usage, UsageSource.REPORTED, Ending.DONE)
    assert json.loads(row.usage_raw)["output_tokens"] == usage.output


def openai(usage, *, words=("fi", "ne")):
    def piece(**fields):
        body = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
        return f"data: {json.dumps(body | fields)}\n\n"

    pieces = [piece(choices=[{"index": 0, "delta": {"content": word}}]) for word in words]
    pieces.append(piece(choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}]))
    if usage is not None:
        pieces.append(piece(choices=[], usage=usage))
    return streamed(SSE, *pieces, "data: [DONE]\n\n")


async def test_openai_with_cached_and_reasoning_tokens(tmp_path):
    usage = {"prompt_tokens": 120, "completion_tokens": 60, "total_tokens": 180,
             "prompt_tokens_details": {"cached_tokens": 100, "audio_tokens": 0},
             "completion_tokens_details": {"reasoning_tokens": 40}}  # fmt: skip
    row = await row_of(tmp_path, OPENAI, openai(usage))
    assert row.usage == Usage(uncached=20, cache_read=100, output=60, reasoning=40)
    assert row.usage.total == usage["total_tokens"]
    assert row.usage_source is UsageSource.REPORTED


async def test_openai_without_usage_is_estimated_and_says_so(tmp_path):
    row = await row_of(tmp_path, OPENAI, openai(None))
    assert (row.ending, row.usage_source) == (Ending.DONE, UsageSource.ESTIMATED)
    assert (row.usage.uncached, row.usage.output) == (7, 1), "four characters a token"
    assert row.usage_raw is None


def captured(name):
    """The head's kind and the body of a recorded answer."""
    head, _, body = (CAPTURES / name).read_text().partition("\n\n")
    kind = next(line for line in head.splitlines() if "content-type" in line).partition(": ")[2]
    return kind, body


@pytest.mark.parametrize(
    ("name", "speech", "usage"),
    [
        ("ollama-0.12.11/chat-stream.txt", OLLAMA, Usage(uncached=20, output=6)),
        ("ollama-0.32.15/chat-stream.txt", OLLAMA, Usage(uncached=20, output=6)),
        ("ollama-0.32.15/v1-chat-stream.txt", OPENAI, Usage(uncached=10, output=14)),
        ("ollama-0.32.15/v1-messages-stream.txt", ANTHROPIC, Usage(uncached=10, output=9)),
        ("llamacpp-b11549/chat-stream.txt", OPENAI, Usage(uncached=1, cache_read=19, output=5)),
        ("llamacpp-b11549/messages-stream.txt", ANTHROPIC,
         Usage(uncached=1, cache_read=19, output=5)),
    ],
)  # fmt: skip
async def test_recorded_answers_become_rows(tmp_path, name, speech, usage):
    kind, body = captured(name)
    row = await row_of(tmp_path, speech, streamed(kind, body))
    found = row.usage
    assert (found.uncached, found.cache_read or 0, found.output) == (
        usage.uncached, usage.cache_read or 0, usage.output)  # fmt: skip
    assert (row.usage_source, row.ending) == (UsageSource.REPORTED, Ending.DONE)


CUT = {
    ANTHROPIC: anthropic(START, LAST)[:3],
    OPENAI: ['data: {"id":"c","choices":[{"index":0,"delta":{"content":"fine and well"}}]}\n\n'],
    OLLAMA: ['{"model":"m","message":{"role":"assistant","content":"fine"},"done":false}\n'],
}


@pytest.mark.parametrize("speech", CUT, ids=lambda speech: speech.kind)
async def test_a_cut_stream_keeps_what_was_told_and_marks_the_rest(tmp_path, speech):
    row = await row_of(tmp_path, speech, cut(speech.content_type, *CUT[speech]))
    assert (row.ending, row.usage_source) == (Ending.ERROR, UsageSource.ESTIMATED)
    assert row.usage.output >= 1 and row.usage.prompt, "a cut stream still costs"
    if speech is ANTHROPIC:
        assert (row.usage.cache_read, row.usage.cache_write_1h) == (1000, 60)


@pytest.mark.parametrize("speech", CUT, ids=lambda speech: speech.kind)
async def test_a_cancelled_stream_still_costs(tmp_path, speech):
    held = (begun(speech.content_type), *map(chunk, CUT[speech]), HOLD)
    async with asking(tmp_path, speech, held) as (dispatcher, books):
        heard = asyncio.Event()

        def tell(told):
            if type(told).__name__ == "Delta":
                heard.set()

        asked = asyncio.create_task(dispatcher.ask(Request(task="hello"), tell))
        await heard.wait()
        asked.cancel()
        await asyncio.wait([asked])
        [row] = (await books.page(5)).entries
    assert (row.ending, row.usage_source) == (Ending.CANCELLED, UsageSource.ESTIMATED)
    assert row.usage.output >= 1 and row.usage.prompt
