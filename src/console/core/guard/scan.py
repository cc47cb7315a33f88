"""The guard: which kinds of thing are in a text, or why that cannot be known."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from console.core.guard import accounts, network, phones, secrets, tokens
from console.core.guard.alike import alike
from console.core.guard.encoded import encoded
from console.core.guard.kinds import Kind
from console.core.guard.plain import plain

MOST_CHARS = 1_000_000
"""The longest text that is looked through; a longer one stays on the box."""

MOST_S = 1.0
"""The longest that looking may take; a text that takes longer stays on the box."""

CODINGS = 2
"""Codings inside one another that are read."""

_GROWN = 4

Detector = Callable[[str, str], bool]
"""Whether a kind is in a text, given too in lower case."""

_ANYWHERE: tuple[tuple[Kind, Detector], ...] = (
    (Kind.PRIVATE_KEY, secrets.private_key),
    (Kind.JWT, secrets.jwt),
    (Kind.TOKEN, tokens.token),
    (Kind.EMAIL, network.email),
    (Kind.CREDENTIAL, secrets.credential),
)
_WITH_DIGITS: tuple[tuple[Kind, Detector], ...] = (
    (Kind.CARD, accounts.card),
    (Kind.IBAN, accounts.iban),
    (Kind.SSN, accounts.ssn),
    (Kind.PHONE, phones.phone),
    (Kind.IP, network.ip),
)


@dataclass(frozen=True, slots=True)
class Findings:
    """The kinds found; `trouble` says in words why the text could not be looked through."""

    kinds: tuple[Kind, ...] = ()
    trouble: str | None = None

    @property
    def clean(self) -> bool:
        """Whether the text was looked through and nothing was found."""
        return not self.kinds and self.trouble is None

    @property
    def words(self) -> str:
        """What was found, without it."""
        return self.trouble or ", ".join(kind.words for kind in self.kinds)


def unfolded(text: str) -> str:
    """A text in plain form as it stands, as what is encoded in it reads, and as it looks.

    What is encoded twice is read twice; a third coding is not. Each reading is at most as long as
    what it is a reading of.
    """
    seen = plain(text)
    if _grown(seen, text):
        return seen
    readings = level = [seen]
    for _ in range(CODINGS):
        level = [plain(said) for each in level for said in encoded(each)]
        readings = [*readings, *level]
    looks = [look for each in readings if (look := alike(each))]
    return "\n".join((*readings, *looks))


def scan(
    text: str,
    now: Callable[[], float] = lambda: 0.0,
    *,
    ignored: Collection[Kind] = (),
) -> Findings:
    """The kinds in `text` but those that the operator has ruled out.

    `now` is a clock in seconds; its limit is looked at between two kinds, each of which takes
    time linear in the text.
    """
    if len(text) > MOST_CHARS:
        return Findings(trouble=f"a text of {len(text):,} characters is too long to look through")
    if "\0" in text:
        return Findings(trouble="binary content cannot be looked through")
    began = now()
    seen = unfolded(text)
    if _grown(seen, text):
        return Findings(trouble="a text that unfolds to many times its size is not looked through")
    low = seen.lower()
    found: list[Kind] = []
    detectors = _ANYWHERE
    if any(map(seen.__contains__, "0123456789")):
        detectors += _WITH_DIGITS
    if ":" in seen or "-" in seen or "." in seen:
        detectors += ((Kind.MAC, network.mac),)
    for kind, detector in detectors:
        if now() - began > MOST_S:
            return Findings(tuple(found), f"looking through took longer than {MOST_S:g} s")
        if kind not in ignored and detector(seen, low):
            found.append(kind)
    return Findings(tuple(found))


def _grown(seen: str, text: str) -> bool:
    """Whether plain form is so much longer that looking through it would take too long."""
    return len(seen) > _GROWN * len(text) + 100
