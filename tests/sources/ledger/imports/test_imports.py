"""History from elsewhere: every reply once, on every run, and what is passed over is counted."""

import json
import sqlite3
from decimal import Decimal

import pytest

from console.core.pricing import PriceCard, Rates
from console.core.tier import Tier
from console.sources.ledger.imports import claude_code, llm_logs, table, usage_exports
from console.sources.ledger.imports.add import add
from console.sources.ledger.imports.found import instant
from console.sources.ledger.store import SqliteLedger
from tests.sources.ledger.test_store import NOW, entry

ZONE = "Europe/Berlin"
SHADOW = ("anthropic", "claude-sonnet-5-5")


class Listed:
    """$2 in, $10 out, half in a batch, for every claude and gpt."""

    def card(self, provider, model, at_ms):
        if not model.startswith(("claude", "gpt")) or provider not in ("anthropic", "openai"):
            return None
        return PriceCard(provider=provider, model=model, input=Decimal(2), output=Decimal(10),
                         cache_read=Decimal("0.2"), source="test list", web_search=Decimal(10),
                         batch=Rates(input=Decimal(1), output=Decimal(5)))  # fmt: skip


@pytest.fixture
def ledger(tmp_path):
    ledger = SqliteLedger(tmp_path / "ledger.db", now_ms=NOW)
    yield ledger
    ledger.close()


def imported(ledger, findings, **options):
    options = {"dry_run": False} | options
    return add(ledger, findings, Listed(), shadow=SHADOW, **options)


def assistant(id, request, usage, *, at="2026-10-01T10:00:00.000Z", model="claude-sonnet-5-5"):
    return json.dumps({
        "type": "assistant", "timestamp": at, "sessionId": "s1", "requestId": request,
        "message": {"id": id, "model": model, "role": "assistant", "usage": usage,
                    "content": [{"type": "text", "text": "secret words"}]},
    })  # fmt: skip


FIRST = {"input_tokens": 3, "cache_read_input_tokens": 100, "cache_creation_input_tokens": 10,
         "cache_creation": {"ephemeral_5m_input_tokens": 4, "ephemeral_1h_input_tokens": 6},
         "output_tokens": 1, "service_tier": "standard"}  # fmt: skip


@pytest.fixture
def sessions(tmp_path):
    """Two sessions of which the second is a fork that repeats the first."""
    folder = tmp_path / "projects" / "-home-me-x"
    folder.mkdir(parents=True)
    lines = [
        json.dumps({"type": "user", "message": {"role": "user", "content": "hi"}}),
        assistant("msg_1", "req_1", FIRST),
        assistant("msg_1", "req_1", FIRST | {"output_tokens": 50}, at="2026-10-01T10:00:04.000Z"),
        "{broken",
        assistant("msg_0", "", {"input_tokens": 0, "output_tokens": 0}, model="<synthetic>"),
    ]
    (folder / "a.jsonl").write_text("\n".join(lines) + "\n")
    forked = [*lines, assistant("msg_2", "req_2", {"input_tokens": 7, "output_tokens": 9})]
    (folder / "b.jsonl").write_text("\n".join(forked) + "\n")
    return tmp_path / "projects"


def read_sessions(path, plan=True):
    return claude_code.read(claude_code.files(path), zone=ZONE, plan=plan)


def test_claude_code_counts_each_reply_once_with_its_last_numbers(ledger, sessions):
    report = imported(ledger, read_sessions(sessions))
    assert (report.new, report.known) == (2, 0)
    assert report.skipped == {
        "no reply of a model": 2, "no JSON": 2, "a reply that no model made": 2,
        "another line of a reply that is counted once": 3}  # fmt: skip
    rows = {row.response_id: row for row in ledger.recent(10)}
    one = rows["msg_1"].usage
    assert (one.uncached, one.cache_read, one.cache_write_5m, one.cache_write_1h, one.output) == (
        3, 100, 4, 6, 50)  # fmt: skip
    assert rows["msg_1"].duration_ms == 4000 and rows["msg_1"].conversation == "s1"
    assert rows["msg_1"].cost_nano == (13 * 2 + 50 * 10) * 1000 + 100 * 200
    api = ledger.totals()[Tier.API]
    assert (api.spent_nano, api.plan_calls) == (0, 2) and api.plan_nano == report.plan_nano > 0
    assert "secret" not in (ledger.path.read_bytes() + wal(ledger)).decode(errors="replace")


def wal(ledger):
    return ledger.path.with_name("ledger.db-wal").read_bytes()


