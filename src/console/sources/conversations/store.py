"""The conversations' file, or as much in memory for operators who want nothing kept."""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from console.core.chat import Attachment
from console.core.exchange import Exchange
from console.core.kept import Kept, Listed
from console.core.tier import Tier
from console.sources.conversations.rows import attachment_of, exchange_of, kept_of, plain
from console.sources.conversations.schema import NewerFileError, bring_up_to_date
from console.sources.places import make_folder
from console.sources.sqlite_file import ailment, create, is_corrupt, set_aside

_SNIPPET_WORDS = 12
_MOST_SNIPPETS = 500


class ConversationsError(OSError):
    """The conversations' file cannot be used; the text is one sentence for the operator."""


class SqliteConversations:
    """Conversations in a SQLite file, 0600, that several consoles may use at once.

    Without a path they are in memory. Every method raises ConversationsError.
    """

    def __init__(self, path: Path | None, *, now_ms: int) -> None:
        self._path = path
        self.notice: str | None = None
        with self._told("opened"):
            self._db = self._opened(path, now_ms)

    def listed(self, find: str, limit: int) -> list[Listed]:
        """Conversations whose title or messages hold all words of `find`, the newest first.

        Of a word its beginning is enough.
        """
        words = re.findall(r"\w+", find)
        match = " ".join(f'"{word}"*' for word in words)
        where, values = "1", list[object]()
        if find.strip():
            title = " AND ".join(["title LIKE ? ESCAPE '\\'"] * max(1, len(words)))
            where, values = f"({title})", [_like(word) for word in words or [find.strip()]]
            if match:
                where += (
                    " OR id IN (SELECT conversation FROM exchanges WHERE number IN "
                    "(SELECT rowid FROM words WHERE words MATCH ?))"
                )
                values.append(match)
        with self._told("read"):
            rows = self._db.execute(
                "SELECT id, title, updated_ms, pinned, "
                "(SELECT count(*) FROM exchanges WHERE conversation = id AND NOT replaced) "
                "AS messages "
                f"FROM conversations WHERE {where} ORDER BY updated_ms DESC, rowid DESC LIMIT ?",
                [*values, limit],
            ).fetchall()
            found = self._snippets(match) if match else {}
        return [Listed(**row, found=found.get(row["id"], "")) for row in rows]

    def load(self, id: str) -> Kept | None:
        """The conversation whose id begins so, if it is the only one."""
        with self._told("read"):
            rows = self._db.execute(
                "SELECT * FROM conversations WHERE substr(id, 1, ?) = ? LIMIT 2", (len(id), id)
            ).fetchall()
            if not id or len(rows) != 1:
                return None
            return kept_of(rows[0], self._exchanges(rows[0]["id"]))

    def pinned(self, id: str) -> str | None:
        """Why nothing of a conversation may leave the box, if so."""
        with self._told("read"):
            row = self._db.execute(
                "SELECT pinned FROM conversations WHERE id = ?", (id,)
            ).fetchone()
        return None if row is None else row["pinned"]

    def begin(self, kept: Kept) -> None:
        """Write a new conversation, with what was said in it."""
        with self._writing():
            self._db.execute(
                "INSERT INTO conversations (id, title, created_ms, updated_ms, pinned, waived) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (
                    *(kept.id, kept.title, kept.created_ms, kept.updated_ms, kept.pinned),
                    json.dumps(sorted(kept.waived)),
                ),
            )
            self._choose(kept)
            for exchange in kept.exchanges:
                self._insert(kept.id, exchange)

    def choose(self, kept: Kept) -> bool:
        """Write which system prompt and models a conversation uses; false when it is not there."""
        with self._writing():
            return self._choose(kept)

    def pin(self, id: str, why: str | None, waived: frozenset[str] = frozenset()) -> bool:
        """Write that a conversation must stay on the box, or no longer; false when it is gone."""
        statement = "UPDATE conversations SET pinned = ?, waived = ? WHERE id = ?"
        return self._change(statement, why, json.dumps(sorted(waived)), id)

    def rename(self, id: str, title: str) -> bool:
        """Give a conversation another title; false when it is not there."""
        return self._change("UPDATE conversations SET title = ? WHERE id = ?", title, id)

    def ask(self, id: str, exchange: Exchange) -> Exchange | None:
        """Write a message before it is sent, and give it its number; None when it is gone."""
        with self._writing():
            if not self._touch(id, exchange.asked_ms):
                return None
            return exchange._replace(number=self._insert(id, exchange))

    def answer(self, exchange: Exchange, *, replaces: int | None = None) -> bool:
        """Write what came of a message; without any reply it is removed.

        `replaces` is the number of an earlier one that travels no more. False when the
        conversation is gone.
        """
        with self._writing():
            if not exchange.reply:
                self._db.execute("DELETE FROM exchanges WHERE number = ?", (exchange.number,))
                return True
            if replaces is not None:
                self._db.execute("UPDATE exchanges SET replaced = 1 WHERE number = ?", (replaces,))
            return bool(
                self._db.execute(
                    "UPDATE exchanges SET reply = ?, whole = ?, entry = ?, tier = ?, model = ?, "
                    "reason = ? WHERE number = ?",
                    (
                        *(plain(exchange.reply), exchange.whole, exchange.entry, exchange.tier),
                        *(exchange.model, exchange.reason, exchange.number),
                    ),
                ).rowcount
            )

    def forget(self, id: str) -> None:
        """Delete what was said in a conversation, and leave no trace of it in the file."""
        with self._writing():
            self._db.execute("DELETE FROM exchanges WHERE conversation = ?", (id,))
        self._scrub()

    def delete(self, id: str) -> bool:
        """Delete a conversation and leave no trace of it in the file; false when it is gone."""
        gone = self._change("DELETE FROM conversations WHERE id = ?", id)
        self._scrub()
        return gone

    def tasks(self, limit: int) -> list[str]:
        """The last different messages of all conversations, oldest first."""
        with self._told("read"):
            rows = self._db.execute(
                "SELECT task FROM exchanges GROUP BY task ORDER BY max(number) DESC LIMIT ?",
                (limit,),
            ).fetchall()
        return [row["task"] for row in reversed(rows)]

    def close(self) -> None:
        """Close the file."""
        with suppress(sqlite3.Error):
            self._db.close()

    def _opened(self, path: Path | None, now_ms: int) -> sqlite3.Connection:
        if path is None:
            connection = sqlite3.connect(":memory:", isolation_level=None)
            connection.row_factory = sqlite3.Row
            return self._made_ready(connection)
        make_folder(path.parent)
        try:
            return self._made_ready(create(path))
        except sqlite3.DatabaseError as error:
            if not is_corrupt(error):
                raise
            aside = set_aside(path, now_ms)
            self.notice = (
                f"The conversations' file {path} was no readable database; it is kept as "
                f"{aside.name}, and a new one was begun."
            )
            return self._made_ready(create(path))

    def _made_ready(self, connection: sqlite3.Connection) -> sqlite3.Connection:
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA secure_delete = ON")
            bring_up_to_date(connection)
        except NewerFileError:
            connection.close()
            raise ConversationsError(
                f"The conversations' file {self._path} was written by a newer llmconsole; upgrade "
                "this one, or name another folder with XDG_DATA_HOME."
            ) from None
        except BaseException:
            connection.close()
            raise
        return connection

    def _exchanges(self, id: str) -> tuple[Exchange, ...]:
        attached: dict[int, list[Attachment]] = {}
        for row in self._db.execute(
            "SELECT attachments.* FROM attachments JOIN exchanges ON exchange = exchanges.number "
            "WHERE conversation = ? ORDER BY attachments.number",
            (id,),
        ).fetchall():
            attached.setdefault(row["exchange"], []).append(attachment_of(row))
        rows = self._db.execute(
            "SELECT * FROM exchanges WHERE conversation = ? ORDER BY number", (id,)
        ).fetchall()
        return tuple(exchange_of(row, attached.get(row["number"], [])) for row in rows)

    def _snippets(self, match: str) -> dict[str, str]:
        rows = self._db.execute(
            f"SELECT conversation, snippet(words, -1, '', '', '…', {_SNIPPET_WORDS}) AS piece "
            "FROM words JOIN exchanges ON number = words.rowid WHERE words MATCH ? "
            "ORDER BY number LIMIT ?",
            (match, _MOST_SNIPPETS),
        ).fetchall()
        return {row["conversation"]: row["piece"] for row in rows}

    def _insert(self, id: str, exchange: Exchange) -> int:
        number = self._db.execute(
            "INSERT INTO exchanges (conversation, asked_ms, task, reply, whole, entry, tier, "
            "model, reason, replaced) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(id, exchange.asked_ms, plain(exchange.task), plain(exchange.reply)),
                exchange.whole,
                *(exchange.entry, exchange.tier, exchange.model, exchange.reason),
                exchange.replaced,
            ),
        ).lastrowid
        for each in exchange.attachments:
            image = each.image
            self._db.execute(
                "INSERT INTO attachments (exchange, name, text, path, real_path, media_type, data) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    *(number, *map(plain, (each.name, each.text)), each.path, each.real_path),
                    *((image.media_type, image.data) if image else (None, None)),
                ),
            )
        return int(number or 0)

    def _choose(self, kept: Kept) -> bool:
        system, models = kept.system, kept.models
        return bool(
            self._db.execute(
                "UPDATE conversations SET system_name = ?, system_text = ?, local_model = ?, "
                "api_model = ? WHERE id = ?",
                (
                    *((system.name, system.text) if system else (None, None)),
                    *(models.get(Tier.LOCAL), models.get(Tier.API), kept.id),
                ),
            ).rowcount
        )

    def _touch(self, id: str, at_ms: int) -> bool:
        statement = "UPDATE conversations SET updated_ms = max(updated_ms, ?) WHERE id = ?"
        return bool(self._db.execute(statement, (at_ms, id)).rowcount)

    def _change(self, statement: str, *values: object) -> bool:
        with self._writing():
            return bool(self._db.execute(statement, values).rowcount)

    def _scrub(self) -> None:
        """Leave no word of what was deleted in the index, nor in the log of writes."""
        with self._told("written"):
            self._db.execute("INSERT INTO words (words) VALUES ('optimize')")
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._told("written"):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def _told(self, doing: str) -> Iterator[None]:
        try:
            yield
        except ConversationsError:
            raise
        except (sqlite3.Error, OSError) as error:
            where = f"file {self._path}" if self._path else "memory"
            raise ConversationsError(
                f"The conversations' {where} cannot be {doing}: {ailment(error)}."
            ) from error


def _like(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
