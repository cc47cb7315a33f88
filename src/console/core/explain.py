"""How the figures of one row were made, step by step."""

from collections.abc import Iterator
from dataclasses import dataclass

from console.core.entry import EnergySource, Entry, Price
from console.core.money import to_nano, to_usd
from console.core.pricing import SEARCHES, read, total_usd
from console.core.tier import Tier
from console.core.usage import Usage

UNKNOWN = "-"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of an explanation: what it is, and how it comes about."""

    what: str
    how: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a row: its name, its value, its steps."""

    name: str
    nano: int | None
    steps: tuple[Step, ...]


def usd(nano: int | None) -> str:
    """Nano-dollars exactly, without trailing zeros beyond cents."""
    if nano is None:
        return UNKNOWN
    text = f"{to_usd(abs(nano)):.9f}".rstrip("0")
    whole, _, part = text.partition(".")
    return f"{'-' if nano < 0 else ''}${int(whole):,}.{part.ljust(2, '0')}"


def explain(entry: Entry) -> tuple[Figure, ...]:
    """Every dollar figure of a row."""
    if entry.tier is Tier.API:
        name = "list price, paid by a plan" if entry.plan else "charged"
        steps = tuple(_bill(entry.usage, entry.price, entry.cost_nano))
        return (Figure(name, entry.cost_nano, steps),)
    return (
        Figure("energy", entry.energy_nano, tuple(_energy(entry))),
        Figure("fully loaded", entry.loaded_nano, tuple(_hardware(entry))),
        Figure(
            "what the api would have charged",
            entry.shadow_nano,
            tuple(_shadow(entry)),
        ),
        Figure(
            "saved",
            entry.saved_nano,
            tuple(_less(entry, "less energy", entry.energy_nano)),
        ),
        Figure(
            "saved, less the loaded cost",
            entry.saved_loaded_nano,
            tuple(_less(entry, "less loaded", entry.loaded_nano)),
        ),
    )


def _bill(usage: Usage, price: Price | None, nano: int | None) -> Iterator[Step]:
    if nano is None:
        yield Step("unknown", _why_unpriced(usage, price))
        return
    if price is None:
        yield Step("nothing", "no tokens were served")
        return
    known = read(usage, price)
    if known is None:
        yield Step("as recorded", price.rates)
    else:
        terms, factors = known
        for term in terms:
            per, unit = (
                (term.usd_per_mtok / 1000, "1,000")
                if term.bucket == SEARCHES
                else (term.usd_per_mtok, "1M")
            )
            made = f"${per.normalize():f}/{unit} = ${term.usd.normalize():f}"
            yield Step(term.bucket, f"{term.tokens:,} × {made}")
        for factor in factors:
            yield Step(factor.name, f"the sum × {factor.factor.normalize():f}")
        total = to_nano(total_usd(terms, factors))
        if total != nano:
            yield Step("differs", f"these make {usd(total)}; the row was given {usd(nano)}")
    since = f", in force since {price.effective}" if price.effective else ""
    yield Step("price", f"{price.source}{since}")


def _shadow(entry: Entry) -> Iterator[Step]:
    if entry.checks:
        yield Step("nothing", "it checked another reply; the api would not have been asked")
        return
    yield from _bill(entry.usage, entry.shadow_price, entry.shadow_nano)


def _why_unpriced(usage: Usage, price: Price | None) -> str:
    if usage.total is None:
        return "the server did not say how many tokens"
    if price is None:
        return (
            "no price list knows this model, or its price for what the reply says (batch, speed); "
            "add a [[prices]] table and run `llmconsole ledger reprice`"
        )
    return "the price is known but made no sum"


def _energy(entry: Entry) -> Iterator[Step]:
    if entry.energy_j is None or entry.energy_nano is None:
        yield Step("unknown", "no reading for this time, or requests shared the cards")
        return
    how = {
        EnergySource.MEASURED: "measured by the cards' own counter",
        EnergySource.ALLOCATED: "its share of what the cards' counter measured for several",
        EnergySource.ESTIMATED: "estimated from readings round this time",
        None: "of unknown origin",
    }[entry.energy_source]
    off = "" if entry.energy_error_j is None else f" ± {entry.energy_error_j:,.1f}"
    yield Step("energy", f"{entry.energy_j:,.1f}{off} J, {how}, ÷ 3,600,000 J per kWh")
    yield Step("tariff", f"× ${entry.tariff_usd_per_kwh or UNKNOWN} per kWh")
    if entry.energy_error_nano is not None:
        yield Step("off by at most", f"± {usd(entry.energy_error_nano)}")


def _less(entry: Entry, what: str, cost_nano: int | None) -> Iterator[Step]:
    if entry.api_too:
        yield Step("nothing spared", "the api served this request too, and was paid for it")
    yield Step(what, f"{usd(entry.forgone_nano)} − {usd(cost_nano)}")


def _hardware(entry: Entry) -> Iterator[Step]:
    if entry.hardware_nano is None:
        yield Step("unknown", "the hardware has no price: set hardware.usd in the configuration")
        return
    seconds = (entry.duration_ms or 0) / 1000
    yield Step("hardware", f"{entry.hardware_rule} × {seconds:,.1f} s = {usd(entry.hardware_nano)}")
    yield Step("energy", f"+ {usd(entry.energy_nano)}")
