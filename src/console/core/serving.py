"""Which model a process on a card serves, from its command and from what its server lists."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from console.core.gpu import Process, Snapshot

_FLAGS = (
    *("--served-model-name", "--alias", "-a"),  # what the operator calls it comes first
    *("--model", "--model-path", "--hf-repo", "-hf", "-m"),
)
# Also as what the workers of vLLM and SGLang call themselves, which names no model.
_SERVERS = ("vllm", "sglang", "llama-server", "llama.cpp", "tabby", "text-generation", "mlc_llm",
            "lmdeploy", "aphrodite", "koboldcpp", "exllama", "tritonserver")  # fmt: skip


class Loaded(NamedTuple):
    """A model that a server has in memory, and how many bytes of it are on cards, if it says so."""

    name: str
    vram_b: int | None = None


def is_ollamas(command: str | None) -> bool:
    """Whether a process is one of those in which Ollama runs its models."""
    return command is not None and "ollama" in command and "runner" in command


def is_nameless(command: str | None) -> bool:
    """Whether a process is an inference server's, but its command names no model."""
    return _is_servers(command) and not is_ollamas(command) and served_by(command) is None


def _is_servers(command: str | None) -> bool:
    return command is not None and any(server in command.lower() for server in _SERVERS)


def served_by(command: str | None) -> str | None:
    """The model that an inference server's command names; None for other commands."""
    if command is None or not _is_servers(command):
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


def named(snapshot: Snapshot, loaded: Sequence[Loaded], own: Collection[int] = ()) -> Snapshot:
    """The snapshot whose processes say what they serve, where that can be told.

    Ollama's processes do not name their model: each gets the one whose bytes on cards are
    nearest to its own, over all cards, and each model goes to one process. Another server tells
    no bytes: if it has one model, and no command names that, it is what nameless processes serve,
    and those that are known to be its `own`, by pid.
    """
    sizes: dict[int, int] = {}
    for card in snapshot.cards:
        for process in card.processes or ():
            if is_ollamas(process.command):
                sizes[process.pid] = sizes.get(process.pid, 0) + (process.memory_b or 0)
    free, models = list(loaded), dict[int, str]()
    pairs = sorted(
        (abs(each.vram_b - size), pid, each.name)
        for pid, size in sizes.items()
        for each in loaded
        if each.vram_b is not None
    )
    for _, pid, name in pairs:
        taken = next((each for each in free if each.name == name), None)
        if pid not in models and taken is not None:
            models[pid] = name
            free.remove(taken)

    only = _only(snapshot, loaded)

    def with_model(process: Process) -> Process:
        model = process.model or models.get(process.pid) or served_by(process.command)
        if model is None and (is_nameless(process.command) or process.pid in own):
            model = only
        return process if model == process.model else process._replace(model=model)

    cards = tuple(
        card._replace(processes=tuple(map(with_model, card.processes))) if card.processes else card
        for card in snapshot.cards
    )
    return snapshot._replace(cards=cards)


def _only(snapshot: Snapshot, loaded: Sequence[Loaded]) -> str | None:
    """The one model of a server that tells no bytes, unless a process names it as its own."""
    if len(loaded) != 1 or loaded[0].vram_b is not None:
        return None
    commands = (process.command for card in snapshot.cards for process in card.processes or ())
    name = _short(loaded[0].name)
    return None if name in map(served_by, commands) else name


def _short(model: str) -> str:
    """A path's last part without its ending; a name of a hub as it is."""
    if model.startswith(("/", ".", "~")) or model.endswith(".gguf"):
        model = model.rstrip("/").rpartition("/")[2]
    return model.removesuffix(".gguf")
