"""`chats` and `ask` with a stored conversation: kept only if wanted, found, and gone on with."""

import json
import sqlite3

import pytest

from console.sources.places import find_places


@pytest.fixture
def keeping(environment, stand_ins):
    """Conversations are kept."""
    environment["LLMCONSOLE_CHAT_STORE"] = "true"
    return stand_ins


def listed(run, *words):
    return run("chats", *words, "--json").json["chats"]


def test_nothing_is_kept_unless_it_is_wanted(run, stand_ins):
    ended = run("ask", "--conversation", "new", "hello")
    assert ended.code == 2 and "chat.store" in ended.err and ended.out == ""
    ended = run("chats")
    assert (ended.code, ended.out) == (0, "") and "are not kept" in ended.err
    assert run("chats", "--json").json == {"kept": False, "chats": []}
    assert not find_places().conversations.exists()


def test_a_conversation_goes_on_from_one_command_to_the_next(run, keeping):
    first = run("ask", "--conversation", "new", "Basil grows where?", "--json").json
    id = first["conversation"]
    ended = run("ask", "--conversation", "last", "And mint?")
    assert ended.code == 0 and f"conversation {id}" in ended.err
    said = [(turn["role"], turn["content"]) for turn in keeping.local.chats[1].json["messages"]]
    assert said[0] == ("user", "Basil grows where?") and said[-1] == ("user", "And mint?")
    assert len(said) == 3
    assert run("ask", "alone").code == 0
    [chat] = listed(run)
    assert (chat["id"], chat["title"], chat["messages"]) == (id, "Basil grows where?", 2)
    shown = run("chats", "show", id[:6], "--json").json
    assert [each["task"] for each in shown["exchanges"]] == ["Basil grows where?", "And mint?"]
    assert shown["exchanges"][0]["entry"] == first["entry"]["id"]
    assert shown["exchanges"][0]["took"]["prompt_tokens"] == first["entry"]["prompt_tokens"]
    assert "## You · " in run("chats", "show", id).out


def test_found_renamed_exported_and_deleted(run, keeping, tmp_path):
    id = run("ask", "--conversation", "new", "Basil grows where?", "--json").json["conversation"]
    run("ask", "--conversation", "new", "cards")
    assert [each["id"] for each in listed(run, "search", "bas", "grow")] == [id]
    assert run("chats", "rename", id, "Garden").code == 0
    assert "Garden" in run("chats", "search", "garden").out
    assert run("chats", "export", id, "talk.json").code == 0
    assert json.loads((tmp_path / "talk.json").read_text())["title"] == "Garden"
    again = run("chats", "export", id, "talk.json")
    assert again.code == 2 and "exists already" in again.err
    refused = run("chats", "delete", id)
    assert refused.code == 2 and "--yes" in refused.err and len(listed(run)) == 2
    assert run("chats", "delete", id, "--yes").code == 0
    assert [each["title"] for each in listed(run)] == ["cards"]
    for verb in (("show", id), ("rename", id, "x"), ("delete", id, "--yes"), ("export", id)):
        ended = run("chats", *verb)
        assert ended.code == 2 and "no such conversation" in ended.err
    assert run("ask", "--conversation", id, "x").code == 2


def test_a_pinned_conversation_stays_pinned(run, keeping):
    id = run("ask", "--pin", "--conversation", "new", "hello", "--json").json["conversation"]
    answer = run("ask", "--conversation", id, "analyze this", "--json").json
    assert answer["decision"]["tier"] == "local" and keeping.api.chats == []
    ended = run("ask", "--conversation", id, "--tier", "api", "x")
    assert ended.code == 3 and keeping.api.chats == []
    assert listed(run)[0]["pinned"] == "--pin"


def test_a_damaged_file_is_set_aside(run, keeping):
    path = find_places().conversations
    path.parent.mkdir(parents=True)
    path.write_bytes(b"no database" * 100)
    assert run("ask", "--conversation", "new", "hello").code == 0
    assert len(listed(run)) == 1 and list(path.parent.glob("conversations.db.corrupt-*"))


