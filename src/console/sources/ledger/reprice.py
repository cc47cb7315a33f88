"""Repricing: rows charged anew at past prices as known today, with a trace of every change."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol

from console.core.entry import Entry, Price
from console.core.pricing import PriceCard, charged
from console.core.query import Query
from console.core.tier import Tier
from console.core.usage import circumstances
from console.sources.ledger.rows import to_row
from console.sources.ledger.store import SqliteLedger

BATCH = 1_000
"""Rows that are read at once, and changed in one transaction."""


class PriceList(Protocol):
    """Prices by provider and model."""

    def card(self, provider: str, model: str, at_ms: int) -> PriceCard | None:
        """The card in force at a time."""


@dataclass(frozen=True, slots=True)
class Change:
    """A row whose cost or shadow price becomes another."""

    before: Entry
    after: Entry

    @property
    def figure(self) -> str:
        """Which figure changes: "cost" of an API row, "shadow" of a local one."""
        return "cost" if self.before.tier is Tier.API else "shadow"

    @property
    def nano(self) -> tuple[int | None, int | None]:
        """The figure before and after."""
        if self.before.tier is Tier.API:
            return self.before.cost_nano, self.after.cost_nano
        return self.before.shadow_nano, self.after.shadow_nano


@dataclass(frozen=True, slots=True, kw_only=True)
class Repricing:
    """What a repricing did, or would do: rows looked at, rows changed, their dollars."""

    looked_at: int = 0
    changed: int = 0
    newly_priced: int = 0
    unpriced: int = 0
    old_nano: int = 0
    new_nano: int = 0
    id: int | None = None


class Repricer:
    """Charges rows at the price that was in force when each began, as it is known today."""

    def __init__(self, ledger: SqliteLedger, prices: PriceList, shadow: tuple[str, str]) -> None:
        """`shadow` is the provider and model that local tokens are held against."""
        self._ledger = ledger
        self._prices = prices
        self._shadow = shadow

    def run(
        self, query: Query, now_ms: int, zone: str, *, all_rows: bool, dry_run: bool
    ) -> Repricing:
        """Reprice the rows of a filter: those without a price, or with `all_rows` every one.

        A row whose price is not known today keeps the one it has.
        """
        done, id = Repricing(), None
        for rows in self._batches(query, now_ms, zone):
            changes = [c for row in rows if (c := self._change(row, all_rows)) is not None]
            done = _counted(done, rows, changes)
            if changes and not dry_run:
                id = self._write(changes, id, query.text, now_ms)
        return replace(done, id=id)

    def _batches(self, query: Query, now_ms: int, zone: str) -> Iterator[list[Entry]]:
        last: Entry | None = None
        while rows := self._ledger.page(query, BATCH, last, now_ms, zone):
            yield [row for row in rows if row.ending is not None]
            last = rows[-1]

    def _change(self, row: Entry, all_rows: bool) -> Change | None:
        api = row.tier is Tier.API
        if not all_rows and (row.cost_nano if api else row.shadow_nano) is not None:
            return None
        provider, model = (row.provider, row.model) if api else self._shadow
        told = circumstances(_raw(row)) if api else frozenset()
        card = self._prices.card(provider, model, row.started_ms)
        nano, price = charged(row.usage, card, told, length(row))
        if nano is None or row.checks:
            return None
        after = (
            replace(row, cost_nano=nano, price=price)
            if api
            else replace(row, shadow_nano=nano, shadow_price=price)
        )
        return None if after == row else Change(row, after)

    def _write(self, changes: Iterable[Change], id: int | None, text: str, now_ms: int) -> int:
        with self._ledger.transaction() as db:
            if id is None:
                id = db.execute(
                    "INSERT INTO repricings (at_ms, filter, changed, old_nano_usd, new_nano_usd) "
                    "VALUES (?, ?, 0, 0, 0)",
                    (now_ms, text),
                ).lastrowid
            for change in changes:
                old, new = change.nano
                prefix = "price" if change.figure == "cost" else "shadow_price"
                column = f"{change.figure}_nano_usd"
                row = to_row(change.after)
                names = (column, *(f"{prefix}_{part}" for part in _PARTS))
                settings = ", ".join(f"{name} = ?" for name in names)
                db.execute(
                    f"UPDATE entries SET {settings} WHERE id = ?",
                    [*(row[name] for name in names), change.before.id],
                )
                db.execute(
                    f"INSERT INTO repriced VALUES ({', '.join('?' * 13)})",
                    [
                        *(id, change.before.id, change.figure),
                        *(old, *_parts(_price(change, change.before))),
                        *(new, *_parts(_price(change, change.after))),
                    ],
                )
                db.execute(
                    "UPDATE repricings SET changed = changed + 1, "
                    "old_nano_usd = old_nano_usd + ?, new_nano_usd = new_nano_usd + ? WHERE id = ?",
                    (old or 0, new or 0, id),
                )
        return id or 0


_PARTS = ("source", "effective", "rates", "multipliers")


def _price(change: Change, entry: Entry) -> Price | None:
    return entry.price if change.figure == "cost" else entry.shadow_price


def _parts(price: Price | None) -> list[str | None]:
    return [None if price is None else getattr(price, part) for part in _PARTS]


def _counted(done: Repricing, rows: list[Entry], changes: list[Change]) -> Repricing:
    unpriced = {
        row.id
        for row in rows
        if (row.cost_nano if row.tier is Tier.API else row.shadow_nano) is None
    }
    return replace(
        done,
        looked_at=done.looked_at + len(rows),
        changed=done.changed + len(changes),
        newly_priced=done.newly_priced + sum(c.nano[0] is None for c in changes),
        unpriced=done.unpriced + len(unpriced - {change.before.id for change in changes}),
        old_nano=done.old_nano + sum(change.nano[0] or 0 for change in changes),
        new_nano=done.new_nano + sum(change.nano[1] or 0 for change in changes),
    )


LONG_WINDOW = 200_001
"""A prompt's tokens where a sum only tells that its requests had more than 200,000."""


def length(entry: Entry) -> int | None:
    """The prompt tokens of one request of a row; 0 for a sum that does not tell."""
    if entry.calls == 1:
        return entry.usage.prompt
    window = str(_raw(entry).get("context_window") or "")
    if window.startswith((">", "200k-")):
        return LONG_WINDOW
    return (entry.usage.prompt or 0) // entry.calls if entry.calls else 0


def _raw(entry: Entry) -> dict[str, Any]:
    raw = json.loads(entry.usage_raw) if entry.usage_raw else {}
    return raw if isinstance(raw, dict) else {}
