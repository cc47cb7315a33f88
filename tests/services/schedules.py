"""Random histories of an operator, and what of them a recording API side may have seen.

A history is a seeded sequence of messages, pins, comparisons, titles, token counts and changes of
the settings, over tiers that fail at random. Every text that is told has a mark of its own.
"""

import asyncio
import base64
import itertools
import random
from dataclasses import replace
from urllib.parse import quote

from console.core.chat import Attachment, Delta, FailureKind, ModelFailure, Reported
from console.core.exchange import Exchange
from console.core.routing.gate import Purpose
from console.core.settings import Settings
from console.core.tier import Tier
from console.core.usage import WireShape
from console.services.books import Books
from console.services.compare import Comparer
from console.services.conversation import Conversation
from console.services.dispatcher import Dispatcher, Failed, Routed
from console.services.live import LiveSettings
from console.services.tiers import Tiers
from console.sources.demo.faults import Fault
from console.sources.models import model_source
from tests.services.fakes import Clock, ListedPrices, MemoryLedger, ScriptedModel

FAILING = [kind for kind in FailureKind if kind is not FailureKind.KEY_MISSING]
SECRETS = (
    "write to {mark}@rhyta.com",
    "card 4111 1111 1111 1111, name {mark}",
    "{mark}: my ssn is 460-89-9847",
    "IBAN DE89 3704 0044 0532 0130 00 of {mark}",
    "password: hunter2{mark}",
    "project aurora, {mark}",
    "{mark} at 106.31.73.20",
    "how many digits has {mark}, ssn 460-89-9847?",
)
FAULTS = (
    Fault(), Fault(), Fault(status=429, retry_after=1), Fault(status=529), Fault(status=500),
    Fault(cut_after=0), Fault(cut_after=2), Fault(malformed_after=1), Fault(error_after=0),
    Fault(status=400, body="it said: 4111 1111 1111 1111"), Fault(status=302),
)  # fmt: skip
HARMLESS = (
    "compare {mark} with it",
    "what is {mark}",
    "analyze {mark}",
    "sum up {mark}",
    "how many words are {mark}?",
)


