"""A stand-in for Ollama, held to the recorded answers of its versions 0.12.11 and 0.32.15."""

from collections.abc import Mapping, Sequence
from typing import Any

from console.sources.demo import llama, replies
from console.sources.demo.answers import Answer, Reply, Timing
from console.sources.demo.faults import Fault, Received, reported
from console.sources.demo.go import dump, duration_s, timestamp
from console.sources.demo.standin import INSTANT, OPENED_MS, StandIn

CURRENT = "0.32.15"
JSON = "application/json; charset=utf-8"
NDJSON = "application/x-ndjson"

KEEP_S = 300.0
"""Seconds that a model stays loaded after its last use, when a request does not say."""

PREFILL_PER_S = 1_500.0
"""Prompt tokens read per second, when the stand-in takes its time."""

MESSAGES = {
    500: "llama runner process has terminated: exit status 2",
    503: "server busy, please try again.  maximum pending requests exceeded",
}
UNEXPECTED_EOF = "an error was encountered while running the model: unexpected EOF"


class OllamaStandIn(StandIn):
    """Speaks Ollama's own protocol for models that do not exist.

    `version` "0.12.11" gives the older behaviour where the two differ. `models` are the names it
    lists; `num_ctx` is the context window when a request does not set one.
    """

    chat_path = "/api/chat"

    def __init__(
        self,
        *,
        version: str = CURRENT,
        models: Sequence[str] = ("llama3.1:8b",),
        num_ctx: int = 32_768,
        tokens_per_s: float = INSTANT,
        opened_ms: int = OPENED_MS,
    ) -> None:
        super().__init__(tokens_per_s=tokens_per_s, opened_ms=opened_ms)
        self.version = version
        self.models = tuple(_full(name) for name in models)
        self._old = tuple(int(part) for part in version.split(".")[:2]) < (0, 32)
        self._num_ctx = num_ctx
        self._loaded: dict[str, tuple[int, int]] = {}
        """Per loaded model its context window, and when it leaves memory (UTC ns)."""

    def answer(self, request: Received, fault: Fault) -> Answer | Reply:
        """What Ollama answers to a request."""
        match request.method, request.path:
            case "GET", "/":
                return Answer(content_type="text/plain; charset=utf-8", body=b"Ollama is running")
            case "GET", "/api/version":
                return _json({"version": self.version})
            case "GET", "/api/tags":
                return _json({"models": [self._listed(name) for name in self.models]})
            case "GET", "/api/ps":
                return _json({"models": self._running()})
            case "POST", "/api/show" | "/api/chat":
                try:
                    asked = request.json
                    if not isinstance(asked, dict):
                        raise ValueError("not an object")
                    chat = request.path == self.chat_path
                    return self._chat(asked, fault) if chat else self._show(asked)
                except (ValueError, TypeError, RecursionError) as error:
                    return self._error(400, str(error))
            case _:
                return Answer(status=404, content_type="text/plain", body=b"404 page not found")

    def refusal(self, status: int, body: str | None = None) -> Answer:
        """An error as Ollama sends it."""
        if body is not None:
            return Answer(status=status, content_type=JSON, body=body.encode(errors="replace"))
        return self._error(status, MESSAGES.get(status, f"the stand-in was told to fail: {status}"))

    def _error(self, status: int, message: str) -> Answer:
        return _json({"error": message}, status)

    def _chat(self, asked: Mapping[str, Any], fault: Fault) -> Answer | Reply:
        model = asked.get("model")
        if not isinstance(model, str) or _full(model) not in self.models:
            return self._error(404, f"model '{model or ''}' not found")
        if asked.get("think"):
            return self._error(400, f'"{model}" does not support thinking')
        options = asked.get("options") or {}
        messages = asked.get("messages") or []
        if not isinstance(options, dict) or not isinstance(messages, list):
            raise ValueError("options must be an object, and messages an array")
        window = int(options.get("num_ctx") or self._num_ctx)
        if not messages:
            return self._load(model, window, _keep_s(asked))
        if not all(isinstance(message, dict) for message in messages):
            raise ValueError("a message must be an object")
        texts = [replies.said(message.get("content", "")) for message in messages]
        counts = [replies.framed(text) for text in texts]
        prompt = sum(counts)
        if not self._old and counts[-1] > window:
            return _too_long(counts[-1], window)
        # Either version cuts a prompt silently: the older one anywhere, the newer by message.
        while prompt > window and not self._old:
            prompt -= counts.pop(0)
        prompt = min(prompt, window)
        self._touch(model, window, _keep_s(asked))
        own = replies.choose(replies.LOCAL_REPLIES, texts[-1])
        pieces = replies.pieces(own if fault.reply is None else fault.reply)
        limit = int(options.get("num_predict") or -1)
        cut = 0 < limit <= len(pieces)
        return self._reply(model, pieces[:limit] if cut else pieces, cut, prompt, asked, fault)

    def _reply(
        self,
        model: str,
        pieces: Sequence[str],
        cut: bool,
        prompt: int,
        asked: Mapping[str, Any],
        fault: Fault,
    ) -> Reply:
        def line(content: str, more: dict[str, Any]) -> bytes:
            return dump(self._message(model, content) | more)

        def last(timing: Timing) -> dict[str, Any]:
            # The end of a turn is a token as well.
            usage = {"prompt_eval_count": prompt, "eval_count": len(pieces) + (not cut)}
            return _done("length" if cut else "stop", timing, reported(usage, fault), self._old)

        return Reply(
            pieces=pieces,
            prefill_s=0.0 if self.instant else 0.15 + prompt / PREFILL_PER_S,
            streamed=asked.get("stream") is not False,
            stream_type=NDJSON,
            whole_type=JSON,
            frame=lambda piece: line(piece, {"done": False}) + b"\n",
            closing=lambda timing: [line("", last(timing)) + b"\n"],
            whole=lambda timing: line("".join(pieces), last(timing)),
            broken=b'{"model":"' + model.encode() + b'","created_at":\n',
            error=dump({"error": UNEXPECTED_EOF}) + b"\n",
        )

    def _load(self, model: str, window: int, keep_s: float) -> Answer:
        if keep_s == 0:
            self._loaded.pop(_full(model), None)
        else:
            self._touch(model, window, keep_s)
        reason = "unload" if keep_s == 0 else "load"
        return _json(self._message(model, "") | {"done": True, "done_reason": reason})

    def _touch(self, model: str, window: int, keep_s: float) -> None:
        self._loaded[_full(model)] = (window, self.now_ns() + int(keep_s * 1e9))

    def _message(self, model: str, content: str) -> dict[str, Any]:
        return {
            "model": model,
            "created_at": timestamp(self.now_ns()),
            "message": {"role": "assistant", "content": content},
        }

    def _running(self) -> list[dict[str, Any]]:
        return [
            {
                "name": name,
                "model": name,
                "size": llama.LOADED_BYTES,
                "digest": llama.digest(name),
                "details": llama.details(),
                "expires_at": timestamp(until),
                "size_vram": llama.LOADED_BYTES,
                "context_length": window,
            }
            for name, (window, until) in self._loaded.items()
            if until > self.now_ns()
        ]

    def _listed(self, name: str) -> dict[str, Any]:
        listed: dict[str, Any] = {
            "name": name,
            "model": name,
            "modified_at": self._modified(),
            "size": llama.MODEL_BYTES,
            "digest": llama.digest(name),
            "details": llama.details(),
        }
        if not self._old:
            listed["details"] |= {
                "context_length": llama.CONTEXT_LENGTH,
                "embedding_length": llama.EMBEDDING_LENGTH,
            }
            listed["capabilities"] = ["completion"]
        return listed

    def _modified(self) -> str:
        return timestamp(self._opened_ms * 1_000_000 - 86_400_123_456_789)

    def _show(self, asked: Mapping[str, Any]) -> Answer:
        model = str(asked.get("model") or asked.get("name") or "")
        if _full(model) not in self.models:
            return self._error(404, f"model '{model if self._old else _full(model)}' not found")
        window = f"PARAMETER num_ctx {self._num_ctx}\n" if self._old else ""
        shown: dict[str, Any] = {
            "modelfile": f"# A stand-in: no model is behind it.\n\nFROM {model}\n"
            f"llama.TEMPLATE {llama.TEMPLATE}\n{window}",
            "parameters": f"num_ctx                        {self._num_ctx}",
            "template": llama.TEMPLATE,
            "details": llama.details(),
            "model_info": llama.model_info(quantization_version=not self._old),
            "tensors": llama.tensors(),
            "capabilities": ["completion"] if self._old else ["tools", "completion"],
            "modified_at": self._modified(),
        }
        if not self._old:
            # Only a Modelfile with parameters has them, and the recorded one had none.
            del shown["parameters"]
        return _json(shown)


