"""Which model a process serves."""

import pytest

from console.core.gpu import Card, Process, Snapshot
from console.core.serving import Loaded, named, served_by


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