def leaks(mark: str, seen: bytes) -> bool:
    """Whether a mark is in bytes: as it is, URL-encoded, or in base64 at any offset."""
    raw = mark.encode()
    forms = [raw, quote(mark, safe="").encode(), "".join(f"%{byte:02X}" for byte in raw).encode()]
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + raw)
        forms.append(coded[-(-shift * 4 // 3) : len(coded) // 4 * 4 - 4])
    return any(form in seen for form in forms)


class Recording(ScriptedModel):
    """A model that keeps all it is sent, and fails as the history's dice say."""

    def __init__(self, dice, tier, home, into):
        shape = WireShape.OLLAMA if tier is Tier.LOCAL else WireShape.ANTHROPIC
        model = "llama3.1:8b" if tier is Tier.LOCAL else "claude-sonnet-5-5"
        super().__init__(provider="ollama" if tier is Tier.LOCAL else "anthropic",
                         model=model, shape=shape)  # fmt: skip
        self.dice, self.home, self.into = dice, home, into

    async def stream(self, prompt):
        self.into.append(repr(prompt).encode())
        if self.dice.random() < 0.5:
            kind = self.dice.choice(FAILING)
            if self.dice.random() < 0.3:
                yield Delta("half an ans")
            # A server's complaint repeats what it was sent.
            raise ModelFailure(kind, f"It said: {prompt.turns[-1].text}",
                               retry_after_s=self.dice.choice([None, 1.0, 90.0]))  # fmt: skip
        yield Delta(f"the answer is {self.dice.randrange(3)}")
        yield Reported(usage={"prompt_eval_count": 1, "eval_count": 1,
                              "input_tokens": 1, "output_tokens": 1}, final=True)  # fmt: skip

    async def count(self, prompt):
        self.into.append(repr(prompt).encode())
        return 7


class World:
    """The services over recording tiers, and one conversation at a time."""

    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.outside, self.inside = [], []
        self.settings = Settings(
            fallback="both", stay_words=("project aurora",), cascade_model="second"
        )
        self.stamp = 0
        self.ledger, self.clock, ids = MemoryLedger(), Clock(), itertools.count()
        self.books = Books(lambda: self.ledger, self.clock)
        self.live = LiveSettings(self.settings, stamp=lambda: self.stamp,
                                 load=lambda: self.settings)  # fmt: skip
        self.dispatcher = Dispatcher(
            Tiers(self.settings, self.opened), self.books, ListedPrices(), self.clock,
            self.settings, new_id=lambda: f"id{next(ids)}", live=self.live, sleep=self.slept,
        )  # fmt: skip
        self.comparer = Comparer(self.dispatcher, self.books, self.clock,
                                 new_id=lambda: f"p{next(ids)}", coin=lambda: True)  # fmt: skip
        self.marks = itertools.count()
        self.begin()

    def opened(self, settings, tier):
        home = tier is Tier.LOCAL and "127.0.0.1" in settings.base_url
        return Recording(self.dice, tier, home, self.inside if home else self.outside)

    async def slept(self, seconds):
        """While a retry waits, much can happen."""
        if self.dice.random() < 0.4:
            self.pin()
        if self.dice.random() < 0.2:
            self.change()

    def begin(self):
        self.conversation = Conversation(id=f"c{next(self.marks)}")
        self.said = []
        self.must_stay = {}
        self.late = set()

    def text(self, forms):
        mark = f"mark{next(self.marks):05}{self.dice.randrange(10**6):06}z"
        self.said.append(mark)
        return mark, self.dice.choice(forms).format(mark=mark)

    def stays(self, *marks):
        """From here on these may be neither sent out nor kept."""
        for mark in marks:
            self.must_stay.setdefault(mark, (len(self.outside), len(self.ledger.writes)))

    def pin(self):
        """By hand, all that was said so far, and all that will be."""
        self.conversation.pin("by hand")
        # A row that is just being closed was decided on before: rows count from the step's end.
        self.late |= set(self.said) - set(self.must_stay)
        self.stays(*self.said)

    def hear(self, event):
        """What is found in a message keeps its conversation from then on."""
        if isinstance(event, Routed | Failed) and event.decision.pin:
            self.conversation.pin(event.decision.pin)
            self.stays(*self.said)

    def change(self):
        """Other settings, some of which send the local tier elsewhere."""
        here = self.dice.random() < 0.7
        local = replace(Settings().local, base_url="http://127.0.0.1:11434" if here else
                        "http://models.example")  # fmt: skip
        policy = self.dice.choice(["article", "table", "local-only", "api-only"])
        self.settings = replace(self.settings, policy=policy, local=local)
        self.stamp += 1

    async def step(self):
        """Something the operator does."""
        secret = self.dice.random() < 0.4
        mark, task = self.text(SECRETS if secret else HARMLESS)
        if secret or self.conversation.pinned:
            self.stays(mark)
        if self.dice.random() < 0.2:
            self.conversation.attachments = [Attachment("notes.txt", task)]
        request = self.conversation.request(task)
        forced = self.dice.choice([None, None, *Tier])
        act = self.dice.randrange(8)
        about = {"conversation": self.conversation.id, "pinned": lambda: self.conversation.pinned}
        if act < 4:
            outcome = await self.dispatcher.ask(replace(request, forced=forced), self.hear, **about)
            if outcome.entry and outcome.entry.reply_chars:
                self.conversation.sent()
                self.conversation.keep(Exchange(task=task, reply="an answer"))
        elif act == 4:
            try:
                pair = self.comparer.pair(request)
                await self.comparer.ask(pair, lambda side, event: None, **about)
            except ValueError:
                pass
        elif act == 5:
            await self.dispatcher.ask(replace(request, forced=Tier.API), self.hear,
                                      purpose=Purpose.TITLE, **about)  # fmt: skip
        elif act == 6:
            await self.dispatcher.count(request)
        else:
            self.dice.choice([self.pin, self.change])()

    async def live_through(self, steps):
        for _ in range(steps):
            await self.step()
            for mark in self.late:
                self.must_stay[mark] = (self.must_stay[mark][0], len(self.ledger.writes))
            self.late.clear()

    def found(self):
        """What leaked: texts outside the box, or in the ledger, that had to stay."""
        found = []
        for mark, (sent, kept) in self.must_stay.items():
            if any(leaks(mark, seen) for seen in self.outside[sent:]):
                found.append(("api", mark))
            if leaks(mark, repr(self.ledger.writes[kept:]).encode()):
                found.append(("ledger", mark))
        return found

    async def aclose(self):
        await self.dispatcher.aclose()
        await self.books.aclose()


class Bodies:
    """All that a stand-in has received, as a list of bytes."""

    def __init__(self, server):
        self.server = server

    def __len__(self):
        return len(self.server.requests)

    def __getitem__(self, at):
        found = self.server.requests[at]
        return [f"{one.path}?{one.query}{one.headers}".encode() + one.body for one in found]


class HttpWorld(World):
    """The same over real clients and real connections to stand-ins."""

    def __init__(self, seed, servers):
        self.servers = servers
        super().__init__(seed)
        self.outside = Bodies(servers.api)

    def opened(self, settings, tier):
        settings = replace(settings, connect_timeout_s=2.0, first_token_timeout_s=5.0)
        own = self.servers.settings()
        if tier is Tier.API:
            settings = replace(settings, base_url=own.api.base_url, key_env=own.api.key_env)
        elif "127.0.0.1" in settings.base_url:
            settings = replace(settings, base_url=own.local.base_url)
        return model_source(settings, self.servers.environment, tier)

    async def step(self):
        for server in (self.servers.local, self.servers.api):
            server.order(*(self.dice.choice(FAULTS) for _ in range(3)))
        await super().step()

    async def aclose(self):
        await super().aclose()
        await self.dispatcher.tiers.aclose()


def run(schedules, steps=6, first=0, make=World):
    """All leaks of so many histories, each from its own seed; the number of texts that stayed."""

    async def all_of_them():
        found, stayed = [], 0
        for seed in range(first, first + schedules):
            world = make(seed)
            await world.live_through(steps)
            found += [(seed, *leak) for leak in world.found()]
            stayed += len(world.must_stay)
            await world.aclose()
        return found, stayed

    return asyncio.run(all_of_them())
