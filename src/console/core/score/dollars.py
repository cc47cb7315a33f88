"""What a prompt would cost at the API, before it is sent."""

from dataclasses import dataclass

CHARS_PER_TOKEN = 4
"""A token is about four characters of English."""

DEFAULT_REPLY_CHARS = 800.0
"""How long a reply is taken to be where nothing is known: about 200 tokens."""


@dataclass(frozen=True, slots=True)
class CallPrice:
    """Dollars per million tokens."""

    input: float
    output: float

    def usd(self, prompt_chars: float, reply_chars: float = DEFAULT_REPLY_CHARS) -> float:
        """Dollars for one request; never 0, so that gain can be divided by them."""
        chars = prompt_chars * self.input + reply_chars * self.output
        return max(chars / CHARS_PER_TOKEN / 1e6, 1e-12)


TYPICAL = CallPrice(3.0, 15.0)
"""What tokens of the large models cost where no list has the model: usually 1 to 5."""
