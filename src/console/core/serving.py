"""Which model a process on a card serves, from its command and from what its server lists."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from console.core.gpu import Process, Snapshot

_FLAGS = (
    *("--served-model-name", "--alias", "-a"),  # what the operator calls it comes first
    *("--model", "--model-path", "--hf-repo", "-hf", "-m"),
)
_SERVERS = ("vllm", "sglang", "llama-server", "llama.cpp", "tabby", "text-generation", "mlc_llm",
            "lmdeploy", "aphrodite", "koboldcpp", "exllama", "tritonserver")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model that a server has in memory, and how many bytes of it are on cards."""

    name: str
    vram_b: int


def is_ollamas(command: str | None) -> bool:
    """Whether a process is one of those in which Ollama runs its models."""
    return command is not None and "ollama" in command and "runner" in command


def served_by(command: str | None) -> str | None:
    """The model that an inference server's command names; None for other commands."""
    if command is None or not any(server in command for server in _SERVERS):
        return None
    words = command.split()
    said: dict[str, str] = {}
    for word, following in zip(words, [*words[1:], ""], strict=True):
        flag, _, value = word.partition("=")
        value = value or following
        # Python's own -m names the server, not a model.
        if flag in _FLAGS and value and not value.startswith(_SERVERS):
            said.setdefault(flag, value)
    for flag in _FLAGS:
        if flag in said:
            return _short(said[flag])
    after = words[words.index("serve") + 1 :][:1] if "serve" in words else []
    return _short(after[0]) if after and not after[0].startswith("-") else None


def named(snapshot: Snapshot, loaded: Sequence[Loaded]) -> Snapshot:
    """The snapshot whose processes say what they serve, where that can be told.

    Ollama's processes do not name their model: each gets the one whose bytes on cards are
    nearest to its own, over all cards, and each model goes to one process.
    """
    sizes: dict[int, int] = {}
    for card in snapshot.cards:
        for process in card.processes or ():
            if is_ollamas(process.command):
                sizes[process.pid] = sizes.get(process.pid, 0) + (process.memory_b or 0)
    free, models = list(loaded), dict[int, str]()
    pairs = sorted(
        (abs(each.vram_b - size), pid, each.name) for pid, size in sizes.items() for each in loaded
    )
    for _, pid, name in pairs:
        taken = next((each for each in free if each.name == name), None)
        if pid not in models and taken is not None:
            models[pid] = name
            free.remove(taken)

    def with_model(process: Process) -> Process:
        model = process.model or models.get(process.pid) or served_by(process.command)
        return process if model == process.model else replace(process, model=model)

    cards = tuple(
        replace(card, processes=tuple(map(with_model, card.processes))) if card.processes else card
        for card in snapshot.cards
    )
    return replace(snapshot, cards=cards)


def _short(model: str) -> str:
    """A path's last part without its ending; a name of a hub as it is."""
    if model.startswith(("/", ".", "~")) or model.endswith(".gguf"):
        model = model.rstrip("/").rpartition("/")[2]
    return model.removesuffix(".gguf")
