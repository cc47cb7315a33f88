"""The views for reading by hand, money in dollars."""

VIEWS = (
    "DROP VIEW requests",
    """
    CREATE VIEW requests AS
    SELECT
        datetime(started_ms / 1000, 'unixepoch') AS started_utc,
        tier, provider, model, reason, ending, tag, system_name, system_hash,
        uncached_tokens + coalesce(cache_read_tokens, 0) + coalesce(cache_write_5m_tokens, 0)
            + coalesce(cache_write_1h_tokens, 0) AS prompt_tokens,
        cache_read_tokens, output_tokens, usage_source,
        CASE WHEN NOT plan THEN cost_nano_usd / 1e9 END AS api_usd,
        CASE WHEN plan THEN cost_nano_usd / 1e9 END AS plan_list_usd,
        energy_nano_usd / 1e9 AS energy_usd, energy_source,
        energy_joules, energy_error_joules,
        (energy_nano_usd + hardware_nano_usd) / 1e9 AS loaded_usd,
        CASE WHEN api_too THEN 0 ELSE shadow_nano_usd / 1e9 END AS shadow_usd,
        (CASE WHEN api_too THEN 0 ELSE shadow_nano_usd END - energy_nano_usd) / 1e9 AS saved_usd,
        ttft_ms, ended_ms - started_ms AS duration_ms, calls, origin, error, parent, api_too, id
    FROM entries
    ORDER BY started_ms DESC, id DESC
    """,
    "DROP VIEW days",
    """
    CREATE VIEW days AS
    SELECT
        day, zone, tier, model, requests, in_flight, prompt_tokens, cached_tokens,
        output_tokens, spent_nano_usd / 1e9 AS spent_usd, loaded_nano_usd / 1e9 AS loaded_usd,
        saved_nano_usd / 1e9 AS saved_usd, plan_nano_usd / 1e9 AS plan_list_usd,
        unpriced, uncounted, energy_estimated, energy_allocated,
        energy_error_nano_usd / 1e9 AS energy_error_usd, follow_ups, api_too
    FROM daily_totals
    WHERE requests <> 0
    ORDER BY day DESC, tier, model
    """,
)
"""The SQL that makes them anew."""
