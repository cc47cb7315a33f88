"""A chat model small enough to be made by a test: half a megabyte that real llama.cpp loads.

Nothing is trained. Embeddings are random signs; the output matrix is solved so that each token
prefers what follows it in SENTENCES, and small random attention lets the whole prompt have a say.
So replies are readable, differ from prompt to prompt, and end, or never end if asked for.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from graphlib import TopologicalSorter
from itertools import pairwise
from pathlib import Path

# No word may lead back to itself, or a reply could run in circles.
SENTENCES = (
    "All eight cards are cool at 41 °C and wait for work.",
    "Your box answered this by itself, no cloud was asked.",
    "The queue is short ✓ so every job should start soon.",
    "Local models cost only power, which the meter counts.",
    "I know little but follow one word after another.",
    "Nothing left this room.",
)

WIDTH = 128
HEAD = 32
END, TURN, TURN_END = "<|endoftext|>", "<|im_start|>", "<|im_end|>"

CHAT_TEMPLATE = (
    "{%- for message in messages %}<|im_start|>{{ message.role }}\n"
    "{{ message.content or '' }}<|im_end|>\n"
    "{% endfor %}{%- if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


class Vocabulary:
    """Byte-level BPE: the 256 bytes, and a chain of merges for every word of the sentences."""

    def __init__(self) -> None:
        plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
        other = [byte for byte in range(256) if byte not in plain]
        self._letters = {byte: chr(byte) for byte in plain}
        self._letters |= {byte: chr(256 + at) for at, byte in enumerate(other)}
        self.tokens = [self._letters[byte] for byte in range(256)]
        self.merges: list[tuple[str, str]] = []
        words = [piece for sentence in SENTENCES for piece in pieces(sentence)]
        for word in [*words, "user", "assistant", "system"]:
            # What is not ASCII stays bytes, so that a character is split while it streams.
            if word.isascii():
                self._learn(self._spelled(word))
        self.ordinary = len(self.tokens)
        self.tokens += [END, TURN, TURN_END]
        self.ids = {token: at for at, token in enumerate(self.tokens)}
        self._rank = {merge: at for at, merge in enumerate(self.merges)}

    def _spelled(self, word: str) -> str:
        return "".join(self._letters[byte] for byte in word.encode())

    def _learn(self, word: str) -> None:
        for end in range(2, len(word) + 1):
            if word[:end] not in self.tokens:
                self.tokens.append(word[:end])
                self.merges.append((word[: end - 1], word[end - 1]))

    def encode(self, word: str) -> list[int]:
        """The tokens that llama.cpp makes of a word: the earliest learnt merge goes first."""
        parts = list(self._spelled(word))
        while True:
            known = [
                (self._rank[pair], at)
                for at, pair in enumerate(pairwise(parts))
                if pair in self._rank
            ]
            if not known:
                return [self.ids[part] for part in parts]
            at = min(known)[1]
            parts[at : at + 2] = [parts[at] + parts[at + 1]]


def pieces(sentence: str) -> Iterator[str]:
    """Words with the space before them, and punctuation apart, as the gpt-2 rules split."""
    for at, word in enumerate(sentence.split(" ")):
        bare = word.rstrip(".,")
        yield (" " if at else "") + bare
        if bare != word:
            yield word[len(bare) :]


def write_tiny_gguf(
    path: Path, *, endless: bool = False, layers: int = 2, context: int = 131_072
) -> Path:
    """Write the model; `endless` never stops by itself, more `layers` are slower."""
    import gguf
    import numpy as np

    vocabulary = Vocabulary()
    newline = vocabulary.encode("\n")[0]
    follows: defaultdict[int, Counter[int]] = defaultdict(Counter)
    for sentence in SENTENCES:
        # A reply starts after the newline that ends "<|im_start|>assistant".
        tokens = [
            newline,
            *(token for piece in pieces(sentence) for token in vocabulary.encode(piece)),
        ]
        for one, next_one in pairwise(tokens):
            follows[one][next_one] += 1
        follows[tokens[-1]][newline if endless else vocabulary.ids[TURN_END]] += 1
    if not endless:
        TopologicalSorter(follows).prepare()  # raises CycleError
    known = sorted(follows)
    assert len(known) <= WIDTH, f"{len(known)} tokens have to fit {WIDTH} dimensions"

    random = np.random.default_rng(11)
    # Signs have a root mean square of 1, which RMSNorm leaves alone.
    embedding = random.choice([-1.0, 1.0], (len(vocabulary.tokens), WIDTH))
    wanted = np.full((len(vocabulary.tokens), len(known)), -9.0)
    for column, token in enumerate(known):
        for next_token, count in follows[token].items():
            wanted[next_token, column] = 5.0 + np.log(count / follows[token].total())
    output = wanted @ np.linalg.pinv(embedding[known].T)

    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("tiny")
    writer.add_context_length(context)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(WIDTH)
    writer.add_head_count(1)
    writer.add_head_count_kv(1)
    writer.add_key_length(HEAD)
    writer.add_value_length(HEAD)
    writer.add_rope_dimension_count(HEAD)
    writer.add_rope_freq_base(500_000.0)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(vocabulary.tokens))
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(vocabulary.tokens)
    special = len(vocabulary.tokens) - vocabulary.ordinary
    writer.add_token_types(
        [gguf.TokenType.NORMAL] * vocabulary.ordinary + [gguf.TokenType.CONTROL] * special
    )
    writer.add_token_merges([" ".join(merge) for merge in vocabulary.merges])
    writer.add_bos_token_id(vocabulary.ids[END])
    writer.add_eos_token_id(vocabulary.ids[TURN_END])
    writer.add_eot_token_id(vocabulary.ids[TURN_END])
    writer.add_add_bos_token(False)
    writer.add_chat_template(CHAT_TEMPLATE)

    def scattered(rows: int, columns: int, size: float) -> np.ndarray:
        return random.standard_normal((rows, columns)) * size / np.sqrt(columns)

    quiet = 0.5 / layers
    tensors = {"token_embd": embedding, "output": output}
    for layer in range(layers):
        block = f"blk.{layer}."
        tensors |= {
            f"{block}attn_q": scattered(HEAD, WIDTH, 1.0),
            f"{block}attn_k": scattered(HEAD, WIDTH, 1.0),
            f"{block}attn_v": scattered(HEAD, WIDTH, 1.0),
            f"{block}attn_output": scattered(WIDTH, HEAD, quiet),
            f"{block}ffn_gate": scattered(WIDTH, WIDTH, 1.0),
            f"{block}ffn_up": scattered(WIDTH, WIDTH, 1.0),
            f"{block}ffn_down": scattered(WIDTH, WIDTH, quiet / 4),
        }
        for norm in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"{block}{norm}.weight", np.ones(WIDTH, np.float32))
    writer.add_tensor("output_norm.weight", np.ones(WIDTH, np.float32))
    for name, tensor in tensors.items():
        writer.add_tensor(f"{name}.weight", np.ascontiguousarray(tensor, np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
