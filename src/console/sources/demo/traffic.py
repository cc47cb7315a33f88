"""An invented past for the demo's throw-away ledger; no request in it was ever made."""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from console.core.chat import Turn
from console.core.entry import Ending, EnergySource, Entry
from console.core.hardware import Hardware
from console.core.money import to_nano
from console.core.pricing import PriceCard, charged
from console.core.routing.decide import decide
from console.core.routing.request import Request
from console.core.settings import API_DEFAULT, LOCAL_DEFAULT
from console.core.tier import Tier
from console.core.usage import Usage, UsageSource, WireShape, normalise
from console.sources.demo import llama
from console.sources.demo.servers import API_TOKENS_PER_S, LOCAL_TOKENS_PER_S

ROWS = 400
DAYS = 9
HOUR_MS = 3_600_000
CHARS_PER_TOKEN = 4
JOULES_PER_KWH = 3_600_000

BY_HOUR = (2, 1, 1, 0, 0, 0, 1, 3, 8, 14, 16, 15, 9, 12, 15, 16, 14, 10, 6, 5, 6, 5, 4, 3)
"""How busy each local hour of a working day is; weekends have a quarter of it."""

TASKS = (
    ("Extract the invoice number and the due date from this mail.", 1_200),
    ("Summarise the stand-up notes in five bullets.", 2_400),
    ("Write a regular expression for ISO dates.", 0),
    ("Translate the release note to German.", 900),
    ("Rename the variables of this function so that they say what they hold.", 1_500),
    ("Classify these tickets by urgency.", 3_100),
    ("Explain this stack trace.", 2_800),
    ("Draft a reply to this customer.", 700),
    ("Turn this CSV into a Markdown table.", 1_900),
    ("Write a unit test for this parser.", 2_200),
    ("Which port does this service listen on?", 600),
    ("Compare these two contracts clause by clause.", 9_800),
    ("Analyze last week's error budget.", 3_400),
    ("Recommend a retention period for the logs.", 0),
    ("Evaluate this design document.", 14_000),
    ("Summarise the incident report.", 22_000),
)
"""What is asked for, and about how many characters of context come with it."""

FOLLOW_UPS = (
    "Shorter, please.",
    "Now as a table.",
    "What did you leave out?",
    "Compare it with the first version.",
    "Give me a test for it.",
    "And in one sentence?",
)

PriceOf = Callable[[str, str], PriceCard | None]
"""The price card of a provider's model."""


def past(
    now_ms: int,
    *,
    price: PriceOf,
    usd_per_kwh: Decimal,
    hardware: Hardware | None = None,
    zone: str = "UTC",
    seed: int = 1,
) -> Iterator[Entry]:
    """About 400 finished entries of the nine days up to `now_ms`, oldest first.

    The same arguments give the same entries. `zone` is the IANA zone in which there is day and
    night.
    """
    rng = random.Random(seed)
    entries: list[Entry] = []
    while len(entries) < ROWS:
        began_ms = _moment(rng, now_ms, zone)
        talk = _Talk(rng, price, usd_per_kwh, hardware, zone, began_ms)
        entries += [entry for entry in talk.entries() if (entry.ended_ms or 0) < now_ms]
    yield from sorted(entries, key=lambda entry: (entry.started_ms, entry.id))


def _moment(rng: random.Random, now_ms: int, zone: str) -> int:
    """A time at which somebody might begin to ask, by the rhythm of their week."""
    local = _zone(zone)
    while True:
        at_ms = now_ms - rng.randrange(60_000, DAYS * 24 * HOUR_MS)
        moment = datetime.fromtimestamp(at_ms / 1000, local)
        share = BY_HOUR[moment.hour] / (1 if moment.weekday() < 5 else 4)
        if rng.uniform(0, max(BY_HOUR)) < share:
            return at_ms


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC  # A box without zone files still gets its demo.


