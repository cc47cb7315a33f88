"""The table `daily_totals`: what each row adds to it, and the triggers that keep it."""

from collections.abc import Mapping

PARTS = {
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
"""Each column of `daily_totals`, and what one row of `entries` adds to it."""

COLUMNS = tuple(PARTS)
KEY = "day, zone, tier, model"


def part(column: str, row: str = "entries") -> str:
    """The SQL of what `row` adds to a column of `daily_totals`."""
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
    return f"({PARTS[column].format(**shorts)})"


def table() -> str:
    """The SQL that makes the table."""
    columns = ", ".join(f"{name} INTEGER NOT NULL" for name in COLUMNS)
    return (
        "CREATE TABLE daily_totals (day TEXT NOT NULL, zone TEXT NOT NULL, tier TEXT NOT NULL, "
        f"model TEXT NOT NULL, {columns}, PRIMARY KEY ({KEY})) STRICT, WITHOUT ROWID"
    )


def triggers() -> Mapping[str, str]:
    """The SQL that makes each trigger, by its name."""

    def add(row: str, sign: str) -> str:
        values = ", ".join(f"{sign}{part(name, row)}" for name in COLUMNS)
        grown = ", ".join(f"{name} = {name} + excluded.{name}" for name in COLUMNS)
        return (
            f"INSERT INTO daily_totals VALUES ({row}.day, {row}.zone, {row}.tier, {row}.model, "
            f"{values}) ON CONFLICT DO UPDATE SET {grown};"
        )

    # A row that closes stays in its day: one change of one total, instead of two.
    same = " AND ".join(f"old.{name} = new.{name}" for name in KEY.split(", "))
    difference = ", ".join(
        f"{name} = {name} + {part(name, 'new')} - {part(name, 'old')}" for name in COLUMNS
    )
    within = (
        f"UPDATE daily_totals SET {difference} WHERE day = new.day AND zone = new.zone "
        "AND tier = new.tier AND model = new.model;"
    )
    return {
        name: f"CREATE TRIGGER {name} AFTER {event} ON entries {body}"
        for name, event, body in (
            ("entries_totals_insert", "INSERT", f"BEGIN {add('new', '+')} END"),
            ("entries_totals_delete", "DELETE", f"BEGIN {add('old', '-')} END"),
            ("entries_totals_update", "UPDATE", f"WHEN {same} BEGIN {within} END"),
            (
                "entries_totals_move",
                "UPDATE",
                f"WHEN NOT ({same}) BEGIN {add('old', '-')}{add('new', '+')} END",
            ),
        )
    }


def fill() -> str:
    """The SQL that sums all rows anew into the empty table."""
    sums = ", ".join(f"sum{part(name)}" for name in COLUMNS)
    return f"INSERT INTO daily_totals SELECT {KEY}, {sums} FROM entries GROUP BY {KEY}"
