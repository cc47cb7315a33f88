"""What the services need from the world, as Protocols that adapters fit by shape."""

from collections.abc import AsyncGenerator, Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol

from console.core.chat import Attached, Chunk, Probe, Prompt, SystemPrompt
from console.core.edge import Edge
from console.core.energy import Spent
from console.core.entry import Entry, Totals
from console.core.exchange import Exchange
from console.core.gpu import Snapshot
from console.core.group import Group
from console.core.kept import Kept, Listed
from console.core.pricing import PriceCard
from console.core.query import Grouping, Query
from console.core.score.label import Label
from console.core.score.model import Fitted
from console.core.series import KeptBucket
from console.core.serving import Loaded
from console.core.tier import Tier
from console.core.usage import WireShape
from console.core.verdict import Verdict
from console.core.whatif.benchmark import Benchmark
from console.core.whatif.policy import Row
from console.core.whatif.scenario import Scenario
from console.core.whatif.traffic import Traffic


class ModelSource(Protocol):
    """A model server behind one tier.

    Construction opens and imports nothing; the first `stream` or `probe` does.
    """

    @property
    def provider(self) -> str:
        """The provider id that prices are listed under ("anthropic", "openai", "ollama")."""

    @property
    def model(self) -> str:
        """The model as the operator named it."""

    @property
    def shape(self) -> WireShape:
        """The form its usage objects have."""

    def stream(self, prompt: Prompt) -> AsyncGenerator[Chunk, None]:
        """The reply, piece by piece; closing the iterator stops the server's work.

        Raises ModelFailure.
        """

    async def probe(self) -> Probe:
        """How the server is, without sending a prompt; never raises for a server's failure."""

    async def count(self, prompt: Prompt) -> int | None:
        """The prompt's tokens, counted by the server, which is sent all of it; None: it does not.

        Raises ModelFailure.
        """

    async def residence(self) -> str | None:
        """Why what is sent would leave the server's own machine, asked anew; None: it does not."""

    async def loaded(self) -> Sequence[Loaded]:
        """The models that the server has in memory; none where it does not tell. Never raises."""

    async def aclose(self) -> None:
        """Close connections."""


class GpuSource(Protocol):
    """A stream of GPU snapshots."""

    def snapshots(self, interval_s: float) -> AsyncGenerator[Snapshot, None]:
        """One snapshot per interval, for ever.

        Failures come as snapshots whose `trouble` says what is wrong, one per look; it looks
        again by itself. Closing the iterator releases the driver.
        """

    def set_interval(self, interval_s: float) -> None:
        """Change the interval of the stream that is under way."""

    def profile(self, uuids: Collection[str]) -> None:
        """Read the profiling metrics of these cards, and of no others, from now on."""

    async def edges(self, ticks: int) -> list[Edge]:
        """Each card's energy counter now and at its next tick, which takes about 0.1 s.

        With two `ticks` the length of a tick is told as well. A card without a counter, or one
        that does not answer in time, is left out; none while no stream is under way.
        """


class RequestMeter(Protocol):
    """Tells what each request of the local tier took from the cards."""

    def begin(self, id: str) -> None:
        """A request is about to be sent to the local tier."""

    async def end(self, id: str, tokens: int | None = None) -> Spent | None:
        """Its energy until now; None when unknown. `tokens` are those it wrote.

        Waits for the energy counter's next tick, about 0.1 s.
        """

    def drop(self, id: str) -> None:
        """It ended without asking for its energy; nothing happens where it did."""

    def wrote(self, tokens: float) -> None:
        """The local tier wrote about so many tokens."""


class HistoryStore(Protocol):
    """Where closed buckets outlive the process. Called from threads, one call at a time."""

    def load(self) -> list[KeptBucket]:
        """All that was kept, oldest first; what is damaged is left out. Raises OSError."""

    def append(self, kept: Iterable[KeptBucket]) -> None:
        """Add closed buckets. Raises OSError."""

    def close(self) -> None:
        """Let go of the file."""


