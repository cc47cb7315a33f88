"""Reads the ledger for the what-if: sums by day, and rows grouped for a replay.

Over a connection of its own that cannot write, so that a long scan holds up nobody: readers and
the writer of a write-ahead log do not wait for one another.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from console.core.verdict import COMPARED
from console.core.whatif.offer import family
from console.core.whatif.policy import Arrival, Row
from console.core.whatif.traffic import BusyHour, EnergyDay, PairOf, Traffic
from console.sources.ledger.demand import BILLED, BUCKETS, COUNTED, PROMPT, SERVED, demand
from console.sources.ledger.store import LedgerError

_EACH = f"({PROMPT} / max(calls, 1))"
_SPENT = "(CASE tier WHEN 'api' THEN cost_nano_usd ELSE energy_nano_usd END)"
_MAPPED = 4 * 2**30
"""Bytes of the file that are read without copying."""
_MOST_PAIRS = 2000
"""Compared prompts that are enough to hold two tokenizers against each other."""
_MOST_ROWS = 200_000
"""Local rows that are read one by one, the newest; enough for an upper quantile."""


class LedgerTraffic:
    """The ledger's file as the what-if reads it; a file that is not there is an empty ledger.

    Every call opens and closes it, in the caller's thread. Raises LedgerError.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def first_ms(self) -> int | None:
        """When the oldest row began."""
        with self._read() as connection:
            if connection is None:
                return None
            ((first,),) = connection.execute("SELECT min(started_ms) FROM entries").fetchall()
            return None if first is None else int(first)

    def traffic(self, since_ms: int, until_ms: int, days: Sequence[str], zone: str) -> Traffic:
        """The sums of a window whose complete local days are `days`."""
        with self._read() as connection:
            if connection is None or not days:
                return Traffic(days=tuple(days), rows=0)
            window = (since_ms, until_ms)
            groups, hours = demand(connection, since_ms, until_ms, zone)
            return Traffic(
                days=tuple(days),
                rows=sum(group.rows for group in groups),
                groups=groups,
                hours=hours,
                busy=_busy(connection, window),
                energy=_energy(connection, window),
                pairs=_pairs(connection, window),
            )

    def replay_rows(self, since_ms: int, until_ms: int, cuts: Sequence[int]) -> list[Row]:
        """The window's ended rows, those alike for every rule and price as one.

        Rows are alike when they share tier, model, tag, ending and whether their cost is known,
        and no number of `cuts` lies between their prompts' tokens: bills are linear within that.
        """
        # One number tells rows apart that differ in more than their names: the sort that groups
        # a million rows is quicker the less it has to carry.
        marks = [SERVED, BILLED, COUNTED, f"({_SPENT} IS NOT NULL)"]
        alike = " + ".join(f"{2**place} * {mark}" for place, mark in enumerate(marks))
        for cut in sorted(set(cuts)):
            alike += f" + {2 ** len(marks)} * coalesce({_EACH} > {int(cut)}, 0)"
        sums = ", ".join(f"sum({name})" for name in BUCKETS)
        sql = f"""
            SELECT tier, model, tag, {alike}, sum(max(calls, 1)), min(rowid), max({_EACH}),
                   sum({_SPENT}), {sums}
            FROM entries
            WHERE started_ms >= ? AND started_ms < ? AND ending IS NOT NULL
            GROUP BY 1, 2, 3, 4
        """
        with self._read() as connection:
            if connection is None:
                return []
            rows = []
            for found in connection.execute(sql, (since_ms, until_ms)).fetchall():
                some = "SELECT id FROM entries WHERE rowid = ?"
                ((name,),) = connection.execute(some, (found[5],)).fetchall()
                rows.append(_row(found, name))
            return rows

    def arrivals(self, since_ms: int, until_ms: int) -> list[Arrival]:
        """The window's served single requests with known tokens, one by one, in order of time."""
        sql = f"""
            SELECT started_ms, tier, model, tag, {PROMPT}, output_tokens FROM entries
            WHERE started_ms >= ? AND started_ms < ? AND {SERVED} AND {COUNTED} AND calls = 1
            ORDER BY started_ms
        """
        with self._read() as connection:
            if connection is None:
                return []
            return list(map(Arrival._make, connection.execute(sql, (since_ms, until_ms))))

    @contextmanager
    def _read(self) -> Iterator[sqlite3.Connection | None]:
        if not self.path.exists():
            yield None
            return
        try:
            uri = f"{self.path.absolute().as_uri()}?mode=ro"
            with closing(sqlite3.connect(uri, uri=True, timeout=5.0)) as connection:
                connection.execute(f"PRAGMA mmap_size = {_MAPPED}")
                table = "SELECT 1 FROM sqlite_master WHERE name = 'entries'"
                yield connection if connection.execute(table).fetchall() else None
        except sqlite3.Error as error:
            raise LedgerError(f"The ledger {self.path} cannot be read: {error}.") from error