def session_line(kind, number, **more):
    """A line as Claude Code 2 writes it: what it says stands among much that it does not."""
    return json.dumps({
        "parentUuid": None if number == 0 else f"u{number - 1}", "isSidechain": False,
        "userType": "external", "cwd": "/home/me/x", "sessionId": "5f0c", "version": "2.0.49",
        "gitBranch": "main", "type": kind, "uuid": f"u{number}",
        "timestamp": f"2026-10-01T10:00:{number:02}.123Z", **more,
    })  # fmt: skip


def reply(id, output, **more):
    usage = {"input_tokens": 4, "cache_creation_input_tokens": 1200,
             "cache_read_input_tokens": 18000, "output_tokens": output,
             "cache_creation": {"ephemeral_5m_input_tokens": 1200, "ephemeral_1h_input_tokens": 0},
             "server_tool_use": {"web_search_requests": 0, "web_fetch_requests": 0},
             "service_tier": "standard"}  # fmt: skip
    return {"id": id, "type": "message", "role": "assistant", "model": "claude-sonnet-5-5",
            "content": [{"type": "thinking", "thinking": "hm", "signature": "x"}],
            "stop_reason": None, "stop_sequence": None, "usage": usage | more}  # fmt: skip


def test_a_session_with_every_kind_of_line_and_its_subagents(ledger, tmp_path):
    folder = tmp_path / "projects" / "-home-me-x"
    agents = folder / "5f0c" / "subagents"
    agents.mkdir(parents=True)
    lines = [
        json.dumps({"type": "summary", "summary": "A title", "leafUuid": "u9"}),
        json.dumps({"type": "file-history-snapshot", "messageId": "m", "snapshot": {},
                    "isSnapshotUpdate": False}),
        session_line("user", 0, message={"role": "user", "content": "hi"}),
        # One reply: a line per block of content, each with the counts so far.
        session_line("assistant", 1, requestId="req_1", message=reply("msg_01A", 2)),
        session_line("assistant", 2, requestId="req_1", message=reply("msg_01A", 2)),
        session_line("assistant", 3, requestId="req_1", message=reply("msg_01A", 412)),
        session_line("user", 4, toolUseResult={"stdout": "x"}, message={
            "role": "user", "content": [{"type": "tool_result", "tool_use_id": "t"}]}),
        session_line("system", 5, subtype="turn_duration", durationMs=4000),
        session_line("assistant", 6, isApiErrorMessage=True, message={
            "id": "e", "model": "<synthetic>", "role": "assistant", "content": [],
            "usage": {"input_tokens": 0, "output_tokens": 0}}),
        # Of an early version: no request's id, no reply's id, a cost that is not believed.
        session_line("assistant", 7, costUSD=0.5, durationMs=900, message={
            k: v for k, v in reply("x", 9).items() if k != "id"}),
    ]  # fmt: skip
    (folder / "5f0c.jsonl").write_text("\n".join(lines) + "\n")
    agent = session_line("assistant", 8, isSidechain=True, agentId="a1", requestId="req_2",
                         message=reply("msg_01B", 30))  # fmt: skip
    (agents / "agent-a1.jsonl").write_text(agent + "\n")
    report = imported(ledger, read_sessions(tmp_path / "projects"))
    assert report.new == 3 and report.skipped == {
        "no reply of a model": 5, "another line of a reply that is counted once": 2,
        "a reply that no model made": 1}  # fmt: skip
    rows = ledger.recent(10)
    assert sorted(row.usage.output for row in rows) == [9, 30, 412], "subagents count too"
    assert {(row.usage.uncached, row.usage.cache_read, row.usage.cache_write_5m) for row in rows
            } == {(4, 18000, 1200)}  # fmt: skip
    assert imported(ledger, read_sessions(tmp_path / "projects")).known == 3


def test_a_dry_run_writes_nothing_and_a_second_run_adds_nothing(ledger, sessions):
    dry = imported(ledger, read_sessions(sessions), dry_run=True)
    assert dry.new == 2 and ledger.recent(10) == []
    assert imported(ledger, read_sessions(sessions)).new == 2
    again = imported(ledger, read_sessions(sessions))
    assert (again.new, again.grown, again.known) == (0, 0, 2)
    assert ledger.totals()[Tier.API].requests == 2