@dataclass
class _Talk:
    """One conversation of the past."""

    rng: random.Random
    price: PriceOf
    usd_per_kwh: Decimal
    hardware: Hardware | None
    zone: str
    at_ms: int
    turns: list[Turn] = field(default_factory=list)
    cached_chars: int = 0

    def entries(self) -> Iterator[Entry]:
        """Its requests, one per turn."""
        rng = self.rng
        conversation = _hex(rng)
        pinned = "by hand" if rng.random() < 0.05 else None
        for turn in range(rng.choices((1, 2, 3, 4, 6), (55, 22, 12, 7, 4))[0]):
            task, context = rng.choice(TASKS) if turn == 0 else (rng.choice(FOLLOW_UPS), 0)
            by_hand = rng.choice(list(Tier)) if not pinned and rng.random() < 0.04 else None
            request = Request(
                task=task,
                attachments="." * int(context * rng.uniform(0.6, 1.5)),
                history=tuple(self.turns),
                pinned=pinned,
                forced=by_hand,
            )
            entry = self._asked(request, conversation)
            yield entry
            self.at_ms = (entry.ended_ms or self.at_ms) + int(rng.uniform(15, 200) * 1000)
            if entry.reply_chars:
                reply = Turn("assistant", "." * entry.reply_chars)
                self.turns += [Turn("user", request.message), reply]

    def _asked(self, request: Request, conversation: str) -> Entry:
        # Written in advance, so that nothing in it needs looking for.
        decision = decide(request, look=lambda text, ignored: None)
        tier = decision.tier or Tier.LOCAL
        text = request.prompt().text
        opened = Entry(
            id=_hex(self.rng),
            started_ms=self.at_ms,
            zone=self.zone,
            tier=tier,
            provider="anthropic" if tier is Tier.API else "ollama",
            model=API_DEFAULT.model if tier is Tier.API else LOCAL_DEFAULT.model,
            policy=decision.policy,
            reason=decision.reason,
            conversation=conversation,
            prompt_chars=len(text),
            prompt_bytes=len(text.encode()),
        )
        ending = self.rng.choices(
            (Ending.DONE, Ending.CANCELLED, Ending.ERROR, Ending.TIMEOUT), (930, 40, 25, 5)
        )[0]
        if ending in (Ending.ERROR, Ending.TIMEOUT):
            return self._priced(_failed(opened, ending, self.rng))
        return self._priced(self._answered(opened, request, ending))

    def _answered(self, entry: Entry, request: Request, ending: Ending) -> Entry:
        rng, api = self.rng, entry.tier is Tier.API
        output = int(min(max(rng.lognormvariate(5.2, 0.7), 8), 1_024))
        raw = self._raw_api(request) if api else {"prompt_eval_count": _tokens(entry.prompt_chars)}
        prompt = sum(count for count in raw.values() if isinstance(count, int))
        done = ending is Ending.DONE
        output = output if done else max(output // rng.randint(2, 6), 1)
        chars = output * CHARS_PER_TOKEN
        name = "output_tokens" if api else "eval_count"
        if done:
            shape = WireShape.ANTHROPIC if api else WireShape.OLLAMA
            raw |= {name: output}
            usage = normalise(shape, raw)
        elif api:
            # A stopped stream has said what it read, and for its output only a placeholder.
            raw |= {name: 1}
            usage = replace(normalise(WireShape.ANTHROPIC, raw), output=output)
        else:
            raw = {}
            usage = Usage(uncached=_tokens(entry.prompt_chars), output=output)
        pace = API_TOKENS_PER_S if api else LOCAL_TOKENS_PER_S
        ttft_s = rng.uniform(0.5, 1.3) + prompt / 8_000 if api else 0.15 + prompt / 1_500
        length_s = ttft_s + output / (pace * rng.uniform(0.85, 1.1))
        return replace(
            entry,
            ended_ms=entry.started_ms + round(length_s * 1000),
            ending=ending,
            ttft_ms=round(ttft_s * 1000),
            model_reported=entry.model,
            model_digest=None if api else llama.digest(entry.model),
            response_id=f"msg_{_hex(rng)[:24]}" if api else None,
            usage=usage,
            usage_source=UsageSource.REPORTED if done else UsageSource.ESTIMATED,
            usage_raw=json.dumps(raw) if raw else None,
            reply_chars=chars,
            reply_bytes=chars,
        )

    def _raw_api(self, request: Request) -> dict[str, Any]:
        """Input counts: what stood before this message is cached, read where it was before."""
        before = sum(len(turn.text) for turn in request.history)
        read = min(self.cached_chars, before)
        self.cached_chars = before
        written = _tokens(before - read)
        all_tokens = _tokens(len(request.prompt().text))
        return {
            "input_tokens": max(all_tokens - written - _tokens(read), 1),
            "cache_creation_input_tokens": written,
            "cache_read_input_tokens": _tokens(read),
            "cache_creation": {
                "ephemeral_5m_input_tokens": written,
                "ephemeral_1h_input_tokens": 0,
            },
        }

    def _priced(self, entry: Entry) -> Entry:
        card = self.price("anthropic", API_DEFAULT.model)
        nano, price = charged(entry.usage, card)
        if entry.tier is Tier.API:
            return replace(entry, cost_nano=nano, price=price)
        watts = self.rng.uniform(190, 280)
        joules = round((entry.duration_ms or 0) / 1000 * watts, 1)
        how, error = _known(entry.id, joules)
        hardware = self.hardware
        return replace(
            entry,
            energy_j=joules,
            energy_source=how,
            energy_error_j=error,
            energy_nano=to_nano(Decimal(joules) * self.usd_per_kwh / JOULES_PER_KWH),
            tariff_usd_per_kwh=str(self.usd_per_kwh),
            hardware_nano=hardware.share_nano(entry.duration_ms or 0) if hardware else None,
            hardware_rule=hardware.rule if hardware else None,
            shadow_nano=nano,
            shadow_price=price,
        )


def _known(id: str, joules: float) -> tuple[EnergySource, float | None]:
    """How a past request's joules were known: most measured, a few shared, a few estimated."""
    one_of = int(id[:8], 16) % 20
    if one_of == 0:
        return EnergySource.ESTIMATED, None
    off = 0.02 if one_of > 2 else 0.15
    return EnergySource.MEASURED if one_of > 2 else EnergySource.ALLOCATED, round(joules * off, 1)


def _failed(entry: Entry, ending: Ending, rng: random.Random) -> Entry:
    """An entry that ended without a reply."""
    if ending is Ending.TIMEOUT:
        sent = Usage(uncached=_tokens(entry.prompt_chars), output=0)
        error, length_ms, source = "No token within 120 s.", 120_000, UsageSource.ESTIMATED
    else:
        # Refused before anything was served: no tokens, and that is known.
        sent, source, length_ms = (
            Usage(uncached=0, output=0),
            UsageSource.NONE,
            rng.randint(90, 900),
        )
        error = (
            "The API is overloaded (529)."
            if entry.tier is Tier.API
            else "The local server is busy (503)."
        )
    return replace(
        entry,
        ended_ms=entry.started_ms + length_ms,
        ending=ending,
        error=error,
        usage=sent,
        usage_source=source,
        reply_chars=0,
        reply_bytes=0,
    )


def _tokens(chars: int) -> int:
    return -(-chars // CHARS_PER_TOKEN)


def _hex(rng: random.Random) -> str:
    return f"{rng.getrandbits(128):032x}"
