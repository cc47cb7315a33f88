"""What a caller hears of its request, in order."""

from typing import NamedTuple

from console.core.chat import Delta, FailureKind, Thinking
from console.core.entry import Entry
from console.core.routing.decision import Decision
from console.core.tier import Tier


class Routed(NamedTuple):
    """The request has a tier, and a row in the ledger; nothing has left yet.

    Each attempt has a row of its own, so a retry or a fallback is followed by another of these.
    A `provisional` reply may yet be set aside, once it is whole and a second model was asked.
    """

    entry: Entry
    decision: Decision
    provisional: bool = False


class Retrying(NamedTuple):
    """An attempt failed before its first word; the same tier is asked again in `retry_in_s`.

    `entry` is the failed attempt's closed row. `attempt` counts the retries from 1 to `of`.
    """

    entry: Entry
    what: str
    hint: str
    kind: FailureKind
    retry_in_s: float
    attempt: int
    of: int


class FellBack(NamedTuple):
    """The chosen tier failed before its first word, and the other one is asked now.

    `entry` is the failed attempt's closed row.
    """

    entry: Entry
    what: str
    hint: str
    kind: FailureKind
    to: Tier


class Checking(NamedTuple):
    """The reply of row `entry` is whole, and a second local model is asked the same."""

    entry: Entry
    model: str


class Checked(NamedTuple):
    """The reply of row `entry` stands; `words` say what the second model said."""

    entry: Entry
    words: str


class SetAside(NamedTuple):
    """What was said so far is no longer the reply, and another follows; `words` say why.

    `entry` is its closed row, None when nothing was written.
    """

    entry: Entry | None
    words: str


class Done(NamedTuple):
    """The reply is complete; `ledger_trouble` is a sentence when its row could not be closed.

    `stop_reason` is why the model stopped, in the protocol's word.
    """

    entry: Entry
    ledger_trouble: str | None = None
    stop_reason: str | None = None


class Failed(NamedTuple):
    """The request was refused, failed or stopped; `what` happened and what to do (`hint`).

    `entry` is None when nothing was written, because nothing was sent. `retry_after_s` is when the
    server wishes to be asked again.
    """

    entry: Entry | None
    decision: Decision
    what: str
    hint: str = ""
    kind: FailureKind | None = None
    ledger_trouble: str | None = None
    retry_after_s: float | None = None


class Stopped(NamedTuple):
    """The caller was cancelled; what the reply took until then."""

    entry: Entry
    ledger_trouble: str | None = None


Event = (
    Routed
    | Delta
    | Thinking
    | Retrying
    | FellBack
    | Checking
    | Checked
    | SetAside
    | Done
    | Failed
    | Stopped
)