def test_a_reply_that_was_still_streaming_is_completed_by_a_later_run(ledger, sessions):
    imported(ledger, read_sessions(sessions))
    with (sessions / "-home-me-x" / "b.jsonl").open("a") as file:
        file.write(assistant("msg_2", "req_2", {"input_tokens": 7, "output_tokens": 90}) + "\n")
    report = imported(ledger, read_sessions(sessions))
    assert (report.new, report.grown, report.known) == (0, 1, 1)
    assert ledger.totals()[Tier.API].output_tokens == 140


def test_what_the_console_recorded_itself_is_not_added_again(ledger, sessions):
    ledger.close_entry(entry("live", tier=Tier.API, provider="anthropic", ending="done",
                             response_id="msg_1"))  # fmt: skip
    report = imported(ledger, read_sessions(sessions))
    assert report.new == 1
    assert report.skipped["recorded by the console itself, or imported from elsewhere"] == 1


@pytest.fixture
def llm_db(tmp_path):
    path = tmp_path / "logs.db"
    with sqlite3.connect(path) as db:
        # The tables that its migrations come to, as far as a response is concerned.
        db.executescript("""
            CREATE TABLE _llm_migrations (name TEXT PRIMARY KEY, applied_at TEXT);
            CREATE TABLE conversations (id TEXT PRIMARY KEY, name TEXT, model TEXT);
            CREATE TABLE schemas (id TEXT PRIMARY KEY, content TEXT);
            CREATE TABLE "responses" (
                "id" TEXT PRIMARY KEY, "model" TEXT, "prompt" TEXT, "system" TEXT,
                "prompt_json" TEXT, "options_json" TEXT, "response" TEXT, "response_json" TEXT,
                "conversation_id" TEXT REFERENCES "conversations"("id"), "duration_ms" INTEGER,
                "datetime_utc" TEXT, "input_tokens" INTEGER, "output_tokens" INTEGER,
                "token_details" TEXT, "schema_id" TEXT REFERENCES "schemas"("id"),
                "resolved_model" TEXT);
            CREATE VIRTUAL TABLE responses_fts USING FTS5 (
                prompt, response, content="responses");
        """)
        db.executemany(
            "INSERT INTO responses (id, model, prompt, system, response, conversation_id, "
            "duration_ms, datetime_utc, input_tokens, output_tokens, token_details, "
            "resolved_model) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
            [("1", "gpt-4o", "hello", None, "hi", "c", 1500, "2026-10-01T10:00:00.5+00:00", 100,
              5, '{"prompt_tokens_details": {"cached_tokens": 40}}', "gpt-4o-2024-08-06"),
             ("2", "anthropic/claude-sonnet-5-5", "x", None, "y", "c", 10,
              "2026-10-01T11:00:00", 7, 5, '{"cache_read_input_tokens": 40}', None),
             ("3", "llama3.1:8b", "x", None, "y", "c", 10, "2026-10-01T12:00:00", 7, 5, None, None),
             ("4", "mine", "x", None, "y", "c", 10, "2026-10-01T13:00:00", None, None, None, None),
             ("5", "who", "x", None, None, "c", 10, None, 7, 5, None, None)],
        )  # fmt: skip
    db.close()
    return path


def test_llm_logs_by_the_shape_of_their_details(ledger, llm_db):
    report = imported(ledger, llm_logs.read(llm_db, zone=ZONE, local=("min*",)))
    assert (report.new, dict(report.skipped)) == (4, {"a response without a time or a model": 1})
    rows = {row.model: row for row in ledger.recent(10)}
    assert rows["gpt-4o"].usage.uncached == 60 and rows["gpt-4o"].usage.cache_read == 40
    assert rows["claude-sonnet-5-5"].usage.uncached == 7
    assert rows["claude-sonnet-5-5"].provider == "anthropic"
    assert (rows["llama3.1:8b"].tier, rows["llama3.1:8b"].cost_nano) == (Tier.LOCAL, None)
    assert rows["llama3.1:8b"].shadow_nano == 64_000
    assert rows["mine"].tier is Tier.LOCAL and rows["mine"].usage.total is None
    assert imported(ledger, llm_logs.read(llm_db, zone=ZONE, local=("min*",))).known == 4


def test_a_database_of_another_program_is_refused(tmp_path):
    sqlite3.connect(tmp_path / "x.db").close()
    with pytest.raises(ValueError, match="no table of responses"):
        list(llm_logs.read(tmp_path / "x.db", zone=ZONE, local=()))