class LedgerReader(Protocol):
    """Reads of the ledger's file, in a thread of their own; only `interrupt` is for others.

    Raises OSError with a sentence for the operator when the file cannot be used.
    """

    def recent(self, limit: int, before: tuple[int, str] | None = None) -> list[Entry]:
        """Rows newest first; `before` is the (started_ms, id) of the last row already shown."""

    def newer(self, limit: int, after: tuple[int, str] | None = None) -> list[Entry]:
        """The rows that come next after `after` in time, newest first; without it the oldest."""

    def page(
        self, query: Query, limit: int, after: Entry | None, now_ms: int, zone: str
    ) -> list[Entry]:
        """Rows of a filter in its order, those that follow `after`."""

    def totals(
        self, since_ms: int | None = None, until_ms: int | None = None
    ) -> dict[Tier, Totals]:
        """Sums by tier over rows that began in a window; always has both tiers."""

    def groups(
        self, query: Query, by: Grouping | None, now_ms: int, zone: str
    ) -> dict[str, dict[Tier, Totals]]:
        """Sums of a filter's rows by group and tier; without a grouping under the key ""."""

    def first_ms(self) -> int | None:
        """When the oldest row began."""

    def get(self, id: str) -> Entry | None:
        """The row whose id begins so, if it is the only one."""

    def kin(self, entry: Entry) -> list[Entry]:
        """The row and those that belong together with it by `parent`, oldest first."""

    def repricings(self, id: str) -> list[dict[str, Any]]:
        """Each repricing of a row, oldest first: when, which figure, old and new."""

    def verdicts(self) -> list[Verdict]:
        """What was said of compared replies, oldest first."""

    def schema(self) -> str:
        """The SQL of the file's tables, views, indexes and triggers."""

    def change_stamp(self) -> int:
        """A number that differs after any write, by this process or another."""

    def interrupt(self) -> None:
        """End the read that is under way in another thread."""

    def close(self) -> None:
        """Close the file."""


class LedgerStore(LedgerReader, Protocol):
    """The ledger's file as its writer; called from one thread only.

    Raises OSError with a sentence for the operator when the file cannot be used.
    """

    notice: str | None
    """A sentence when something happened to the file at opening."""

    def open_entry(self, entry: Entry) -> None:
        """Write a row before its request's first byte leaves."""

    def close_entry(self, entry: Entry) -> None:
        """Write how a row ended; token counts never shrink."""

    def keep_verdict(self, verdict: Verdict) -> None:
        """Keep what was said of two replies; a second verdict on the pair replaces the first."""

    def keep_unpinning(self, at_ms: int, conversation: str, pin: str, reason: str) -> None:
        """Keep that a conversation was let off the box: what had pinned it, and why it may go."""

    def reader(self) -> LedgerReader:
        """A reader of the same file, for another thread."""


class LedgerExports(Protocol):
    """Files of what is shown of the ledger; raises OSError with a sentence."""

    def rows(self, rows: Iterable[Entry], at_ms: int) -> Sequence[str]:
        """Write rows in every form; the paths of the files."""

    def groups(self, groups: Iterable[Group], by: Grouping, at_ms: int) -> Sequence[str]:
        """Write sums in every form; the paths of the files."""


class TrafficLog(Protocol):
    """What the what-if reads of the ledger; safe to call from any thread, it never writes.

    Raises OSError with a sentence for the operator when the file cannot be read.
    """

    def first_ms(self) -> int | None:
        """When the oldest row began; None in an empty ledger."""

    def traffic(self, since_ms: int, until_ms: int, days: Sequence[str], zone: str) -> Traffic:
        """The sums of a window whose complete local days are `days` (ISO dates)."""

    def replay_rows(self, since_ms: int, until_ms: int, cuts: Sequence[int]) -> list[Row]:
        """The window's ended rows; those that no rule and no price tells apart come as one.

        `cuts` are numbers of prompt tokens at which a rule or a price changes.
        """

    def arrivals(self, since_ms: int, until_ms: int) -> list[Row]:
        """The window's served single requests with known tokens, one by one, with their times."""


class ScenarioShelf(Protocol):
    """Scenario files and exports; raises OSError or ValueError with a sentence."""

    def names(self) -> list[str]:
        """The saved scenarios."""

    def load(self, name: str) -> Scenario:
        """A saved scenario by name, or any file by path."""

    def save(self, name: str, scenario: Scenario) -> str:
        """Write a scenario; the path it has now."""

    def export(self, name: str, text: str) -> str:
        """Write an export; the path it has now."""

    def benchmark(self) -> Benchmark | None:
        """The load test that was imported last."""

    def keep_benchmark(self, path: str) -> Benchmark:
        """Import the load test in a file of AIPerf or GuideLLM."""

    def forget_benchmark(self) -> bool:
        """Forget the load test; false when there was none."""

    def policies(self) -> list[str]:
        """The operator's own replay policies, by name."""

    def policy(self, name: str) -> Mapping[str, Any]:
        """The tables of a replay policy, by name or from any file by path."""


