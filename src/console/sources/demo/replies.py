"""What the stand-ins say, and the rule by which they count tokens.

A piece is a run of up to eight letters or digits, or one sign, each with the space before it; any
other white space is a piece by itself, but a run of spaces is one. A text has as many tokens as
pieces, and a message four more for its frame, so counts always agree with what is streamed.
"""

import hashlib
import re
from collections.abc import Sequence

_PIECE = re.compile(r" ?\w{1,8}| ?[^\w\s]| +(?= )|\s")

FRAME_TOKENS = 4
"""Tokens that a message has beside its text."""


def pieces(text: str) -> list[str]:
    """The text cut into what a stream sends one by one; joined they are the text again."""
    return _PIECE.findall(text)


def count(text: str) -> int:
    """Tokens of a text."""
    return len(pieces(text))


def framed(text: str) -> int:
    """Tokens of a message with this text."""
    return FRAME_TOKENS + count(text)


def said(content: object) -> str:
    """The text of a message's content: a string, or a list of blocks some of which have text.

    Raises ValueError when it is neither.
    """
    if isinstance(content, str):
        return content
    if isinstance(content, list) and all(isinstance(block, dict) for block in content):
        return "\n".join(str(block["text"]) for block in content if "text" in block)
    raise ValueError("content is neither text nor blocks")


def choose(replies: Sequence[str], prompt: str) -> str:
    """One of the replies, always the same for a prompt."""
    digest = hashlib.sha256(prompt.encode(errors="replace")).digest()
    return replies[int.from_bytes(digest[:4]) % len(replies)]


LOCAL_REPLIES = (
    """\
I am the demo's **local stand-in**, not a model, so this text was written in advance.

A real open model on your box would answer here. What the console does with the reply is real:

- it streams in piece by piece over the Ollama protocol
- the ledger counts its tokens as the server reports them
- Escape stops it, and the server notices

Try a task with the word *compare* in it: that one goes to the API.""",
    """\
## Extracting fields from a log line

*This comes from the demo's local stand-in; no model wrote it for your prompt.*

```python
import re

LINE = re.compile(r"(?P<at>\\S+) (?P<level>[A-Z]+) (?P<text>.*)")


def fields(line: str) -> dict[str, str] | None:
    found = LINE.match(line)
    return found.groupdict() if found else None
```

1. `\\S+` takes the time, whatever its format.
2. The level is upper case, so a lower-case word is not mistaken for it.
3. A line that does not match gives `None`, not an exception.""",
    """\
Short answer, from the demo's local stand-in rather than a model: **routine work stays on the box**.

| what | where it shows |
|---|---|
| tokens per second | on the message, once it is complete |
| energy | in the ledger, beside the row's dollars |
| the reason for the tier | under the prompt, and in the ledger |

Nothing you type here leaves this machine.""",
    """\
### What a watt-hour costs

The demo's local stand-in has this text ready for some prompts; it is no model's answer.

A card that draws 300 W for 4 seconds uses 1,200 joules. In dollars, at $0.188 per kWh:

```text
1,200 J / 3,600,000 J per kWh  =  0.000333 kWh
0.000333 kWh x $0.188          =  $0.0000627
```

So sixteen thousand such replies cost about one dollar of electricity, *before* the hardware's \
own share.""",
)

API_REPLIES = (
    """\
## Two tiers, one question

You are reading the demo's **API stand-in**: prepared text from a server on this machine, not a \
model, and nothing was billed.

| | local model | proprietary API |
|---|---|---|
| capability | enough for routine work | strongest on hard reasoning |
| cost | electricity and hardware | dollars per token |
| privacy | nothing leaves the box | the prompt leaves |
| operations | drivers, updates, on-call | someone else's pager |
| dependency | open weights | one vendor's prices |

**Recommendation.** Let the policy send routine requests to the box and complex ones to the API, \
keep the ledger open for a month, then read the break-even in the what-if pane. A figure from your \
own traffic beats any table.""",
    """\
# Moving a workload to the box

*Prepared text from the demo's API stand-in; no model evaluated your prompt.*

1. **Measure first.** Requests a day, tokens in and out, and how many of them are complex.
2. **Compare on your own prompts.** The same task on both tiers, side by side, with a verdict kept.
3. **Move what is routine.** Extraction, summaries and classification usually come first.
4. **Keep the way back open.** A tier is a few lines of configuration:

```toml
[tiers.local]
kind = "ollama"
model = "llama3.1:8b"
```

The risk worth planning for is not quality but *operations*: a driver update at the wrong moment \
costs more than a month of tokens.""",
    """\
### Where the lines cross

The demo's API stand-in sends this for some prompts. It is not a model's analysis.

An API bill grows with every request; a machine costs nearly the same idle or busy. So there is \
one volume at which they are equal:

```python
def break_even(machine_per_month: float, api_per_request: float) -> float:
    \"\"\"Requests a day above which the machine is cheaper.\"\"\"
    return machine_per_month / api_per_request / 30
```

With a machine at $693 a month and requests at $0.00425 each, that is 5,435 a day. Three things \
move it:

- **longer prompts** make the API dearer and the crossing come sooner
- **prompt caching** makes repeated context cheaper and the crossing come later
- **an idle machine** still draws power: count it""",
    """\
A nuanced question deserves a real model, and this is only the demo's **API stand-in**, so here is \
what to look at instead:

- the tier and its reason stand on this message
- the ledger has a new row with cached and uncached tokens apart
- ask again in this conversation, and the earlier turns are read from the cache

> Cache reads cost a tenth of the input price at Anthropic. A ledger that bills them in full \
overstates a long conversation several times over.

Press the key for *retry on the other tier* to see both replies in one conversation.""",
)
