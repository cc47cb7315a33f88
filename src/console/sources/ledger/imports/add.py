"""Adding what was found to the ledger: once, priced, and not beside rows that say the same."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

from console.core.entry import Entry
from console.core.pricing import charged
from console.core.tier import Tier
from console.sources.ledger.imports.found import Found, Skipped
from console.sources.ledger.reprice import PriceList, length
from console.sources.ledger.store import SqliteLedger

BATCH = 500


@dataclass
class Report:
    """What an import did, or would do."""

    new: int = 0
    grown: int = 0
    known: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    models: Counter[str] = field(default_factory=Counter)
    tokens: int = 0
    cost_nano: int = 0
    plan_nano: int = 0
    unpriced: Counter[str] = field(default_factory=Counter)
    first_ms: int | None = None
    last_ms: int | None = None

    def skip(self, skipped: Skipped) -> None:
        """Count something that is no row."""
        self.skipped[skipped.why] += 1
        self.examples.setdefault(skipped.why, skipped.where)

    def add(self, entry: Entry) -> None:
        """Count a row that is new, or says more than before."""
        self.models[entry.model] += entry.calls
        self.tokens += entry.usage.total or 0
        if entry.tier is Tier.API:
            if entry.cost_nano is None:
                self.unpriced[f"{entry.provider} {entry.model}"] += 1
            elif entry.plan:
                self.plan_nano += entry.cost_nano
            else:
                self.cost_nano += entry.cost_nano
        times = (self.first_ms, self.last_ms, entry.started_ms)
        self.first_ms = min(time for time in times if time is not None)
        self.last_ms = max(time for time in times if time is not None)


def add(
    ledger: SqliteLedger,
    findings: Iterable[Found | Skipped],
    prices: PriceList,
    *,
    shadow: tuple[str, str],
    dry_run: bool,
    overlapping: bool = False,
) -> Report:
    """Add the rows that are new; with `dry_run` only say which they would be.

    A sum of a window is left out where the ledger has rows of its own for that model and time,
    unless `overlapping`; a row the console recorded itself is known by its response id.
    """
    report = Report()
    rest = iter(findings)
    while batch := list(islice(rest, BATCH)):
        found = []
        for each in batch:
            if isinstance(each, Skipped):
                report.skip(each)
            else:
                found.append(each)
        fresh = list(_fresh(ledger, found, prices, shadow, report, overlapping))
        for entry in fresh:
            report.add(entry)
        if fresh and not dry_run:
            ledger.add(fresh)
    return report


def _fresh(
    ledger: SqliteLedger,
    found: list[Found],
    prices: PriceList,
    shadow: tuple[str, str],
    report: Report,
    overlapping: bool,
) -> Iterator[Entry]:
    for each in found:
        entry = each.entry
        known = ledger.get(entry.id)
        if known is not None:
            if (entry.usage.total or 0) <= (known.usage.total or 0):
                report.known += 1
                continue
            report.grown += 1
        elif _recorded(ledger, entry):
            report.skip(Skipped("recorded by the console itself, or imported from elsewhere"))
            continue
        elif each.until_ms is not None and not overlapping and _overlaps(ledger, each):
            report.skip(Skipped("a sum over a time the ledger has rows of its own for"))
            continue
        else:
            report.new += 1
        yield _priced(each, prices, shadow)


def _recorded(ledger: SqliteLedger, entry: Entry) -> bool:
    if entry.response_id is None:
        return False
    sql = "SELECT 1 FROM entries WHERE provider = ? AND response_id = ? LIMIT 1"
    return bool(ledger.rows(sql, (entry.provider, entry.response_id)))


def _overlaps(ledger: SqliteLedger, found: Found) -> bool:
    entry = found.entry
    sql = (
        "SELECT 1 FROM entries INDEXED BY entries_model WHERE tier = ? AND model = ? "
        "AND started_ms >= ? AND started_ms < ? AND provider = ? AND origin IS NOT ? LIMIT 1"
    )
    window = (entry.started_ms, found.until_ms)
    return bool(ledger.rows(sql, (entry.tier, entry.model, *window, entry.provider, entry.origin)))


def _priced(found: Found, prices: PriceList, shadow: tuple[str, str]) -> Entry:
    entry = found.entry
    api = entry.tier is Tier.API
    if api and entry.cost_nano is not None:
        return entry
    provider, model = (entry.provider, entry.model) if api else shadow
    card = prices.card(provider, model, entry.started_ms)
    told = found.circumstances if api else frozenset()
    nano, price = charged(entry.usage, card, told, length(entry))
    if api:
        return replace(entry, cost_nano=nano, price=price)
    return replace(entry, shadow_nano=nano, shadow_price=price)
