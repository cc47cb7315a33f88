"""What all model sources do alike, each through its real client."""

import asyncio
import logging
import socket
import traceback
from contextlib import aclosing, suppress

import pytest

from console.core.chat import Delta, FailureKind, ModelFailure, Prompt, Turn
from console.core.tier import Tier
from console.core.usage import normalise
from tests.patience import PATIENCE_S
from tests.sources.models.replies import HELLO, collect
from tests.sources.models.speech import ALL, ANTHROPIC, OLLAMA, source
from tests.sources.models.wire import END, HOLD, begun, chunk, cut, http, playing, streamed

EACH = pytest.mark.parametrize("speech", ALL, ids=lambda speech: speech.kind)
KEY = "sk-ant-very/secret+key_0123456789"


async def failed(tier, prompt=HELLO):
    with pytest.raises(ModelFailure) as caught:
        await collect(tier, prompt)
    await tier.aclose()
    return caught.value


async def failure_of(speech, answer, **changes):
    async with playing({speech.path: answer}) as wire:
        return await failed(source(speech, wire.url, **changes)), wire


@EACH
async def test_a_reply_in_pieces(speech):
    async with playing({speech.path: streamed(speech.content_type, *speech.pieces)}) as wire:
        tier = source(speech, wire.url)
        reply = await collect(tier)
        again = await collect(tier)
        await tier.aclose()
    assert reply.deltas == again.deltas == ["Node", " fine."]
    assert reply.stop_reason in {"stop", "end_turn"}
    assert reply.model in {"tiny", "claude-tiny-1"}
    assert reply.final
    assert normalise(tier.shape, reply.usage).output == 6
    chats = [one for one in wire.asked if one.line.startswith(f"POST {speech.path} ")]
    assert len(chats) == 2
    assert "authorization" not in chats[0].headers and "x-api-key" not in chats[0].headers
    assert chats[0].json["stream"] is True
    # A second connection is for the digest of Ollama's model.
    assert wire.connections == (2 if speech is OLLAMA else 1), "connections are used again"


@EACH
async def test_a_source_can_be_used_again_after_it_was_closed(speech):
    async with playing({speech.path: streamed(speech.content_type, *speech.pieces)}) as wire:
        tier = source(speech, wire.url)
        await tier.aclose()
        assert (await collect(tier)).text == "Node fine."
        await tier.aclose()


@EACH
async def test_pieces_may_be_split_anywhere(speech):
    whole = "".join(speech.pieces).replace("Node", "Nodé ✓")
    raw = whole.encode()
    pieces = [raw[at : at + 7] for at in range(0, len(raw), 7)]
    answer = (
        begun(speech.content_type),
        *(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces),
        END,
    )
    async with playing({speech.path: answer}) as wire:
        tier = source(speech, wire.url)
        assert (await collect(tier)).text == "Nodé ✓ fine."
        await tier.aclose()


@EACH
@pytest.mark.parametrize("size", [1, 5, 10_000])
async def test_line_ends_that_only_unicode_knows_end_no_line_of_the_protocol(speech, size):
    raw = "".join(speech.pieces).replace("Node", "N\x85o\u2028d\u2029e").encode()
    pieces = [raw[at : at + size] for at in range(0, len(raw), size)]
    answer = (
        begun(speech.content_type),
        *(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces),
        END,
    )
    async with playing({speech.path: answer}) as wire:
        tier = source(speech, wire.url)
        assert (await collect(tier)).text == "N‹0085›o‹2028›d‹2029›e fine."
        await tier.aclose()


@EACH
async def test_hostile_text_is_made_visible(speech):
    hostile = "A\\u001b]52;c;eA==\\u0007\\u202eB\\r"
    pieces = [
        piece.replace("Node", hostile).replace(" fine.", "\\nC").replace("tiny", "ti\\u001bny")
        for piece in speech.pieces
    ]
    async with playing({speech.path: streamed(speech.content_type, *pieces)}) as wire:
        tier = source(speech, wire.url)
        reply = await collect(tier)
        await tier.aclose()
    assert reply.text == "A␛]52;c;eA==␇‹202E›B\nC"
    assert reply.model in {"ti␛ny", "claude-ti␛ny-1"}


