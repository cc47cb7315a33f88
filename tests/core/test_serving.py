"""Which model a process serves."""

import pytest

from console.core.gpu import Card, Process, Snapshot
from console.core.serving import Loaded, is_nameless, named, served_by


@pytest.mark.parametrize(
    ("command", "model"),
    [
        ("/usr/bin/llama-server -m /models/qwen3-8b-q4_k_m.gguf -c 8192", "qwen3-8b-q4_k_m"),
        ("llama-server --model ./a.gguf --alias fast", "fast"),
        ("llama-server -hf ggml-org/gemma-3-4b-it-GGUF", "ggml-org/gemma-3-4b-it-GGUF"),
        ("python3 -m vllm.entrypoints.openai.api_server --model Qwen/Qwen3-8B", "Qwen/Qwen3-8B"),
        ("/opt/vllm/bin/vllm serve Qwen/Qwen3-8B --port 8000", "Qwen/Qwen3-8B"),
        ("vllm serve --port 8000", None),
        ("vllm serve /srv/weights/qwen/ --served-model-name=house", "house"),
        ("python3 -m sglang.launch_server --model-path meta/llama", "meta/llama"),
        ("python train.py --model big", None),
        ("llama-server -m", None),
        ("/usr/bin/ollama runner --model /blobs/sha256-1", None),
        ("", None),
        (None, None),
    ],
)
def test_a_command_names_its_model(command, model):
    assert served_by(command) == model


def runner(pid, gib):
    return Process(pid=pid, command=f"ollama runner --port {pid}", memory_b=gib << 30)


def test_ollamas_processes_are_told_apart_by_their_size_over_all_cards():
    snapshot = Snapshot(at_ms=0, cards=(
        Card(index=0, uuid="a", name="x", processes=(runner(1, 5), runner(2, 20))),
        Card(index=1, uuid="b", name="x", processes=(runner(2, 22), Process(pid=3, command="x"))),
        Card(index=2, uuid="c", name="x", processes=None),
    ))  # fmt: skip
    loaded = (Loaded("llama3.3:70b", 40 << 30), Loaded("llama3.1:8b", 5 << 30))
    cards = named(snapshot, loaded).cards
    assert [p.model for p in cards[0].processes] == ["llama3.1:8b", "llama3.3:70b"]
    assert [p.model for p in cards[1].processes] == ["llama3.3:70b", None]
    assert named(snapshot, ()).cards[0].processes[0].model is None


def test_two_runners_of_which_one_is_about_to_end():
    snapshot = Snapshot(at_ms=0, cards=(
        Card(index=0, uuid="a", name="x", processes=(runner(1, 5), runner(2, 6))),
    ))  # fmt: skip
    cards = named(snapshot, (Loaded("m", 6 << 30),)).cards
    assert [p.model for p in cards[0].processes] == [None, "m"]


@pytest.mark.parametrize(
    ("command", "nameless"),
    [("VLLM::EngineCore", True), ("sglang::scheduler_TP0", True), ("vllm serve --port 8000", True),
     ("vllm serve Qwen/Qwen3-8B", False), ("/usr/bin/ollama runner --port 1", False),
     ("python train.py", False), (None, False)],
)  # fmt: skip
def test_a_servers_process_whose_command_names_no_model(command, nameless):
    assert is_nameless(command) is nameless


def test_what_the_configured_server_has_is_what_its_nameless_processes_serve():
    workers = tuple(Process(pid=n, command=f"VLLM::Worker_TP{n}") for n in (1, 2))
    snapshot = Snapshot(at_ms=0, cards=(
        Card(index=0, uuid="a", name="x", processes=(workers[0], Process(pid=3, command="train"))),
        Card(index=1, uuid="b", name="x", processes=(workers[1],)),
    ))  # fmt: skip

    def models(*loaded, of=snapshot):
        cards = named(of, loaded).cards
        return [process.model for card in cards for process in card.processes]

    assert models(Loaded("Qwen/Qwen3-8B")) == ["Qwen/Qwen3-8B", None, "Qwen/Qwen3-8B"]
    assert models(Loaded("/srv/m/qwen.gguf"))[0] == "qwen"
    assert models(Loaded("one"), Loaded("two")) == [None] * 3
    assert models(Loaded("an ollama model", 5 << 30)) == [None] * 3
    # The server's model is that of another process, whose command says so.
    other = Card(index=2, uuid="c", name="x", processes=(Process(pid=9, command="vllm serve one"),))
    both = Snapshot(at_ms=0, cards=(*snapshot.cards, other))
    assert models(Loaded("one"), of=both) == [None, None, None, "one"]
