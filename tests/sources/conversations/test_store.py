"""Conversations in their file: found again, pinned still, and gone when they are deleted."""

import os
import signal
import sqlite3
import subprocess
import sys
from itertools import count
from pathlib import Path

import pytest

from console.core.chat import Attachment, Image, SystemPrompt
from console.core.exchange import Exchange
from console.core.kept import Kept
from console.core.tier import Tier
from console.sources.conversations.schema import STEPS
from console.sources.conversations.store import ConversationsError, SqliteConversations

PNG = Image("plan.png", "image/png", b"\x89PNG\0bytes")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "conversations.db"


@pytest.fixture
def store(path):
    opened = SqliteConversations(path, now_ms=1)
    yield opened
    opened.close()


def begun(store, id="c1", title="A plan", at_ms=10, **values):
    store.begin(Kept(id=id, title=title, created_ms=at_ms, updated_ms=at_ms, **values))
    return id


def said(store, id, task, reply, at_ms=20, **values):
    exchange = store.ask(id, Exchange(task=task, asked_ms=at_ms, **values))
    store.answer(
        Exchange(task=task, reply=reply, number=exchange.number, whole=True, entry="e1",
                 tier=Tier.LOCAL, model="llama3.1:8b", reason="routine")
    )  # fmt: skip
    return exchange.number


def test_what_was_said_is_there_again(store, path):
    system = SystemPrompt("terse", "Be brief.")
    begun(store, system=system, models={Tier.API: "claude-x"}, pinned="by hand")
    files = (Attachment("a.py", "text", None, "/a.py", "/real/a.py"), Attachment("p", "", PNG))
    number = said(store, "c1", "go", "gone", attachments=files)
    store.close()
    again = SqliteConversations(path, now_ms=2)
    kept = again.load("c1")
    again.close()
    assert (kept.title, kept.pinned, kept.system) == ("A plan", "by hand", system)
    assert kept.models == {Tier.API: "claude-x"} and kept.updated_ms == 20
    (exchange,) = kept.exchanges
    assert (exchange.task, exchange.reply, exchange.whole) == ("go", "gone", True)
    assert (exchange.number, exchange.entry, exchange.tier) == (number, "e1", Tier.LOCAL)
    assert exchange.attachments[0] == files[0]
    assert exchange.attachments[1].image.data == PNG.data


def test_only_its_owner_can_read_it(store, path):
    begun(store)
    modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
    assert modes and set(modes.values()) == {0o600}
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_in_memory_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    store = SqliteConversations(None, now_ms=1)
    said(store, begun(store), "go", "gone")
    assert store.listed("gone", 9)[0].id == "c1"
    store.close()
    assert not [file for file in tmp_path.rglob("*") if file.is_file()]


def test_a_conversation_is_found_by_any_beginning_of_its_words_and_its_title(store):
    said(store, begun(store, "c1", "Garden", 10), "Which Kräuter?", "Basil grows in the sun", 20)
    said(store, begun(store, "c2", "100% sure_", 30), "how many cards", "two", 40)
    said(store, begun(store, "c3", "Empty", 5), "日本語", "テスト", 6)

    def found(text):
        return [each.id for each in store.listed(text, 9)]

    assert found("") == ["c2", "c1", "c3"], "the newest first"
    assert found("bas sun") == found("kraut") == found("gard") == ["c1"]
    assert found("basil cards") == [] and found("zzz") == []
    assert found("100%") == found("sure_") == ["c2"] and found("%") == ["c2"]
    assert found("日本") == ["c3"]
    for strange in ('"', "*", "a OR", "NEAR(", "'--", "col:x", "-", "\\"):
        found(strange)
    (hit,) = store.listed("basil", 9)
    assert hit.found == "Basil grows in the sun" and hit.messages == 1


def test_an_id_may_be_shortened_while_it_means_one(store):
    begun(store, "abc1")
    begun(store, "abd2")
    assert store.load("abc").id == "abc1"
    assert store.load("ab") is None and store.load("") is None and store.load("x") is None


def test_a_message_without_a_reply_is_removed_and_one_asked_again_stays_to_be_read(store):
    begun(store)
    lost = store.ask("c1", Exchange(task="lost", asked_ms=1))
    store.answer(lost)
    first = said(store, "c1", "go", "no")
    second = store.ask("c1", Exchange(task="go", asked_ms=3))
    store.answer(Exchange(task="go", reply="yes", number=second.number), replaces=first)
    kept = store.load("c1")
    assert [(each.reply, each.replaced) for each in kept.exchanges] == [
        ("no", True),
        ("yes", False),
    ]


def test_a_message_is_written_before_its_reply_comes(store):
    begun(store)
    store.ask("c1", Exchange(task="half way", asked_ms=1))
    (exchange,) = store.load("c1").exchanges
    assert (exchange.task, exchange.reply, exchange.whole) == ("half way", "", False)


def test_a_deleted_conversation_leaves_no_word_in_any_file(store, path):
    secret = "xyzzyplugh"
    begun(store, "c1", f"title {secret}", system=SystemPrompt("s", f"be {secret}"))
    said(store, begun(store, "c2", "Other"), "kept question", "kept answer")
    for n in range(30):
        image = Image("p", "image/png", secret.encode() * 300)
        attached = (
            Attachment(f"{secret}.txt", secret * 200, None, f"/{secret}"),
            Attachment("p", "", image),
        )
        said(store, "c1", f"{secret} {n} {secret}{n}", f"about {secret}s", attachments=attached)
    assert any(secret.encode() in file.read_bytes() for file in path.parent.iterdir())
    assert store.delete("c1") and not store.delete("c1")
    for file in path.parent.iterdir():
        assert secret.encode() not in file.read_bytes(), file
    assert store.listed(secret, 9) == [] and store.tasks(9) == ["kept question"]
    assert store.listed("answer", 9)[0].id == "c2"
    store.forget("c2")
    for file in path.parent.iterdir():
        assert b"kept answer" not in file.read_bytes(), file
    assert store.load("c2").exchanges == ()