@EACH
async def test_what_no_wire_can_carry_is_replaced(speech):
    async with playing({speech.path: streamed(speech.content_type, *speech.pieces)}) as wire:
        tier = source(speech, wire.url)
        await collect(tier, Prompt(turns=(Turn("user", "a\udcffb"),), system="s\ud800"))
        await tier.aclose()
    chat = next(one for one in wire.asked if speech.path in one.line)
    assert chat.json["messages"][-1] == {"role": "user", "content": "a?b"}


@EACH
async def test_nothing_listens(speech):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        tier = source(speech, f"http://127.0.0.1:{port}")
        failure = await failed(tier)
        probe = await tier.probe()
    assert failure.kind is FailureKind.UNREACHABLE
    assert failure.what.startswith(f"No connection to 127.0.0.1:{port} (tiny): ")
    start = "Start it with `ollama serve`" if speech is OLLAMA else "Start the server"
    assert failure.hint == f"{start}, or set tiers.local.base_url."
    assert not probe.ok and probe.trouble == str(failure)


@EACH
async def test_no_connection_within_the_timeout(speech):
    # A listener that accepts nobody, and whose queue is full, leaves a connection hanging.
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            with suppress(BlockingIOError):
                one.connect(listener.getsockname())
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        tier = source(speech, url, connect_timeout_s=0.1)
        failure = await failed(tier)
        probe = await tier.probe()
        for one in waiting:
            one.close()
    assert failure.kind is FailureKind.TIMEOUT
    assert failure.what.endswith("(tiny) took no connection within 0.1 s.")
    assert not probe.ok and "0.1 s" in probe.trouble


@EACH
@pytest.mark.parametrize("begins", ["silence", "head", "opening"])
async def test_no_token_in_time(speech, begins):
    answer = {
        "silence": (HOLD,),
        "head": (begun(speech.content_type), HOLD),
        "opening": (begun(speech.content_type), *map(chunk, speech.opening), HOLD),
    }[begins]
    async with playing({speech.path: answer}) as wire:
        failure = await failed(source(speech, wire.url, first_token_timeout_s=0.1))
        async with asyncio.timeout(PATIENCE_S):
            await wire.left.wait()
    assert failure.kind is FailureKind.TIMEOUT
    assert failure.what.endswith("(tiny) sent no token within 0.1 s.")
    assert failure.hint == "If it only needs longer, raise tiers.local.first_token_timeout_s."


@EACH
async def test_silence_in_the_middle_of_a_reply(speech):
    answer = (begun(speech.content_type), *map(chunk, (*speech.opening, speech.first)), HOLD)
    async with playing({speech.path: answer}) as wire:
        tier = source(speech, wire.url, idle_timeout_s=0.5)
        said = []
        with pytest.raises(ModelFailure) as caught:
            async for piece in tier.stream(HELLO):
                said.append(piece)
        async with asyncio.timeout(PATIENCE_S):
            await wire.left.wait()
        await tier.aclose()
    assert Delta("Node") in said
    assert caught.value.kind is FailureKind.TIMEOUT
    assert "fell silent for 0.5 s in the middle of the reply." in caught.value.what
    assert caught.value.hint == "If it only needs longer, raise tiers.local.idle_timeout_s."


@EACH
async def test_the_deadlines_are_for_the_server_not_for_the_reader(speech):
    async with playing({speech.path: streamed(speech.content_type, *speech.pieces)}) as wire:
        tier = source(speech, wire.url, idle_timeout_s=0.5)
        pauses = iter((0.6,))
        async for _ in tier.stream(HELLO):
            await asyncio.sleep(next(pauses, 0))
        await tier.aclose()


@EACH
@pytest.mark.parametrize("how", ["close", "cancel"])
async def test_leaving_closes_the_connection_at_once(speech, how):
    answer = (begun(speech.content_type), *map(chunk, (*speech.opening, speech.first)), HOLD)
    speaking = asyncio.Event()

    async def listen(tier):
        async with aclosing(tier.stream(HELLO)) as chunks:
            async for piece in chunks:
                if isinstance(piece, Delta):
                    speaking.set()
                    if how == "close":
                        return

    async with playing({speech.path: answer}) as wire, asyncio.timeout(PATIENCE_S):
        tier = source(speech, wire.url)
        task = asyncio.create_task(listen(tier))
        await speaking.wait()
        if how == "cancel":
            task.cancel()
        await asyncio.wait({task})
        assert task.cancelled() is (how == "cancel")
        await wire.left.wait()
        await tier.aclose()