def test_a_wide_openai_export_with_service_tiers_and_other_modalities(ledger, tmp_path):
    path = tmp_path / "completions_usage_2026-10-01_2026-10-31.csv"
    path.write_text(
        "start_time,end_time,start_time_iso,end_time_iso,project_id,num_model_requests,user_id,"
        "api_key_id,model,batch,service_tier,input_tokens,output_tokens,input_cached_tokens,"
        "input_uncached_tokens,input_text_tokens,output_text_tokens,input_cached_text_tokens,"
        "input_audio_tokens,input_cached_audio_tokens,output_audio_tokens,input_image_tokens\n"
        "1790812800,1790899200,2026-10-01T00:00:00+00:00,2026-10-02T00:00:00+00:00,p,5,,,"
        "gpt-4o-2024-08-06,,default,1000,500,800,200,1000,500,800,0,0,0,0\n"
        "1790812800,1790899200,2026-10-01T00:00:00+00:00,2026-10-02T00:00:00+00:00,p,1,,,"
        "gpt-4o-2024-08-06,,priority,100,50,0,100,100,50,0,0,0,0,0\n"
        "1790899200,1790985600,2026-10-02T00:00:00+00:00,2026-10-03T00:00:00+00:00,"
        ",,,,,,,,,,,,,,,,,\n")  # fmt: skip
    report = imported(ledger, usage_exports.read_openai(path, zone=ZONE))
    assert report.new == 2 and dict(report.unpriced) == {"openai gpt-4o-2024-08-06": 1}
    assert report.skipped == {"no row of an OpenAI usage export": 1}
    api = ledger.totals()[Tier.API]
    assert (api.requests, api.prompt_tokens, api.cached_tokens, api.unpriced) == (6, 1100, 800, 1)
    assert api.spent_nano == 400_000 + 160_000 + 5_000_000


OPENAI_CSV = """\
start_time,end_time,project_id,num_model_requests,model,batch,input_tokens,output_tokens,\
input_cached_tokens
1790812800,1790899200,p,5,gpt-4o,False,1000,500,800
1790812800,1790899200,p,2,gpt-4o,True,1000,500,0
1790812800,1790899200,p,9,,False,1000,500,0
,,,,,,,,
"""


def test_openai_usage_is_a_row_per_window_with_its_number_of_requests(ledger, tmp_path):
    path = tmp_path / "usage.csv"
    path.write_text(OPENAI_CSV)
    report = imported(ledger, usage_exports.read_openai(path, zone=ZONE))
    assert report.new == 2 and sum(report.skipped.values()) == 2
    api = ledger.totals()[Tier.API]
    assert (api.requests, api.prompt_tokens, api.cached_tokens) == (7, 2000, 800)
    # 200 × $2 + 800 × $0.2 + 500 × $10, and the batch at half.
    assert api.spent_nano == 400_000 + 160_000 + 5_000_000 + 1_000_000 + 2_500_000
    path.write_text(OPENAI_CSV.replace("1000,500,800", "3000,600,800").replace(",5,gpt", ",6,gpt"))
    assert imported(ledger, usage_exports.read_openai(path, zone=ZONE)).grown == 1
    assert ledger.totals()[Tier.API].requests == 8


def test_openai_pages_as_json(ledger, tmp_path):
    path = tmp_path / "usage.json"
    path.write_text(json.dumps({"object": "page", "data": [{
        "object": "bucket", "start_time": 1790812800, "end_time": 1790899200,
        "results": [{"input_tokens": 1000, "output_tokens": 500, "input_cached_tokens": 800,
                     "num_model_requests": 5, "model": "gpt-4o"}]}]}))  # fmt: skip
    assert imported(ledger, usage_exports.read_openai(path, zone=ZONE)).new == 1
    assert ledger.totals()[Tier.API].requests == 5


ANTHROPIC_CSV = """\
usage_date_utc,model_version,api_key,workspace,usage_type,context_window,\
usage_input_tokens_no_cache,usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,\
usage_input_tokens_cache_read,usage_output_tokens,web_search_count,inference_geo,speed
2026-10-01,claude-sonnet-5-5,k,Default,standard,≤ 200k,1000,10,20,30,500,2,global,standard
2026-10-01,claude-sonnet-5-5,k,Default,batch,≤ 200k,1000,0,0,0,500,0,global,standard
2026-10-01,claude-sonnet-5-5,k,Default,standard,≤ 200k,7,0,0,0,5,0,global,fast
"""