def test_what_another_console_deleted_is_not_brought_back(store, path):
    begun(store)
    exchange = store.ask("c1", Exchange(task="go", asked_ms=1))
    other = SqliteConversations(path, now_ms=1)
    other.delete("c1")
    other.close()
    assert not store.answer(Exchange(task="go", reply="late", number=exchange.number))
    assert store.ask("c1", Exchange(task="more", asked_ms=2)) is None
    assert not store.rename("c1", "x") and not store.pin("c1", "x")
    assert store.listed("", 9) == []


def test_two_consoles_write_side_by_side_and_see_each_others_pin(store, path):
    other = SqliteConversations(path, now_ms=1)
    begun(store)
    said(other, "c1", "from the other", "yes")
    said(store, "c1", "from here", "yes")
    other.pin("c1", "by hand")
    assert store.pinned("c1") == "by hand" and store.pinned("none") is None
    assert [each.task for each in store.load("c1").exchanges] == ["from the other", "from here"]
    other.close()


def test_the_last_messages_are_told_oldest_first_and_once(store):
    begun(store)
    for task in ("a", "b", "a", "c"):
        said(store, "c1", task, "x")
    assert store.tasks(9) == ["b", "a", "c"] and store.tasks(2) == ["a", "c"]


def test_lone_surrogates_are_no_trouble(store):
    said(
        store, begun(store), "a\udcffb", "c\ud800", attachments=(Attachment("n\udcff", "t\udcff"),)
    )
    assert store.load("c1").exchanges[0].task == "a?b"


def test_a_damaged_file_is_set_aside(path):
    path.parent.mkdir()
    path.write_bytes(b"no database at all" * 500)
    store = SqliteConversations(path, now_ms=1_795_003_470_000)
    assert "no readable database" in store.notice and "corrupt-20261118" in store.notice
    begun(store)
    store.close()
    (aside,) = path.parent.glob("*.corrupt-*")
    assert aside.read_bytes().startswith(b"no database")


def test_a_file_of_an_older_program_is_brought_up_to_date(path, monkeypatch):
    from console.sources.conversations import schema

    monkeypatch.setattr(schema, "STEPS", STEPS[:1])
    path.parent.mkdir()
    with sqlite3.connect(path) as old:
        schema.bring_up_to_date(old)
        old.execute("INSERT INTO conversations (id, title, created_ms, updated_ms) VALUES "
                    "('c1', 'old', 1, 1)")  # fmt: skip
    old.close()
    monkeypatch.undo()
    store = SqliteConversations(path, now_ms=1)
    assert (store.load("c1").title, store.load("c1").waived) == ("old", frozenset())
    store.close()


def test_a_file_of_a_newer_program_is_left_alone(store, path):
    store.close()
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version = {len(STEPS) + 1}")
    db.close()
    with pytest.raises(ConversationsError, match="newer llmconsole"):
        SqliteConversations(path, now_ms=1)


def test_a_folder_in_the_way_is_one_sentence(tmp_path):
    (tmp_path / "conversations.db").mkdir()
    with pytest.raises(ConversationsError, match="cannot be opened") as caught:
        SqliteConversations(tmp_path / "conversations.db", now_ms=1)
    assert "\n" not in str(caught.value)


WRITER = """
import sys
import time
from pathlib import Path
from console.core.exchange import Exchange
from console.core.kept import Kept
from console.sources.conversations.store import SqliteConversations
store = SqliteConversations(Path(sys.argv[1]), now_ms=1)
name = sys.argv[2]
store.begin(Kept(id=name, title=name))
for n in range(100000):
    asked = store.ask(name, Exchange(task=f"task {n}", asked_ms=n))
    store.answer(Exchange(task=f"task {n}", reply=f"reply {n}", number=asked.number))
    print(n, flush=True)
    time.sleep(0.001)  # SQLite lets nobody queue: who never pauses keeps the other one out
"""


def test_what_was_acknowledged_survives_a_kill(path):
    names = count()
    told = {}
    for _ in range(3):
        pair = [f"w{next(names)}" for _ in range(2)]
        writers = [
            subprocess.Popen([sys.executable, "-c", WRITER, str(path), name],
                             stdout=subprocess.PIPE, text=True)
            for name in pair
        ]  # fmt: skip
        for name, writer in zip(pair, writers, strict=True):
            for line in writer.stdout:
                told[name] = int(line)
                if told[name] >= 20:
                    break
        for name, writer in zip(pair, writers, strict=True):
            os.kill(writer.pid, signal.SIGKILL)
            rest = writer.communicate()[0].split()
            told[name] = int(rest[-1]) if rest else told[name]
    store = SqliteConversations(Path(path), now_ms=2)
    assert store.notice is None
    for name, last in told.items():
        replies = [each.reply for each in store.load(name).exchanges]
        assert replies[: last + 1] == [f"reply {n}" for n in range(last + 1)]
    assert store._db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    store._db.execute("INSERT INTO words (words) VALUES ('integrity-check')")
    store.close()