@EACH
@pytest.mark.parametrize(
    ("status", "kind", "said"),
    [
        (400, FailureKind.REFUSED, "refused the request (400): because"),
        (401, FailureKind.UNAUTHORISED, "asks for a key (401): because"),
        (403, FailureKind.UNAUTHORISED, "does not allow this (403): because"),
        (404, FailureKind.REFUSED, "has no such address (404): because"),
        (408, FailureKind.TIMEOUT, "gave up waiting (408): because"),
        (413, FailureKind.CONTEXT_TOO_LONG, "cannot take so long a prompt (413): because"),
        (422, FailureKind.REFUSED, "refused the request (422): because"),
        (429, FailureKind.RATE_LIMITED, "is limiting requests (429): because"),
        (500, FailureKind.SERVER, "failed (500): because"),
        (502, FailureKind.SERVER, "failed (502): because"),
        (503, FailureKind.OVERLOADED, "is busy (503): because"),
        (529, FailureKind.OVERLOADED, "is busy (529): because"),
    ],
)
async def test_error_statuses(speech, status, kind, said):
    body = {"error": {"type": "some_error", "message": "because"}}
    failure, wire = await failure_of(speech, (http(status, body),))
    assert (failure.kind, failure.status) == (kind, status)
    assert failure.what == f"127.0.0.1:{wire.port} (tiny) {said}."
    assert failure.hint.endswith(".") and failure.retry_after_s is None
    assert len(wire.asked) == 1, "the clients repeat nothing by themselves"


@EACH
@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry_after": "12"}, 12.0),
        ({"retry_after": "1.5"}, 1.5),
        ({"retry_after_ms": "250", "retry_after": "9"}, 0.25),
        (
            {
                "retry_after": "Wed, 21 Oct 2026 07:28:30 GMT",
                "date": "Wed, 21 Oct 2026 07:28:00 GMT",
            },
            30.0,
        ),
        (
            {
                "retry_after": "Wed, 21 Oct 2026 07:28:00 GMT",
                "date": "Wed, 21 Oct 2026 07:28:30 GMT",
            },
            0.0,
        ),
        ({"retry_after": "Wed, 21 Oct 2026 07:28:30 GMT"}, None),
        ({"retry_after": "soon"}, None),
        ({"retry_after": "nan"}, None),
        ({"retry_after": "-3"}, None),
    ],
)
async def test_the_servers_wish_to_wait(speech, headers, seconds):
    failure, _ = await failure_of(speech, (http(429, {"error": "slow down"}, **headers),))
    assert failure.kind is FailureKind.RATE_LIMITED
    assert failure.retry_after_s == seconds


@EACH
@pytest.mark.parametrize(
    "body",
    [b"", b"<html>Bad gateway</html>", b"[]", b"{", b'"', b"null", b'{"error":{}}', b"\xff\xfe"],
)
async def test_error_bodies_of_any_kind(speech, body):
    failure, wire = await failure_of(speech, (http(502, body, "text/html"),))
    assert failure.kind is FailureKind.SERVER
    assert failure.what.startswith(f"127.0.0.1:{wire.port} (tiny) failed (502)")
    assert failure.what.count("\n") == 0 and "<html>" not in failure.what


@EACH
async def test_a_long_error_text_is_cut(speech):
    failure, _ = await failure_of(speech, (http(500, {"error": "because\x1b[2J " * 200}),))
    assert "because␛[2J because" in failure.what and len(failure.what) < 400


@EACH
async def test_a_redirect_is_not_followed(speech):
    async with playing({}) as elsewhere:
        answer = (http(307, b"", location=f"{elsewhere.url}{speech.path}"),)
        failure, _ = await failure_of(speech, answer)
        assert not elsewhere.asked, "a prompt could leave the box this way"
    assert failure.kind is FailureKind.REFUSED
    assert "redirects elsewhere, which is not followed (307)" in failure.what
    assert failure.hint == "Check tiers.local.kind and tiers.local.base_url."