def test_anthropic_usage_with_batch_speed_and_searches(ledger, tmp_path):
    path = tmp_path / "claude_api_tokens.csv"
    path.write_text(ANTHROPIC_CSV)
    report = imported(ledger, usage_exports.read_anthropic(path, zone=ZONE))
    assert report.new == 3 and dict(report.unpriced) == {"anthropic claude-sonnet-5-5": 1}
    api = ledger.totals()[Tier.API]
    assert (api.prompt_tokens, api.output_tokens, api.unpriced) == (2067, 1005, 1)
    standard = (1030 * 2 + 500 * 10) * 1000 + 30 * 200 + 20_000_000
    assert api.spent_nano == standard + 3_500_000
    assert imported(ledger, usage_exports.read_anthropic(path, zone=ZONE)).known == 3


def test_anthropic_pages_as_json(ledger, tmp_path):
    path = tmp_path / "report.json"
    path.write_text(json.dumps([{"data": [{
        "starting_at": "2026-10-01T00:00:00Z", "ending_at": "2026-10-02T00:00:00Z",
        "results": [{"uncached_input_tokens": 1500, "output_tokens": 500, "model": "claude-x",
                     "cache_creation": {"ephemeral_1h_input_tokens": 6,
                                        "ephemeral_5m_input_tokens": 4},
                     "cache_read_input_tokens": 200, "service_tier": "standard",
                     "server_tool_use": {"web_search_requests": 3}}]}]}]))  # fmt: skip
    imported(ledger, usage_exports.read_anthropic(path, zone=ZONE))
    [row] = ledger.recent(10)
    assert (row.usage.cache_write_5m, row.usage.cache_write_1h, row.usage.web_searches) == (4, 6, 3)
    assert row.usage.total == 1500 + 10 + 200 + 500


def test_a_sum_is_left_out_where_the_ledger_has_rows_of_that_time(ledger, tmp_path):
    path = tmp_path / "claude_api_tokens.csv"
    path.write_text(ANTHROPIC_CSV)
    noon = instant("2026-10-01T12:00:00Z")
    ledger.close_entry(entry("live", tier=Tier.API, provider="anthropic", ending="done",
                             model="claude-sonnet-5-5", started_ms=noon))  # fmt: skip
    report = imported(ledger, usage_exports.read_anthropic(path, zone=ZONE))
    assert report.new == 0
    assert report.skipped["a sum over a time the ledger has rows of its own for"] == 3
    findings = usage_exports.read_anthropic(path, zone=ZONE)
    assert imported(ledger, findings, overlapping=True).new == 3


def test_any_csv_with_a_mapping(ledger, tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("when,what,in,out,cached,usd\n"
                    "2026-10-01T10:00:00Z,gpt-4o,100,5,40,\n"
                    "2026-10-01T10:00:00Z,gpt-4o,100,5,40,\n"
                    "1790812800,gpt-4o,100,5,0,$0.25\n"
                    "1790812800,mine,1,x,0,\n"
                    "later,gpt-4o,1,1,0,\n"
                    "1790812800,gpt-4o,1,1,9,\n"
                    "1790812800,gpt-4o,1,1,0,lots\n")  # fmt: skip
    columns = {"time": "when", "model": "what", "input": "in", "output": "out",
               "cached": "cached", "cost": "usd"}  # fmt: skip

    def read():
        return table.read(path, zone=ZONE, columns=columns, constants={"provider": "openai"})

    report = imported(ledger, read())
    assert report.new == 4 and sum(report.skipped.values()) == 3
    rows = ledger.recent(10)
    assert sorted(row.cost_nano or 0 for row in rows) == [0, 178_000, 178_000, 250_000_000]
    assert sum(row.usage.output is None for row in rows) == 1
    assert imported(ledger, read()).known == 4


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"time": "a", "model": "b", "input": "c"}, "Which column is output?"),
        ({"time": "a", "model": "b", "output": "c"}, "Which column is input"),
        ({"time": "nope"}, 'has no column "nope" for time; it has a, b, c'),
        ({"tme": "a"}, '"tme" is no field; known are time'),
    ],
)
def test_a_mapping_that_does_not_fit_is_one_sentence(tmp_path, columns, said):
    path = tmp_path / "x.csv"
    path.write_text("a,b,c\n")
    with pytest.raises(ValueError, match=r".") as refused:
        list(table.read(path, zone=ZONE, columns=columns, constants={}))
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("value", "ms"),
    [("2026-10-01T00:00:00Z", 1790812800000), ("2026-10-01", 1790812800000),
     (1790812800, 1790812800000), ("1790812800000", 1790812800000), ("nan", None), ("", None),
     (None, None), (True, None), ("2026-10-01 02:00:00+02:00", 1790812800000)],
)  # fmt: skip
def test_times_as_files_hold_them(value, ms):
    assert instant(value) == ms