class Files(Protocol):
    """The files of this machine, as the operator names them."""

    def attach(self, pattern: str) -> Attached:
        """The files of a path or a pattern; raises OSError or ValueError with a sentence."""

    def complete(self, start: str) -> list[str]:
        """The paths that begin so, folders with a slash at the end."""

    def write(self, path: str, text: str) -> str:
        """Write a new file and say where; raises OSError or ValueError with a sentence."""


class Editor(Protocol):
    """The operator's own editor."""

    def edit(self, text: str) -> str:
        """The text as the operator left it; raises ValueError with a sentence."""


class Prompts(Protocol):
    """System prompts by name."""

    def names(self) -> list[str]:
        """The prompts there are."""

    def read(self, name: str) -> SystemPrompt:
        """A prompt by its name, or from a file by `@` and its path.

        Raises ValueError with a sentence when there is none.
        """

    def used(self, prompt: SystemPrompt) -> None:
        """Keep the text of a version that is about to be used."""


class ConversationStore(Protocol):
    """Conversations where they are kept; called from one thread only.

    Raises OSError with a sentence for the operator when the file cannot be used. What says whether
    a conversation is there is false, or None, when another console has deleted it.
    """

    notice: str | None
    """A sentence when something happened to the file at opening."""

    def listed(self, find: str, limit: int) -> list[Listed]:
        """Conversations that hold all words of `find`, the newest first."""

    def load(self, id: str) -> Kept | None:
        """The conversation whose id begins so, if it is the only one."""

    def pinned(self, id: str) -> str | None:
        """Why nothing of a conversation may leave the box, if so."""

    def begin(self, kept: Kept) -> None:
        """Write a new conversation, with what was said in it."""

    def choose(self, kept: Kept) -> bool:
        """Write which system prompt and models a conversation uses."""

    def pin(self, id: str, why: str | None, waived: frozenset[str] = frozenset()) -> bool:
        """Write that a conversation must stay on the box, or no longer, and for what."""

    def rename(self, id: str, title: str) -> bool:
        """Give a conversation another title."""

    def ask(self, id: str, exchange: Exchange) -> Exchange | None:
        """Write a message before it is sent, and give it its number."""

    def answer(self, exchange: Exchange, *, replaces: int | None = None) -> bool:
        """Write what came of a message; without any reply it is removed."""

    def forget(self, id: str) -> None:
        """Delete what was said in a conversation."""

    def delete(self, id: str) -> bool:
        """Delete a conversation."""

    def tasks(self, limit: int) -> list[str]:
        """The last different messages of all conversations, oldest first."""

    def close(self) -> None:
        """Close the file."""


class Copies(Protocol):
    """Files for texts that are copied."""

    def keep(self, text: str, now_ms: int) -> str:
        """Write a text into a new file, 0600; its path. Raises OSError."""


class PriceList(Protocol):
    """Prices by provider and model."""

    def card(self, provider: str, model: str, at_ms: int) -> PriceCard | None:
        """The card in force at a time; None when no list has the model. Never asked for local."""


class ScoreFitter(Protocol):
    """Fits the router's score to labels; the same labels give the same model."""

    def fit(self, labels: Sequence[Label]) -> Fitted:
        """A model, and what fits that did not see a label say of it.

        Raises ValueError with a sentence for labels that cannot be fitted, ModuleNotFoundError
        where what it computes with is not installed.
        """


class Clock(Protocol):
    """Times, passed in so that tests can set them."""

    def now_ms(self) -> int:
        """UTC milliseconds."""

    def monotonic(self) -> float:
        """Seconds that never go backwards."""

    def zone(self) -> str:
        """The operator's IANA time zone."""

    def midnight_ms(self, days_ago: int = 0) -> int:
        """UTC milliseconds of the start of a local day."""

    def month_start_ms(self) -> int:
        """UTC milliseconds of the start of the local month."""


Environment = Mapping[str, str]