@EACH
async def test_a_connection_that_breaks_off(speech):
    answer = cut(speech.content_type, *speech.opening, speech.first)
    failure, _ = await failure_of(speech, answer)
    assert failure.kind is FailureKind.CUT
    assert "broke the connection off before the reply's end." in failure.what


@EACH
async def test_a_server_that_hangs_up_without_an_answer(speech):
    async def hang_up(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        failure = await failed(source(speech, f"http://127.0.0.1:{port}"))
    assert failure.kind is FailureKind.CUT


@EACH
async def test_a_reply_without_its_end(speech):
    failure, _ = await failure_of(
        speech, streamed(speech.content_type, *speech.opening, speech.first)
    )
    assert failure.kind is FailureKind.CUT
    assert "ended the reply before it was complete." in failure.what


@EACH
async def test_an_error_inside_a_reply(speech):
    pieces = (*speech.opening, speech.first, speech.error)
    failure, _ = await failure_of(speech, streamed(speech.content_type, *pieces))
    kind = FailureKind.OVERLOADED if speech is ANTHROPIC else FailureKind.SERVER
    assert (failure.kind, failure.status) == (kind, None)
    assert failure.what.endswith((": Overloaded.", ": the model stopped.", "unexpected EOF."))


@EACH
@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/html", "<html><title>Sign in to the hotel's network</title></html>"),
        ("own", "this is no event\n\n"),
        ("own", "data: {broken\n\n"),
        ("own", "event: message_start\ndata: {broken\n\n"),
        ("own", "event: message_start\ndata: [1]\n\n"),
        ("own", 'event: content_block_delta\ndata: {"type":"content_block_delta"}\n\n'),
        ("own", '{"choices": 7}\n'),
        ("own", 'data: {"choices": 7}\n\n'),
        ("own", 'data: {"choices": [{"delta": {"content": {"a": 1}}}]}\n\n'),
        ("own", "[]\n"),
        ("own", "null\n"),
        ("own", '{"message":{"role":"assistant","content":7}}\n'),
        ("application/json", "{}"),
        ("application/json", "no json"),
        ("application/json", "[]"),
        ("own", ""),
    ],
)
async def test_an_answer_of_another_kind(speech, content_type, body):
    content_type = speech.content_type if content_type == "own" else content_type
    failure, _ = await failure_of(speech, (http(200, body.encode(), content_type),))
    if not body and speech is OLLAMA:
        assert failure.kind is FailureKind.CUT
        return
    assert failure.kind is FailureKind.MALFORMED
    assert "answered, but not as" in failure.what
    assert failure.hint == "Check tiers.local.kind and tiers.local.base_url."


def echoes(speech):
    """Answers of a server that gives the key back wherever it can."""
    said = f"bad Authorization: Bearer {KEY}"
    yield (http(401, {"error": {"type": "authentication_error", "message": said}}),)
    yield (http(400, said.encode(), "text/plain"),)
    yield (http(500, {"error": said, "detail": KEY}),)
    yield (http(429, ("." * 250 + said).encode(), "text/plain"),)
    yield (http(502, f"Bearer {KEY.replace('/', chr(92) + '/')}".encode(), "text/plain"),)
    yield (http(200, f"<html>{said}</html>".encode(), "text/html"),)
    broken = speech.error.replace("unexpected EOF", said).replace("Overloaded", said)
    yield streamed(speech.content_type, speech.first, broken.replace("the model stopped", said))


@EACH
async def test_a_key_is_never_given_back(speech, caplog):
    caplog.set_level(logging.DEBUG)
    for answer in echoes(speech):
        async with playing({speech.path: answer}) as wire:
            tier = source(speech, wire.url, {"BOX_KEY": KEY}, key_env="BOX_KEY")
            failure = await failed(tier)
        asked = next(one for one in wire.asked if speech.path in one.line)
        assert asked.headers["authorization"] == f"bearer {KEY}".lower(), "it was sent"
        seen = failure
        texts = [repr(tier), repr(failure), str(failure), failure.what, failure.hint]
        texts += traceback.format_exception(failure)
        while seen is not None:
            texts.append(repr(seen))
            seen = seen.__context__ or seen.__cause__
        for text in (*texts, caplog.text):
            assert KEY not in text and KEY[:16] not in text
        assert failure.__context__ is None and failure.__cause__ is None


