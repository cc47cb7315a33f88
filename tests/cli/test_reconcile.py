"""`ledger reconcile` against loopback servers that answer as vLLM, Anthropic and OpenAI do."""

import json
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from console.core.entry import Ending
from console.core.tier import Tier
from console.core.usage import Usage, UsageSource
from console.sources.ledger.store import SqliteLedger
from tests.sources.ledger.test_store import entry

NOW = 1_795_000_000_000
ADMIN = "sk-ant-admin01-secret"


@contextmanager
def serving(answer):
    """A server whose `answer(path, query, headers)` gives a status and a body."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked = urlsplit(self.path)
            status, body = answer(asked.path, parse_qs(asked.query), self.headers)
            text = (body if isinstance(body, str) else json.dumps(body)).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *said):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Vllm:
    """vLLM's exposition: a counter per model and engine, its creation beside it."""

    def __init__(self, began):
        self.began, self.prompt, self.output = began, 0, 0

    def __call__(self, path, query, headers):
        if path != "/metrics":
            return 404, "Not Found"
        labels = '{engine="%d",model_name="qwen/qwen3-8b"}'
        lines = [f"process_start_time_seconds {self.began - 60}"]
        for name, value, about in (
            ("prompt_tokens", self.prompt, "Number of prefill tokens processed."),
            ("generation_tokens", self.output, "Number of generation tokens processed."),
        ):
            lines += [f"# HELP vllm:{name}_total {about}", f"# TYPE vllm:{name}_total counter"]
            # Two engines of one model.
            lines += [f"vllm:{name}_total{labels % 0} {value - 1:.1f}",
                      f"vllm:{name}_total{labels % 1} 1.0",
                      f"# HELP vllm:{name}_created {about}", f"# TYPE vllm:{name}_created gauge",
                      f"vllm:{name}_created{labels % 0} {self.began!r}"]  # fmt: skip
        lines += ['vllm:request_success_total{engine="0",finished_reason="stop",'
                  'model_name="qwen/qwen3-8b"} 3.0',
                  'vllm:time_to_first_token_seconds_bucket{le="+Inf",model_name="q"} 3.0',
                  "vllm:odd NaN"]  # fmt: skip
        return 200, "\n".join(lines) + "\n"


@pytest.fixture
def now():
    return time.time_ns() // 1_000_000


@pytest.fixture
def ledger(run):
    where = run("where", "--json").json["ledger"]
    ledger = SqliteLedger(Path(where), now_ms=NOW)
    yield ledger
    ledger.close()


def served(id, ended_ms, **fields):
    row = entry(id, provider="openai-compatible", model="qwen/qwen3-8b", ending=Ending.DONE,
                started_ms=ended_ms - 900, ended_ms=ended_ms, usage_source=UsageSource.REPORTED,
                usage=Usage(uncached=80, cache_read=20, output=10))  # fmt: skip
    return replace(row, **fields)


def config(tmp_path, url):
    path = tmp_path / "vllm.toml"
    path.write_text(f'[tiers.local]\nkind = "openai"\nbase_url = "{url}/v1"\n'
                    'model = "qwen/qwen3-8b"\n')  # fmt: skip
    return "--config", str(path)


