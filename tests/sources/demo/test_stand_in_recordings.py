"""The Ollama stand-in answers as the recorded versions did; the Anthropic one as llama.cpp does."""

import json

import httpx
import pytest
from recording import events, recorded, shape
from tests.patience import PATIENCE_S

from console.sources.demo.anthropic import AnthropicStandIn
from console.sources.demo.faults import Fault
from console.sources.demo.ollama import OllamaStandIn

VERSIONS = ("0.12.11", "0.32.15")
HEADERS = ("content-type", "transfer-encoding")


@pytest.fixture(params=VERSIONS)
def version(request):
    return request.param


@pytest.fixture
def server(version):
    with OllamaStandIn(version=version, models=("tiny", "tiny-endless")) as server:
        yield server


def ask(server, recording, body=None):
    content = recording.sent if body is None else json.dumps(body)
    return httpx.request(
        recording.method, server.url + recording.path, content=content or None, timeout=PATIENCE_S
    )


def agree(answer, recording):
    assert answer.status_code == recording.status
    for name in HEADERS:
        assert answer.headers.get(name) == recording.headers.get(name)
    assert ("content-length" in answer.headers) == ("content-length" in recording.headers)
    assert answer.headers["date"].endswith(" GMT")


EXACT = (
    "root",
    "version",
    "missing-chat",
    "missing-chat-stream-false",
    "missing-show",
    "think-unsupported",
)


@pytest.mark.parametrize("name", EXACT)
def test_short_answers_are_the_recorded_bytes(server, version, name):
    recording = recorded(f"ollama-{version}", name)
    answer = ask(server, recording)
    agree(answer, recording)
    assert answer.text == recording.body


def test_an_unknown_path_is_the_recorded_404():
    recording = recorded("ollama-0.12.11", "v1-messages-missing")
    with OllamaStandIn() as server:
        answer = ask(server, recording)
    agree(answer, recording)
    assert answer.text == recording.body


@pytest.mark.parametrize("name", ["tags", "show", "chat-nonstream", "load", "unload"])
def test_bodies_have_the_recorded_shape(server, version, name):
    recording = recorded(f"ollama-{version}", name)
    answer = ask(server, recording)
    agree(answer, recording)
    mine, theirs = answer.json(), recording.json
    if name == "show":
        # An 8B model has tensors of other ranks; each has the same three fields.
        assert shape(mine.pop("tensors")[0]) == shape(theirs.pop("tensors")[0])
    assert shape(mine) == shape(theirs)
    assert mine.get("done_reason") == theirs.get("done_reason")


def test_running_models_have_the_recorded_shape(server, version):
    recording = recorded(f"ollama-{version}", "ps")
    ask(server, recorded(f"ollama-{version}", "chat-stream"))
    answer = ask(server, recording)
    agree(answer, recording)
    assert shape(answer.json()) == shape(recording.json)


def test_no_running_model_is_the_recorded_empty_list():
    recording = recorded("ollama-0.32.15", "ps-empty")
    with OllamaStandIn() as server:
        answer = ask(server, recording)
    agree(answer, recording)
    assert answer.text == recording.body


@pytest.mark.parametrize("name", ["chat-stream", "chat-length"])
def test_streams_have_the_recorded_lines(server, version, name):
    recording = recorded(f"ollama-{version}", name)
    answer = ask(server, recording)
    agree(answer, recording)
    assert answer.text.endswith("}\n")
    *pieces, last = [json.loads(line) for line in answer.text.splitlines()]
    *their_pieces, their_last = recording.lines
    assert {str(shape(line)) for line in pieces} == {str(shape(line)) for line in their_pieces}
    assert shape(last) == shape(their_last)
    assert last["done_reason"] == their_last["done_reason"]
    assert last["message"] == their_last["message"]
    # Both count the end of a turn as a token, and not where the limit cut the reply.
    assert last["eval_count"] - len(pieces) == their_last["eval_count"] - len(their_pieces)
    exact = version == "0.12.11"
    for timed in (last, their_last):
        for name in ("prompt_eval_duration", "eval_duration"):
            assert exact or timed[name] % 1000 == 0


