"""The schema of the conversations' file, as steps that are applied once each and never changed.

Table `conversations`: one row each; `pinned` is why nothing of it may leave the box, `waived` a
  JSON list of what it was let go for.
Table `exchanges`: a message and its reply, which is empty while it is to come.
Table `attachments`: what travelled with a message; `data` is an image.
Table `words`: the full-text index over `exchanges`, kept by triggers.
Times are UTC milliseconds. `PRAGMA user_version` is the number of steps applied.
"""

import sqlite3
from contextlib import suppress

STEPS = (
    """
    CREATE TABLE conversations (
        id TEXT PRIMARY KEY,
        title TEXT NOT NULL,
        created_ms INTEGER NOT NULL,
        updated_ms INTEGER NOT NULL,
        pinned TEXT,
        system_name TEXT,
        system_text TEXT,
        local_model TEXT,
        api_model TEXT
    ) STRICT;
    CREATE INDEX conversations_by_time ON conversations (updated_ms DESC);
    CREATE TABLE exchanges (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
        asked_ms INTEGER NOT NULL,
        task TEXT NOT NULL,
        reply TEXT NOT NULL DEFAULT '',
        whole INTEGER NOT NULL DEFAULT 0,
        entry TEXT,
        tier TEXT CHECK (tier IN ('local', 'api')),
        model TEXT NOT NULL DEFAULT '',
        reason TEXT NOT NULL DEFAULT '',
        replaced INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX exchanges_of ON exchanges (conversation, number);
    CREATE TABLE attachments (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        exchange INTEGER NOT NULL REFERENCES exchanges (number) ON DELETE CASCADE,
        name TEXT NOT NULL,
        text TEXT NOT NULL,
        path TEXT,
        real_path TEXT,
        media_type TEXT,
        data BLOB
    ) STRICT;
    CREATE INDEX attachments_of ON attachments (exchange, number);
    CREATE VIRTUAL TABLE words USING fts5 (
        task, reply, content = 'exchanges', content_rowid = 'number',
        tokenize = "unicode61 remove_diacritics 2", prefix = '2 3'
    );
    CREATE TRIGGER words_of_new AFTER INSERT ON exchanges BEGIN
        INSERT INTO words (rowid, task, reply) VALUES (new.number, new.task, new.reply);
    END;
    CREATE TRIGGER words_of_old AFTER DELETE ON exchanges BEGIN
        INSERT INTO words (words, rowid, task, reply)
        VALUES ('delete', old.number, old.task, old.reply);
    END;
    CREATE TRIGGER words_of_changed AFTER UPDATE OF task, reply ON exchanges BEGIN
        INSERT INTO words (words, rowid, task, reply)
        VALUES ('delete', old.number, old.task, old.reply);
        INSERT INTO words (rowid, task, reply) VALUES (new.number, new.task, new.reply);
    END;
    """,
    """
    ALTER TABLE conversations ADD COLUMN waived TEXT NOT NULL DEFAULT '[]';
    """,
)


class NewerFileError(Exception):
    """The file has steps that this program does not know."""


def bring_up_to_date(connection: sqlite3.Connection) -> None:
    """Apply the steps that are missing, one process at a time."""
    if _version(connection) == len(STEPS):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        applied = _version(connection)
        if applied > len(STEPS):
            raise NewerFileError
        for step in STEPS[applied:]:
            for statement in _statements(step):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(STEPS)}")
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _statements(script: str) -> list[str]:
    """The statements of a script; `executescript` would commit the transaction."""
    statements, so_far = [], ""
    for line in script.splitlines(keepends=True):
        so_far += line
        if sqlite3.complete_statement(so_far):
            statements.append(so_far)
            so_far = ""
    return statements