@EACH
async def test_a_key_in_what_a_reply_reports_is_hidden_too(speech):
    pieces = [
        piece.replace('"tiny"', f'"{KEY}"').replace("claude-tiny-1", KEY) for piece in speech.pieces
    ]
    async with playing({speech.path: streamed(speech.content_type, *pieces)}) as wire:
        tier = source(speech, wire.url, {"BOX_KEY": KEY}, key_env="BOX_KEY")
        reply = await collect(tier)
        await tier.aclose()
    assert reply.model == "‹key›"
    assert KEY not in repr(reply.reports)


@EACH
async def test_a_probe_hides_the_key_too(speech):
    said = {"error": f"no {KEY}"}
    paths = ("/api/version", "/api/tags", "/v1/models")
    async with playing({path: (http(401, said),) for path in paths}) as wire:
        tier = source(speech, wire.url, {"BOX_KEY": KEY}, key_env="BOX_KEY")
        probe = await tier.probe()
    assert not probe.ok
    assert "does not accept the key (401): no ‹key›. Check the key in BOX_KEY." in probe.trouble


@EACH
async def test_a_missing_key_is_named_and_nothing_is_sent(speech):
    async with playing({speech.path: streamed(speech.content_type, *speech.pieces)}) as wire:
        tier = source(speech, wire.url, key_env="BOX_KEY")
        failure = await failed(tier)
        probe = await tier.probe()
        assert not wire.asked
    assert failure.kind is FailureKind.KEY_MISSING
    assert "BOX_KEY is not set" in failure.what and "export BOX_KEY=" in failure.hint
    assert probe.trouble == str(failure)


@EACH
async def test_a_changed_key_file_is_noticed(speech, tmp_path):
    file = tmp_path / "key"
    file.touch(0o600)
    async with playing({speech.path: streamed(speech.content_type, *speech.pieces)}) as wire:
        tier = source(speech, wire.url, key_file=str(file))
        for key in ("first-key", "second-key"):
            file.write_text(f"{key}\n")
            await collect(tier)
        await tier.aclose()
    sent = [one.headers["authorization"] for one in wire.asked if speech.path in one.line]
    assert sent == ["bearer first-key", "bearer second-key"]


