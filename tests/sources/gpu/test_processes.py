"""Whose processes are on a card, from a /proc of the test's own."""

import os

import pytest

from console.core.gpu import Process
from console.sources.gpu.memory import system_memory
from console.sources.gpu.processes import ELSEWHERE, ENDED, FIRST_NAMESPACE, LONGEST, People


@pytest.fixture
def proc(tmp_path):
    """A /proc on the host; adds processes to it."""
    (tmp_path / "self/ns").mkdir(parents=True)
    (tmp_path / "self/ns/pid").symlink_to(FIRST_NAMESPACE)

    def add(pid, command=b"llama-server\0-m\0a.gguf\0", began="555", inner=None):
        folder = tmp_path / str(pid)
        folder.mkdir(exist_ok=True)
        fields = ["S", *"0" * 18, began]
        (folder / "stat").write_text(f"{pid} (a name (with) parentheses) {' '.join(fields)}\n")
        (folder / "cmdline").write_bytes(command)
        (folder / "comm").write_text("kworker\n")
        pids = f"{pid}\t{inner}" if inner else f"{pid}"
        (folder / "status").write_text(f"Name:\tx\nNSpid:\t{pids}\n")
        return folder

    add.path = tmp_path
    return add


def test_a_process_of_the_host_and_one_in_a_container(proc):
    proc(17)
    proc(18, inner=4)
    one, other = People(proc.path).named([Process(pid=17, memory_b=9), Process(pid=18)])
    assert (one.command, one.container_pid, one.hidden) == ("llama-server -m a.gguf", None, None)
    assert one.user and (one.memory_b, other.container_pid) == (9, 4)


def test_a_pid_that_was_given_to_another_process_is_looked_up_anew(proc):
    people = People(proc.path)
    proc(17)
    assert people.named([Process(pid=17)])[0].command.startswith("llama")
    proc(17, command=b"other\0", began="556")
    assert people.named([Process(pid=17)])[0].command == "other"
    for file in ("stat", "cmdline"):
        (proc.path / "17" / file).unlink()
    assert people.named([Process(pid=17)])[0].hidden == ENDED


def test_in_a_container_a_pid_of_the_host_is_not_taken_for_one_of_its_own(proc):
    proc(17)
    (proc.path / "self/ns/pid").unlink()
    (proc.path / "self/ns/pid").symlink_to("pid:[4026532447]")
    (one,) = People(proc.path).named([Process(pid=17, sm_pct=3)])
    assert (one.pid, one.sm_pct, one.command, one.hidden) == (17, 3, None, ELSEWHERE)


def test_foreign_words_are_safe_and_short_and_a_process_without_any_has_its_name(proc):
    proc(17, command=b"evil\x1b[2J\nname\0" + b"x" * 1000)
    proc(18, command=b"")
    wild, kernel = sorted(People(proc.path).named([Process(pid=17), Process(pid=18)]),
                          key=lambda process: process.pid)  # fmt: skip
    assert wild.command.startswith("evil␛[2J name x") and len(wild.command) == LONGEST
    assert kernel.command == "kworker"


def test_the_largest_comes_first(proc):
    found = [Process(pid=pid, memory_b=size) for pid, size in ((1, 5), (2, 50), (3, None))]
    assert [each.pid for each in People(proc.path).named(found)] == [2, 1, 3]


def test_the_systems_memory(tmp_path):
    (tmp_path / "meminfo").write_text("MemTotal: 1000 kB\nMemFree: 1 kB\nMemAvailable: 400 kB\n")
    assert system_memory(tmp_path) == (600 * 1024, 1000 * 1024)
    (tmp_path / "meminfo").write_text("MemTotal: many\n")
    assert system_memory(tmp_path) == (None, None)


def test_this_very_process(proc):
    people = People()
    (me,) = people.named([Process(pid=os.getpid())])
    assert me.hidden == ELSEWHERE or "pytest" in me.command