def _busy(connection: sqlite3.Connection, window: tuple[int, int]) -> tuple[BusyHour, ...]:
    sql = f"""
        SELECT started_ms, ended_ms, {PROMPT} + output_tokens FROM entries
        WHERE started_ms >= ? AND started_ms < ? AND tier = 'local' AND ending = 'done'
          AND {COUNTED} AND ended_ms > started_ms
        ORDER BY started_ms DESC LIMIT {_MOST_ROWS}
    """
    busy: dict[int, list[float]] = {}
    reached = 0
    for started, ended, tokens in reversed(connection.execute(sql, window).fetchall()):
        hour = busy.setdefault(started // 3_600_000, [0.0, 0, 0])
        # Requests that overlap share their seconds.
        hour[0] += max(0, ended - max(started, reached)) / 1000
        hour[1] += 1
        hour[2] += tokens
        reached = max(reached, ended)
    return tuple(BusyHour(s, int(n), int(tokens)) for s, n, tokens in busy.values() if s > 0)


def _energy(connection: sqlite3.Connection, window: tuple[int, int]) -> tuple[EnergyDay, ...]:
    sql = f"""
        SELECT day, shared, count(*), sum(s * s), sum(s * p), sum(s * o), sum(p * p), sum(p * o),
               sum(o * o), sum(s * j), sum(p * j), sum(o * j)
        FROM (SELECT day, energy_source = 'allocated' AS shared,
                     (ended_ms - started_ms) / 1000.0 AS s, 1.0 * {PROMPT} AS p,
                     1.0 * output_tokens AS o, energy_joules AS j
              FROM entries
              WHERE started_ms >= ? AND started_ms < ? AND tier = 'local'
                AND energy_source IN ('measured', 'allocated') AND energy_joules IS NOT NULL
                AND {COUNTED} AND ended_ms > started_ms AND calls = 1)
        GROUP BY day, shared
    """
    return tuple(
        EnergyDay(day, rows, tuple(sums[:6]), tuple(sums[6:]), bool(shared))
        for day, shared, rows, *sums in connection.execute(sql, window)
    )


def _pairs(connection: sqlite3.Connection, window: tuple[int, int]) -> tuple[PairOf, ...]:
    def of(row: str) -> str:
        return " + ".join(f"coalesce({row}.{bucket}, 0)" for bucket in BUCKETS[:4])

    sql = f"""
        SELECT api.model, own.model, {of("api")}, {of("own")}
        FROM entries AS api JOIN entries AS own ON own.parent = api.parent
        WHERE api.started_ms >= ? AND api.started_ms < ? AND api.tag = '{COMPARED}'
          AND own.tag = api.tag AND api.tier = 'api' AND own.tier = 'local'
          AND api.uncached_tokens > 0 AND own.uncached_tokens > 0
        ORDER BY api.started_ms DESC LIMIT {_MOST_PAIRS}
    """
    return tuple(PairOf(*row) for row in connection.execute(sql, window))


def _row(found: Sequence[Any], some: str) -> Row:
    tier, model, tag, alike, count, _, most, spent, *sums = found
    served, billed, counted, priced = (bool(alike & 2**place) for place in range(4))
    tokens = dict(zip(BUCKETS, (float(total or 0) for total in sums), strict=True))
    return Row(
        id=some,
        route=tier,
        model=model,
        tokenizer=family(model),
        input_tokens=tokens["uncached_tokens"],
        output_tokens=tokens["output_tokens"],
        cache_read_tokens=tokens["cache_read_tokens"],
        cache_write_tokens=tokens["cache_write_5m_tokens"],
        cache_write_1h_tokens=tokens["cache_write_1h_tokens"],
        reasoning_tokens=tokens["reasoning_tokens"],
        status="ok" if served else "error",
        billed=billed,
        recorded_cost_usd=float(spent) / 1e9 if priced else None,
        tag=tag,
        rows=count,
        prompt_of_each=None if most is None else float(most),
        counted=counted,
    )
