"""Sums over `entries` that triggers keep: what each row adds to them, and the tables' SQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_FIRST = {
    "requests": "{row}.calls",
    "in_flight": "{row}.ending IS NULL",
    "prompt_tokens": (
        "coalesce({row}.uncached_tokens + coalesce({row}.cache_read_tokens, 0)"
        " + coalesce({row}.cache_write_5m_tokens, 0)"
        " + coalesce({row}.cache_write_1h_tokens, 0), 0)"
    ),
    "cached_tokens": "coalesce({row}.cache_read_tokens, 0)",
    "output_tokens": "coalesce({row}.output_tokens, 0)",
    "spent_nano_usd": "coalesce({spent}, 0)",
    "loaded_nano_usd": "coalesce({loaded}, 0)",
    "shadow_nano_usd": "coalesce({row}.shadow_nano_usd, 0)",
    "saved_nano_usd": "coalesce({row}.shadow_nano_usd - {row}.energy_nano_usd, 0)",
    "saved_loaded_nano_usd": "coalesce({row}.shadow_nano_usd - {loaded}, 0)",
    "plan_calls": "{row}.plan * {row}.calls",
    "plan_nano_usd": "{row}.plan * coalesce({row}.cost_nano_usd, 0)",
    "unpriced": "{ended} AND NOT {row}.plan AND {spent} IS NULL",
    "unpriced_plan": "{ended} AND {row}.plan AND {row}.cost_nano_usd IS NULL",
    "uncounted": "{ended} AND ({row}.uncached_tokens IS NULL OR {row}.output_tokens IS NULL)",
    "unloaded": "{ended} AND {local} AND {loaded} IS NULL",
    "unsaved": ("{ended} AND {local} AND ({row}.shadow_nano_usd - {row}.energy_nano_usd) IS NULL"),
    "unsaved_loaded": "{ended} AND {local} AND ({row}.shadow_nano_usd - {loaded}) IS NULL",
    "estimated": "{ended} AND {row}.usage_source = 'estimated'",
    "energy_estimated": "coalesce({row}.energy_source = 'estimated', 0)",
}
_LATER = {
    "energy_allocated": "coalesce({row}.energy_source = 'allocated', 0)",
    "energy_error_nano_usd": (
        "coalesce(CAST({row}.energy_nano_usd * {row}.energy_error_joules"
        " / nullif({row}.energy_joules, 0) AS INTEGER), 0)"
    ),
    "follow_ups": "{row}.parent IS NOT NULL",
    "api_too": "{row}.api_too",
}
_FORGONE = "(CASE WHEN NOT {row}.api_too THEN {row}.shadow_nano_usd ELSE 0 END)"
"""What the API tier did not get to charge: nothing where it served the request as well."""

PARTS = {
    name: how.replace("{row}.shadow_nano_usd", _FORGONE) for name, how in _FIRST.items()
} | _LATER
"""Each sum, and what one row of `entries` adds to it."""

COLUMNS = tuple(PARTS)


def part(column: str, row: str = "entries", parts: Mapping[str, str] = PARTS) -> str:
    """The SQL of what `row` adds to a sum."""
    spent = (
        f"(CASE WHEN {row}.tier = 'local' THEN {row}.energy_nano_usd"
        f" WHEN NOT {row}.plan THEN {row}.cost_nano_usd END)"
    )
    shorts = {
        "row": row,
        "ended": f"{row}.ending IS NOT NULL",
        "local": f"{row}.tier = 'local'",
        "spent": spent,
        "loaded": f"({row}.energy_nano_usd + {row}.hardware_nano_usd)",
    }
    return f"({parts[column].format(**shorts)})"


@dataclass(frozen=True, slots=True)
class Rollup:
    """A table of sums and its triggers.

    `key` are its key columns and what each is of a row; rows for which `when` does not hold are in
    no sum. `triggers_named` is how the names of its triggers begin.
    """

    table: str
    key: Mapping[str, str]
    triggers_named: str
    when: str = "1"
    parts: Mapping[str, str] = field(default_factory=lambda: PARTS)

    def create(self) -> str:
        """The SQL that makes the table."""
        columns = [f"{name} TEXT NOT NULL" for name in self.key]
        columns += [f"{name} INTEGER NOT NULL" for name in self.parts]
        key = ", ".join(self.key)
        return (
            f"CREATE TABLE {self.table} ({', '.join(columns)}, PRIMARY KEY ({key})) "
            "STRICT, WITHOUT ROWID"
        )

    def fill(self) -> str:
        """The SQL that sums all rows anew into the empty table."""
        sums = ", ".join(f"sum{self._part(name, 'entries')}" for name in self.parts)
        key = ", ".join(self._key("entries"))
        return (
            f"INSERT INTO {self.table} SELECT {key}, {sums} FROM entries "
            f"WHERE {self.when.format(row='entries')} "
            f"GROUP BY {', '.join(str(place + 1) for place in range(len(self.key)))}"
        )

    def triggers(self) -> dict[str, str]:
        """The SQL that makes each trigger, by its name."""
        # A row that closes stays in its sum: one change of one total, instead of two.
        pairs = zip(self._key("old"), self._key("new"), strict=True)
        same = " AND ".join(f"{old} IS {new}" for old, new in pairs if old != new)
        # An upsert and no update: another trigger of one insertion may change the row before the
        # one that adds it has run.
        difference = [f"{self._part(n, 'new')} - {self._part(n, 'old')}" for n in self.parts]
        within = self._upsert([*self._key("new"), *difference], "1")
        held = self.when.format(row="new"), self.when.format(row="old")
        only = "" if self.when == "1" else f" WHEN {held[0]}"
        gone = "" if self.when == "1" else f" WHEN {held[1]}"
        either = "" if self.when == "1" else f" AND ({held[0]} OR {held[1]})"
        named = self.triggers_named
        return {
            name: f"CREATE TRIGGER {name} AFTER {event} ON entries{body}"
            for name, event, body in (
                (f"{named}_insert", "INSERT", f"{only} BEGIN {self._add('new', '+')} END"),
                (f"{named}_delete", "DELETE", f"{gone} BEGIN {self._add('old', '-')} END"),
                (f"{named}_update", "UPDATE", f" WHEN {same}{either} BEGIN {within} END"),
                (
                    f"{named}_move",
                    "UPDATE",
                    f" WHEN NOT ({same}){either} "
                    f"BEGIN {self._add('old', '-')}{self._add('new', '+')} END",
                ),
            )
        }

    def _add(self, row: str, sign: str) -> str:
        values = [*self._key(row), *(f"{sign}{self._part(name, row)}" for name in self.parts)]
        return self._upsert(values, self.when.format(row=row))

    def _upsert(self, values: Sequence[str], when: str) -> str:
        grown = ", ".join(f"{name} = {name} + excluded.{name}" for name in self.parts)
        # The condition also tells an upsert's ON from that of a join.
        return (
            f"INSERT INTO {self.table} SELECT {', '.join(values)} WHERE {when} "
            f"ON CONFLICT DO UPDATE SET {grown};"
        )

    def _key(self, row: str) -> list[str]:
        return [value.format(row=row) for value in self.key.values()]

    def _part(self, column: str, row: str) -> str:
        return part(column, row, self.parts)


_OF_ROW = {name: f"{{row}}.{name}" for name in ("day", "zone", "tier", "model")}

DAILY_AT_FIRST = Rollup("daily_totals", _OF_ROW, "entries_totals", parts=_FIRST)
DAILY = Rollup("daily_totals", _OF_ROW, "entries_totals")
"""Sums by day, zone, tier and model; its later columns were added behind the first ones."""

LATER = tuple(_LATER)

_WHEN = {name: _OF_ROW[name] for name in ("day", "zone", "tier")}
SYSTEM = "coalesce({row}.system_name, '') || ' ' || substr(coalesce({row}.system_hash, ''), 1, 12)"
"""A version of a system prompt in one text."""

LABELS = {
    "tag": Rollup(
        "label_totals",
        {"kind": "'tag'", "label": "{row}.tag"} | _WHEN,
        "entries_tag_totals",
        "{row}.tag IS NOT NULL",
    ),
    "system": Rollup(
        "label_totals",
        {"kind": "'system'", "label": SYSTEM} | _WHEN,
        "entries_system_totals",
        "coalesce({row}.system_name, {row}.system_hash) IS NOT NULL",
    ),
}
"""Sums by a label that a row may have, its kind, and by day, zone and tier; rows without: none."""
