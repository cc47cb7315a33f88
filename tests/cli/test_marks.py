"""Marks by path hold for every file whose text is read, not only for those attached by name."""

import json

import pytest

from tests.patience import PATIENCE_S


@pytest.fixture
def marked(tmp_path, environment, own_home):
    """A folder that the settings mark, with a file of harmless words in it."""
    folder = tmp_path / "hr"
    folder.mkdir()
    (folder / "notes.txt").write_text("compare and analyze these", encoding="utf-8")
    config = own_home / ".config" / "llmconsole" / "config.toml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(f'[privacy]\npaths = ["{folder}/*"]\n', encoding="utf-8")
    config.chmod(0o600)
    return folder


@pytest.mark.parametrize("task", ["-", "compare the two of them"])
def test_a_file_that_is_standard_input(start, marked, task):
    with (marked / "notes.txt").open("rb") as file:
        process = start("route", "--json", task, stdin=file)
        out, err = process.communicate(timeout=PATIENCE_S)
    decision = json.loads(out)
    assert (decision["tier"], decision["pin"]) == ("local", "file notes.txt"), err


def test_the_file_of_a_system_prompt(run, marked, stand_ins):
    system = f"@{marked / 'notes.txt'}"
    asked = run("ask", "--json", "--system", system, "compare")
    assert asked.json["entry"]["tier"] == "local"
    refused = run("ask", "--system", system, "--tier", "api", "hi")
    assert refused.code == 3 and "file notes.txt" in refused.err
    free = run("ask", "--json", "--system", system, "--unpin", "mine", "compare")
    assert free.json["entry"]["tier"] == "api"
    assert len(stand_ins.api.chats) == 1


@pytest.mark.parametrize("linked", [False, True])
def test_the_file_of_a_named_system_prompt(run, marked, own_home, stand_ins, linked):
    prompts = own_home / ".config" / "llmconsole" / "prompts"
    prompts.mkdir()
    if linked:
        (prompts / "notes.txt").symlink_to(marked / "notes.txt")
    else:
        config = prompts.parent / "config.toml"
        config.write_text(f'[privacy]\npaths = ["{prompts}/no*"]\n', encoding="utf-8")
        (prompts / "notes.txt").write_text("Be brief.", encoding="utf-8")
    asked = run("ask", "--json", "--system", "notes", "compare")
    assert (asked.json["entry"]["tier"], asked.json["decision"]["pin"]) == (
        "local",
        "file notes.txt",
    )
    refused = run("ask", "--system", "notes", "--tier", "api", "hi")
    assert refused.code == 3 and not stand_ins.api.chats


@pytest.mark.parametrize("linked", [False, True])
def test_a_set_of_prompts_is_left_out_whole(run, marked, tmp_path, stand_ins, linked):
    tasks = marked / "tasks.jsonl"
    tasks.write_text('{"id": "1", "prompt": "hello"}\n{"id": "2", "prompt": "hi"}\n')
    if linked:
        (tmp_path / "tasks.jsonl").symlink_to(tasks)
        tasks = tmp_path / "tasks.jsonl"
    ended = run("compare", "--file", str(tasks), "--yes")
    assert ended.code == 3 and "1 is left out" in ended.err and "file tasks.jsonl" in ended.err
    assert not stand_ins.api.chats and not stand_ins.local.chats