def test_what_is_piped_in_beside_text_is_its_context(run, keeping):
    assert run("ask", "Sum up", input="first\nsecond").code == 0
    [chat] = keeping.local.chats
    assert chat.json["messages"][-1]["content"] == "Sum up\n\nContext: first\nsecond"


def test_patterns_images_models_prompts_and_tags(run, keeping, tmp_path, own_home):
    (tmp_path / "src").mkdir()
    for name in ("a.py", "b.py"):
        (tmp_path / "src" / name).write_text(name)
    (tmp_path / "plan.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    prompts = own_home / ".config/llmconsole/prompts"
    prompts.mkdir(parents=True)
    (prompts / "terse.md").write_text("Be brief.\n")
    ended = run("ask", "look", "--file", "src/*.py", "--image", "plan.png", "--system", "terse",
                "--tag", "site", "--tier", "local", "--json")  # fmt: skip
    assert ended.code == 0, ended.err
    [chat] = keeping.local.chats
    system, message = chat.json["messages"]
    assert (system["role"], system["content"]) == ("system", "Be brief.")
    assert message["content"].endswith("File: a.py\na.py\n\nFile: b.py\nb.py")
    assert message["images"] == ["iVBORw0KGgo="]
    entry = ended.json["entry"]
    assert (entry["tag"], entry["system_name"], len(entry["system_hash"])) == ("site", "terse", 16)
    versions = list((own_home / ".local/share/llmconsole/prompts").iterdir())
    assert [file.read_text() for file in versions] == ["Be brief."]
    for arguments, words in (
        (("--image", "src/a.py"), "is no image"),
        (("--system", "none"), "there are terse"),
        (("--file", "*.none"), "matches no file"),
    ):
        ended = run("ask", "x", *arguments)
        assert ended.code == 2 and words in ended.err


def test_prompts_are_listed_and_a_used_version_is_shown_by_its_hash(run, keeping, own_home):
    assert "no prompt in" in run("prompts").err
    folder = own_home / ".config/llmconsole/prompts"
    folder.mkdir(parents=True)
    (folder / "terse.md").write_text("Be brief.\n")
    (folder / "broken.md").write_bytes(b"\xff")
    listed = run("prompts", "--json")
    [terse] = listed.json["prompts"]
    assert (terse["name"], terse["chars"]) == ("terse", 9) and "broken.md" in listed.err
    entry = run("ask", "hello", "--system", "terse", "--json").json["entry"]
    assert entry["system_hash"] == terse["hash"]
    (folder / "terse.md").write_text("Other.\n")
    assert run("prompts", "show", "terse").out == "Other.\n"
    assert run("prompts", "show", terse["hash"]).out == "Be brief.\n"
    assert run("prompts", "show", "none").code == 2


def test_another_model_of_the_tier(run, keeping):
    run("ask", "hello", "--model", "other:8b")
    assert keeping.local.chats[0].json["model"] == "other:8b"


def test_a_dear_request_is_refused_without_a_terminal_unless_yes(run, keeping, environment):
    environment["LLMCONSOLE_CHAT_CONFIRM_ABOVE_USD"] = "0.000001"
    ended = run("ask", "analyze this")
    assert ended.code == 3 and "--yes sends it" in ended.err and keeping.api.chats == []
    assert run("ask", "analyze this", "--yes").code == 0
    assert run("ask", "hello").code == 0


def test_a_tag_that_leads_to_the_api_is_asked_about_too(run, keeping, environment, own_home):
    environment["LLMCONSOLE_CHAT_CONFIRM_ABOVE_USD"] = "0.000001"
    config = own_home / ".config" / "llmconsole" / "config.toml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text('[[router.rules]]\nname = "b"\ntier = "api"\ntag = ["batch"]\n')
    config.chmod(0o600)
    ended = run("ask", "--tag", "batch", "hello")
    assert ended.code == 3 and "--yes sends it" in ended.err and keeping.api.chats == []


def test_the_files_are_their_owners_alone(run, keeping):
    run("ask", "--conversation", "new", "hello")
    path = find_places().conversations
    assert path.stat().st_mode & 0o777 == 0o600
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT count(*) FROM exchanges").fetchone() == (1,)