def test_a_stream_escapes_as_go_does(server):
    server.order(Fault(reply="a<b>&c✓"))
    text = ask(server, recorded("ollama-0.32.15", "chat-stream")).text
    assert "\\u003c" in text and "\\u003e" in text and "\\u0026" in text and "✓" in text
    assert "<" not in text


def test_a_prompt_over_the_window(version, server):
    recording = recorded(f"ollama-{version}", "too-long")
    message = {"role": "user", "content": "word " * 20_000}
    body = {"model": "tiny", "messages": [message], "options": {"num_ctx": 8192}}
    answer = ask(server, recording, body)
    agree(answer, recording)
    if version == "0.12.11":
        last = json.loads(answer.text.splitlines()[-1])
        assert last["prompt_eval_count"] == recording.lines[-1]["prompt_eval_count"] == 8192
        assert shape(last) == shape(recording.lines[-1])
    else:
        mine, theirs = json.loads(answer.json()["error"]), json.loads(recording.json["error"])
        assert shape(mine) == shape(theirs)
        assert mine["error"]["type"] == theirs["error"]["type"]
        assert mine["error"]["n_ctx"] == 8192 < mine["error"]["n_prompt_tokens"]


def test_the_newer_version_drops_old_messages_silently():
    texts = ["old " * 300, "mid " * 300, "new"]
    body = {
        "model": "tiny",
        "messages": [{"role": "user", "content": text} for text in texts],
        "options": {"num_ctx": 400},
    }
    with OllamaStandIn(models=("tiny",)) as server:
        answer = ask(server, recorded("ollama-0.32.15", "chat-stream"), body)
    count = json.loads(answer.text.splitlines()[-1])["prompt_eval_count"]
    assert 300 < count <= 400


def test_the_messages_api_covers_what_llama_cpp_speaks():
    recording = recorded("llamacpp-b11549", "messages-stream")
    with AnthropicStandIn(models=("tiny",), key="k") as server:
        answer = httpx.post(
            server.url + recording.path,
            content=recording.sent,
            headers={"x-api-key": "k", "anthropic-version": "2023-06-01"},
        )
    mine = events(answer.text)
    assert answer.headers["transfer-encoding"] == recording.headers["transfer-encoding"]
    assert answer.headers["content-type"].startswith(recording.headers["content-type"])
    assert answer.headers["request-id"].startswith("req_")

    def order(stream):
        return list(dict.fromkeys(name for name, _ in stream if name != "ping"))

    assert order(mine) == order(recording.events)
    assert [name for name, _ in mine[:4]] == [
        "message_start",
        "content_block_start",
        "ping",
        "content_block_delta",
    ]
    theirs = dict(recording.events)
    for name, data in mine:
        assert data["type"] == name
        if name != "ping":
            assert covers(data, theirs[name]), name


def covers(mine, theirs) -> bool:
    """Whether all that `theirs` holds is in `mine`, with the same types."""
    if isinstance(theirs, dict):
        return all(key in mine and covers(mine[key], part) for key, part in theirs.items())
    return shape(mine) == shape(theirs)


@pytest.mark.parametrize("name", ["messages", "count_tokens"])
def test_whole_answers_cover_what_llama_cpp_speaks(name):
    recording = recorded("llamacpp-b11549", name)
    with AnthropicStandIn(models=("tiny",), key="k") as server:
        answer = httpx.post(
            server.url + recording.path,
            content=recording.sent,
            headers={"authorization": "Bearer k", "anthropic-version": "2023-06-01"},
        )
    assert answer.status_code == recording.status
    assert covers(answer.json(), recording.json)


def test_errors_have_the_recorded_shape():
    recording = recorded("ollama-0.32.15", "v1-messages-missing")
    with AnthropicStandIn(key="k") as server:
        answer = httpx.post(
            server.url + recording.path,
            content=recording.sent,
            headers={"x-api-key": "k", "anthropic-version": "2023-06-01"},
        )
    assert answer.status_code == recording.status
    assert shape(answer.json()) == shape(recording.json)
    assert answer.json()["error"]["type"] == recording.json["error"]["type"]
    assert answer.json()["request_id"] == answer.headers["request-id"]
