"""What the Ollama stand-in says of its models: the shape of an 8B Llama, without its weights."""

import hashlib
from typing import Any

MODEL_BYTES = 4_920_753_328
LOADED_BYTES = 6_654_289_920
CONTEXT_LENGTH = 131_072
EMBEDDING_LENGTH = 4_096
LAYERS = 32
VOCABULARY = 128_256

TEMPLATE = "{{- range .Messages }}<|start|>{{ .Role }}\n{{ .Content }}<|end|>\n{{ end }}"


def digest(name: str) -> str:
    """A model's digest: the same for a name, another for another."""
    return hashlib.sha256(f"stand-in {name}".encode()).hexdigest()


def details() -> dict[str, Any]:
    """The few facts that lists of models carry."""
    return {
        "parent_model": "",
        "format": "gguf",
        "family": "llama",
        "families": ["llama"],
        "parameter_size": "8.0B",
        "quantization_level": "Q4_K_M",
    }


def model_info(*, quantization_version: bool) -> dict[str, Any]:
    """The metadata of the model's file; only newer files say how they were quantised."""
    return {
        "general.architecture": "llama",
        "general.file_type": 15,
        "general.parameter_count": 8_030_261_312,
        **({"general.quantization_version": 2} if quantization_version else {}),
        "llama.attention.head_count": 32,
        "llama.attention.head_count_kv": 8,
        "llama.attention.key_length": 128,
        "llama.attention.layer_norm_rms_epsilon": 0.00001,
        "llama.attention.value_length": 128,
        "llama.block_count": LAYERS,
        "llama.context_length": CONTEXT_LENGTH,
        "llama.embedding_length": EMBEDDING_LENGTH,
        "llama.feed_forward_length": 14_336,
        "llama.rope.dimension_count": 128,
        "llama.rope.freq_base": 500_000,
        "llama.vocab_size": VOCABULARY,
        "tokenizer.ggml.add_bos_token": True,
        "tokenizer.ggml.bos_token_id": 128_000,
        "tokenizer.ggml.eos_token_id": 128_009,
        "tokenizer.ggml.eot_token_id": 128_009,
        "tokenizer.ggml.merges": None,
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "llama-bpe",
        "tokenizer.ggml.token_type": None,
        "tokenizer.ggml.tokens": None,
    }


def tensors() -> list[dict[str, Any]]:
    """Name, type and shape of every tensor."""
    width, hidden, keys = EMBEDDING_LENGTH, 14_336, 1_024
    in_block = (
        ("attn_norm", "F32", [width]),
        ("ffn_norm", "F32", [width]),
        ("attn_q", "Q4_K", [width, width]),
        ("attn_k", "Q4_K", [width, keys]),
        ("attn_v", "Q6_K", [width, keys]),
        ("attn_output", "Q4_K", [width, width]),
        ("ffn_gate", "Q4_K", [width, hidden]),
        ("ffn_up", "Q4_K", [width, hidden]),
        ("ffn_down", "Q6_K", [hidden, width]),
    )
    whole = (
        ("token_embd", "Q4_K", [width, VOCABULARY]),
        ("output_norm", "F32", [width]),
        ("output", "Q6_K", [width, VOCABULARY]),
    )
    blocks = (
        (f"blk.{layer}.{name}", kind, shape)
        for layer in range(LAYERS)
        for name, kind, shape in in_block
    )
    return [
        {"name": f"{name}.weight", "type": kind, "shape": shape}
        for name, kind, shape in (*whole, *blocks)
    ]