def test_vllms_counters_since_its_start_and_since_the_last_reading(run, tmp_path, ledger, now):
    vllm = Vllm(began=now / 1000 - 3600)
    ledger.close_entry(served("before", now - 7_200_000))
    ledger.close_entry(served("one", now - 60_000))
    ledger.close_entry(served("two", now - 50_000))
    ledger.close_entry(served("elsewhere", now - 40_000, model="other"))
    with serving(vllm) as url:
        options = config(tmp_path, url)
        vllm.prompt, vllm.output = 200, 25
        [first] = run(*options, "ledger", "reconcile", "--json").json["counters"]
        assert first["rows"] == 2 and first["model"] == "qwen/qwen3-8b"
        assert first["compared"]["prompt_tokens"] == {
            "what": "prompt_tokens", "theirs": 200, "ours": 200, "drift": 0.0}  # fmt: skip
        assert first["compared"]["output_tokens"]["drift"] == -0.2
        assert "cache_read_tokens" not in first["compared"]
        # The server began anew: what it counts now is since then.
        vllm.began, vllm.prompt, vllm.output = time.time(), 100, 10
        time.sleep(0.05)
        ledger.close_entry(served("three", time.time_ns() // 1_000_000))
        plain = run(*options, "ledger", "reconcile", "--fail-above", "5")
        assert plain.code == 1, "the first span has drifted by 20 %"
        assert "300     300    0.0 %  3 rows" in plain.out and "-14.3 %" in plain.out


def test_a_server_without_counters_is_a_sentence(run, tmp_path, ledger):
    with serving(lambda path, query, headers: (501, {"error": {"message": "no"}})) as url:
        ended = run(*config(tmp_path, url), "ledger", "reconcile")
    assert ended.code == 2 and ended.out == ""
    assert "501 at /metrics; llama.cpp tells them when it is started with --metrics" in ended.err
    ended = run("ledger", "reconcile")
    assert ended.code == 2 and "Ollama, which tells no counters" in ended.err


def anthropic_report(day):
    """Two pages; amounts are cents as text, costs that are of no model have none."""

    def item(amount, model, kind="tokens", **more):
        return {"amount": amount, "currency": "USD", "cost_type": kind, "model": model,
                "description": f"{model} usage", "service_tier": "standard",
                "workspace_id": None, "context_window": "0-200k"} | more  # fmt: skip

    def answer(path, query, headers):
        if headers["x-api-key"] != ADMIN:
            return 401, {
                "type": "error",
                "error": {"type": "authentication_error", "message": ADMIN},
            }
        assert path == "/v1/organizations/cost_report" and headers["anthropic-version"]
        assert query["group_by[]"] == ["description"] and query["bucket_width"] == ["1d"]
        bucket = {"starting_at": f"{day}T00:00:00Z", "ending_at": f"{day}T23:59:59Z"}
        if query.get("page") != ["page_2"]:
            items = [item("150.000000", "claude-sonnet-5-5", token_type="uncached_input_tokens"),
                     item("55.00", "claude-sonnet-5-5", token_type="output_tokens")]  # fmt: skip
            page = {"data": [{**bucket, "results": items}], "has_more": True}
            return 200, page | {"next_page": "page_2"}
        items = [item("30", None, "web_search")]
        return 200, {"data": [{**bucket, "results": items}], "has_more": False, "next_page": None}

    return answer


def today(now):
    from console.core.period import local_day

    return local_day(now, "UTC")


def paid(id, now, nano, **fields):
    row = entry(id, tier=Tier.API, provider="anthropic", model="claude-sonnet-5-5", started_ms=now,
                ended_ms=now, ending=Ending.DONE, cost_nano=nano,
                model_reported="claude-sonnet-5-5-20260901")  # fmt: skip
    return replace(row, **fields)


def test_anthropics_cost_report_by_day_and_model(run, ledger, environment, now):
    environment["ANTHROPIC_ADMIN_KEY"] = ADMIN
    ledger.close_entry(paid("a", now, 2_000_000_000))
    ledger.close_entry(paid("b", now, None))
    ledger.close_entry(paid("c", now, 9_000_000_000, plan=True))
    with serving(anthropic_report(today(now))) as url:
        ended = run("ledger", "reconcile", "--report-url", url, "--json")
        plain = run("ledger", "reconcile", "--report-url", url)
    charges = ended.json["charges"]["anthropic"]
    assert [(each["model"], each["theirs"], each["ours"], each["unpriced_rows"])
            for each in charges] == [("claude-sonnet-5-5", 2_050_000_000, 2_000_000_000, 1),
                                     (None, 300_000_000, 0, 0)]  # fmt: skip
    assert "$2.05   $2.00    -2.4 %  2 requests, 1 unpriced" in plain.out
    assert "no model" in plain.out and "not in the ledger" in plain.out


def test_a_wrong_key_is_a_sentence_without_it(run, ledger, environment):
    environment["ANTHROPIC_ADMIN_KEY"] = "sk-ant-wrong"
    with serving(anthropic_report("2026-11-24")) as url:
        ended = run("ledger", "reconcile", "--report-url", url)
    assert ended.code == 2 and "401; an admin's key is needed" in ended.err
    assert "sk-ant" not in ended.out + ended.err


def test_openais_costs_by_line_item(run, ledger, environment, now):
    environment["OPENAI_ADMIN_KEY"] = "sk-admin"
    ledger.close_entry(paid("a", now, 500_000_000, provider="openai", model="gpt-4o",
                            model_reported="gpt-4o-2024-08-06"))  # fmt: skip

    def answer(path, query, headers):
        assert path == "/v1/organization/costs" and headers["Authorization"] == "Bearer sk-admin"
        items = [{"object": "organization.costs.result", "line_item": f"gpt-4o-2024-08-06, {what}",
                  "amount": {"value": value, "currency": "usd"}, "project_id": None}
                 for what, value in (("input", 0.25), ("output", 0.25))]  # fmt: skip
        start = now // 86_400_000 * 86_400
        assert start - int(query["start_time"][0]) in (5 * 86_400, 6 * 86_400)
        return 200, {"object": "page", "has_more": False, "next_page": None, "data": [
            {"object": "bucket", "start_time": start, "end_time": start + 86_400,
             "results": items}]}  # fmt: skip

    with serving(answer) as url:
        [charge] = run("ledger", "reconcile", "--report-url", url, "--json").json["charges"][
            "openai"
        ]
    assert (charge["model"], charge["theirs"], charge["drift"]) == ("gpt-4o", 500_000_000, 0)


def test_a_report_of_another_form_is_a_sentence(run, ledger, environment):
    environment["OPENAI_ADMIN_KEY"] = "sk-admin"
    with serving(lambda *asked: (200, {"data": [{"start_time": 1}]})) as url:
        ended = run("ledger", "reconcile", "--report-url", url)
    assert ended.code == 2 and "has a form that is not known" in ended.err


def test_a_variable_that_holds_no_key_is_named_and_not_shown(run, ledger, environment):
    environment["ANTHROPIC_ADMIN_KEY"] = "sk-ant-one\nsk-ant-two"
    ended = run("ledger", "reconcile")
    assert ended.code == 2 and "ANTHROPIC_ADMIN_KEY does not hold a key" in ended.err
    assert "sk-ant" not in ended.out + ended.err