@EACH
async def test_keys_for_other_servers_stay_here(speech, monkeypatch):
    for name in ("OLLAMA_API_KEY", "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, KEY)
    async with playing({speech.path: streamed(speech.content_type, *speech.pieces)}) as wire:
        monkeypatch.setenv("OLLAMA_HOST", "http://127.0.0.1:1")
        monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:1")
        tier = source(speech, wire.url)
        assert (await collect(tier)).text
        await tier.probe()
        await tier.aclose()
    assert wire.asked
    for one in wire.asked:
        assert KEY.lower() not in str(one.headers).lower()


@EACH
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_no_proxy_is_asked_for_this_machine(speech, host, monkeypatch):
    answers = {speech.path: streamed(speech.content_type, *speech.pieces)}
    async with playing({}) as proxy, playing(answers) as wire:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
            monkeypatch.setenv(name.lower(), proxy.url)
        tier = source(speech, f"http://{host}:{wire.port}")
        assert (await collect(tier)).text == "Node fine."
        await tier.probe()
        await tier.aclose()
        assert not proxy.asked


@EACH
async def test_a_proxy_is_asked_for_the_apis_machine_and_never_for_the_local_tiers(
    speech, monkeypatch
):
    def unknown(host, *_, **__):
        raise socket.gaierror(f"{host} is not known")

    async with playing({}) as proxy:
        for name in ("HTTP_PROXY", "http_proxy"):
            monkeypatch.setenv(name, proxy.url)
        failure = await failed(source(speech, "http://models.example:9999", tier=Tier.API))
        asked = [one.line.split("/")[2] for one in proxy.asked]
        monkeypatch.setattr(socket, "getaddrinfo", unknown)
        local = await failed(source(speech, "http://models.example:9999"))
        assert asked == [one.line.split("/")[2] for one in proxy.asked] == ["models.example:9999"]
    assert failure.kind is FailureKind.REFUSED
    assert local.kind is FailureKind.UNREACHABLE


@EACH
@pytest.mark.parametrize("url", ["http://[bad", "ftp://127.0.0.1", "http://127.0.0.1:port", ""])
async def test_an_address_that_is_none(speech, url):
    tier = source(speech, url)
    failure = await failed(tier)
    probe = await tier.probe()
    assert failure.kind in {FailureKind.UNREACHABLE, FailureKind.MALFORMED}
    assert "base_url" in failure.hint
    assert not probe.ok and "base_url" in probe.trouble


@EACH
async def test_a_password_in_the_address_is_not_shown(speech):
    async with playing({}) as wire:
        tier = source(speech, f"http://me:{KEY.replace('/', '')}@127.0.0.1:{wire.port}")
        failure = await failed(tier)
    assert failure.what.startswith(f"127.0.0.1:{wire.port} (tiny) has no such address")
    assert KEY[:10] not in str(failure)


@EACH
async def test_two_replies_at_a_time(speech):
    async with playing({speech.path: streamed(speech.content_type, *speech.pieces)}) as wire:
        tier = source(speech, wire.url)
        one, other = await asyncio.gather(collect(tier), collect(tier))
        await tier.aclose()
    assert one.text == other.text == "Node fine."


async def test_usage_is_reported_as_it_was_sent():
    reports = {}
    for speech in ALL:
        async with playing({speech.path: streamed(speech.content_type, *speech.pieces)}) as wire:
            tier = source(speech, wire.url)
            reply = await collect(tier)
            reports[speech.kind] = [(one.usage, one.final) for one in reply.reports if one.usage]
            await tier.aclose()
    assert reports == {
        "ollama": [
            (
                {
                    "total_duration": 1105388174,
                    "load_duration": 257357356,
                    "prompt_eval_count": 20,
                    "prompt_eval_duration": 218576000,
                    "eval_count": 6,
                    "eval_duration": 627476000,
                },
                True,
            )
        ],
        "anthropic": [
            (
                {
                    "input_tokens": 7,
                    "cache_creation_input_tokens": 30,
                    "cache_read_input_tokens": 11,
                    "cache_creation": {
                        "ephemeral_5m_input_tokens": 10,
                        "ephemeral_1h_input_tokens": 20,
                    },
                    "output_tokens": 1,
                    "service_tier": "standard",
                },
                False,
            ),
            (
                {
                    "input_tokens": 7,
                    "cache_creation_input_tokens": 30,
                    "cache_read_input_tokens": 11,
                    "output_tokens": 6,
                },
                True,
            ),
        ],
        "openai": [
            (
                {
                    "completion_tokens": 6,
                    "prompt_tokens": 20,
                    "total_tokens": 26,
                    "prompt_tokens_details": {"cached_tokens": 19},
                },
                True,
            )
        ],
    }


def test_constructing_a_source_imports_no_client():
    import subprocess
    import sys

    program = """
import sys
from console.core.settings import TierSettings
from console.sources.models import model_source
for kind in ("ollama", "anthropic", "openai"):
    model_source(TierSettings(kind=kind, base_url="http://127.0.0.1:1", model="m"), {})
print([name for name in ("anthropic", "ollama", "httpx", "httpx2") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_a_probe_of_the_api_does_not_import_its_client():
    import subprocess
    import sys

    program = """
import asyncio, sys
from console.core.settings import TierSettings
from console.sources.models import model_source
tier = model_source(TierSettings(kind="anthropic", base_url="http://127.0.0.1:1", model="m"), {})
print(asyncio.run(tier.probe()).ok, "anthropic" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("False False", "")


@EACH
async def test_a_refusal_in_words_is_not_blamed_on_the_settings(speech):
    words = http(400, {"error": {"type": "invalid_request_error", "message": "no credit left"}})
    failure, _ = await failure_of(speech, (words,))
    assert failure.kind is FailureKind.REFUSED and "no credit left" in failure.what
    assert failure.hint == "Change what it complains of, and send it again."
    failure, _ = await failure_of(speech, (http(400, b"<html>", "text/html"),))
    assert "tiers.local.base_url" in failure.hint