def _keep_s(asked: Mapping[str, Any]) -> float:
    """Seconds that the model is to stay loaded after a request."""
    keep = asked.get("keep_alive")
    return KEEP_S if keep is None else duration_s(str(keep))


def _full(name: str) -> str:
    """A model's name with the tag that is meant when none is given."""
    return name if ":" in name else f"{name}:latest"


def _json(value: Mapping[str, Any], status: int = 200) -> Answer:
    body = dump(value)
    # Go stops to announce a length once a body outgrows its buffer.
    return Answer(status=status, content_type=JSON, body=body, chunked=len(body) > 2048)


def _too_long(tokens: int, window: int) -> Answer:
    """The newer version's refusal: what its runner said, as a string inside the error."""
    said = {
        "code": 400,
        "message": f"request ({tokens} tokens) exceeds the available context size "
        f"({window} tokens), try increasing it",
        "type": "exceed_context_size_error",
        "n_prompt_tokens": tokens,
        "n_ctx": window,
    }
    body = dump({"error": dump({"error": said}).decode()})
    return Answer(status=400, content_type="application/json", body=body, chunked=True)


def _done(reason: str, timing: Timing, usage: Mapping[str, Any], old: bool) -> dict[str, Any]:
    """The fields of a stream's last line; the newer version's runner counts whole microseconds."""
    unit = 1 if old else 1000
    prefill = max(int(timing.first_s * 1e9) // unit, 1) * unit
    writing = max(int((timing.total_s - timing.first_s) * 1e9) // unit, 1) * unit
    load = 1_259_319
    fields: dict[str, Any] = {
        "done": True,
        "done_reason": reason,
        "total_duration": load + prefill + writing,
        "load_duration": load,
    }
    if "prompt_eval_count" in usage:
        fields["prompt_eval_count"] = usage["prompt_eval_count"]
    fields["prompt_eval_duration"] = prefill
    if "eval_count" in usage:
        fields["eval_count"] = usage["eval_count"]
    return {**fields, "eval_duration": writing, **usage}
