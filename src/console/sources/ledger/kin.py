"""Rows that belong to another: `parent` and what follows from it for a local row's saving."""

STEPS = (
    "ALTER TABLE entries ADD COLUMN energy_error_joules REAL",
    "ALTER TABLE entries ADD COLUMN api_too INTEGER NOT NULL DEFAULT 0 CHECK (api_too IN (0, 1))",
    "CREATE INDEX entries_parent ON entries (parent) WHERE parent IS NOT NULL",
    # A local request that the API served as well (a fallback, an escalation, the other side of a
    # comparison) saved nothing. It is told when the API's row ends with output, whichever row
    # came first.
    """
    CREATE TRIGGER entries_api_too AFTER UPDATE ON entries
    WHEN new.tier = 'api' AND old.ending IS NULL AND new.output_tokens > 0
    BEGIN
        UPDATE entries SET api_too = 1 WHERE id = new.parent AND tier = 'local';
        UPDATE entries SET api_too = 1 WHERE parent = new.id AND tier = 'local';
    END
    """,
    """
    CREATE TRIGGER entries_api_before AFTER INSERT ON entries WHEN new.parent IS NOT NULL
    BEGIN
        UPDATE entries SET api_too = 1
        WHERE id = new.id AND new.tier = 'local' AND EXISTS (
            SELECT 1 FROM entries AS api
            WHERE api.id = new.parent AND api.tier = 'api' AND api.ending IS NOT NULL
                AND api.output_tokens > 0
        );
        UPDATE entries SET api_too = 1
        WHERE id = new.parent AND tier = 'local' AND new.tier = 'api'
            AND new.ending IS NOT NULL AND new.output_tokens > 0;
    END
    """,
)
"""The SQL of the columns, the index and the triggers."""

SIBLINGS = (
    "DROP TRIGGER entries_api_too",
    "DROP TRIGGER entries_api_before",
    """
    CREATE TRIGGER entries_api_too AFTER UPDATE ON entries
    WHEN new.tier = 'api' AND old.ending IS NULL AND new.output_tokens > 0
    BEGIN
        UPDATE entries SET api_too = 1 WHERE id = new.parent AND tier = 'local' AND NOT api_too;
        UPDATE entries SET api_too = 1
        WHERE parent IN (new.id, new.parent) AND tier = 'local' AND NOT api_too;
    END
    """,
    """
    CREATE TRIGGER entries_api_before AFTER INSERT ON entries WHEN new.parent IS NOT NULL
    BEGIN
        UPDATE entries SET api_too = 1
        WHERE id = new.id AND new.tier = 'local' AND EXISTS (
            SELECT 1 FROM entries AS api
            WHERE (api.id = new.parent OR api.parent = new.parent) AND api.tier = 'api'
                AND api.ending IS NOT NULL AND api.output_tokens > 0
        );
        UPDATE entries SET api_too = 1
        WHERE (id = new.parent OR parent = new.parent) AND tier = 'local' AND new.tier = 'api'
            AND new.ending IS NOT NULL AND new.output_tokens > 0;
    END
    """,
)
"""The same for rows that share a parent, as the sides of a comparison do."""
