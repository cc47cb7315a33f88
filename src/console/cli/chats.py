"""`chats`: the conversations that are kept, without the screen."""

import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import click

from console.cli.exits import Exit, Stop
from console.cli.groups import Defaulting
from console.cli.invocation import Invocation, json_option, pass_invocation, run_async
from console.cli.output import print_json, print_table

if TYPE_CHECKING:
    from console.core.entry import Entry
    from console.core.kept import Listed
    from console.services.archive import Archive
    from console.services.conversation import Conversation

_id = click.argument("id")


class _Chats(Defaulting):
    default = "list"


@click.group(cls=_Chats)
def chats() -> None:
    """List, find, show, rename, export and delete the conversations that are kept.

    An ID may be shortened while it means one. Conversations are kept only with chat.store = true;
    without it, those that were kept before are still found here.
    """


@chats.command("list")
@click.option("--limit", default=50, show_default=True, help="The most that are listed.")
@json_option
@pass_invocation
def list_(invocation: Invocation, limit: int, as_json: bool) -> int:
    """The newest conversations."""
    return _list(invocation, "", limit, as_json)


@chats.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--limit", default=50, show_default=True, help="The most that are listed.")
@json_option
@pass_invocation
def search(invocation: Invocation, words: tuple[str, ...], limit: int, as_json: bool) -> int:
    """Conversations that hold all WORDS, in a message or the title; a beginning is enough."""
    return _list(invocation, " ".join(words), limit, as_json)


@chats.command()
@_id
@json_option
@pass_invocation
def show(invocation: Invocation, id: str, as_json: bool) -> int:
    """Print a conversation as Markdown, or all that is kept of it as JSON."""
    return _export(invocation, id, None, "json" if as_json else "md")


@chats.command()
@_id
@click.argument("file", required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(["md", "json"]),
    help="Markdown or JSON; without it, as FILE ends.",
)
@pass_invocation
def export(invocation: Invocation, id: str, file: str | None, form: str | None) -> int:
    """Write a conversation to FILE, which must be new, or to standard output."""
    return _export(
        invocation, id, file, form or ("json" if (file or "").endswith(".json") else "md")
    )


@chats.command()
@_id
@click.argument("title")
@pass_invocation
def rename(invocation: Invocation, id: str, title: str) -> int:
    """Give a conversation another title."""

    async def verb(archive: "Archive") -> int:
        await archive.rename((await _found(archive, id)).id, title)
        return Exit.FINE

    return _with_archive(invocation, verb)


@chats.command()
@_id
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_invocation
def delete(invocation: Invocation, id: str, yes: bool) -> int:
    """Delete a conversation for good: its words are also removed from the file's free space."""

    async def verb(archive: "Archive") -> int:
        found = await _found(archive, id)
        if not yes:
            if not sys.stdin.isatty():
                raise Stop("nothing was deleted; --yes deletes without asking.", Exit.USAGE)
            click.confirm(f"Delete {_title(found.called)}?", abort=True, err=True)
        await archive.delete(found.id)
        return Exit.FINE

    return _with_archive(invocation, verb)


def _list(invocation: Invocation, find: str, limit: int, as_json: bool) -> int:

    async def verb(archive: "Archive") -> int:
        listed = await archive.listed(find, limit)
        if as_json:
            print_json(
                {
                    "kept": invocation.settings.chat_store,
                    "chats": [each._asdict() for each in listed],
                }
            )
        elif listed:
            titles = ("id", "<last", "messages", "<", "<title")
            print_table(titles, [_row(each) for each in listed])
        if not listed and not invocation.settings.chat_store:
            click.echo("llmconsole: conversations are not kept (chat.store is false).", err=True)
        return Exit.FINE

    return _with_archive(invocation, verb)


def _row(each: "Listed") -> tuple[str, ...]:
    from datetime import datetime

    at = datetime.fromtimestamp(each.updated_ms / 1000).astimezone()
    title = _title(each.title) + (f" | {_title(each.found)}" if each.found else "")
    pinned = "pinned" if each.pinned is not None else ""
    return each.id, f"{at:%Y-%m-%d %H:%M}", f"{each.messages:,}", pinned, title


def _title(text: str) -> str:
    from console.core.text import one_line

    return one_line(text) or "-"


def _export(invocation: Invocation, id: str, file: str | None, form: str) -> int:
    async def verb(archive: "Archive") -> int:
        from console.services.export import as_json, as_markdown
        from console.sources.files import LocalFiles
        from console.sources.host import SystemClock

        found = await _found(archive, id)
        made = as_json(found, await _entries(invocation, found)) if form == "json" else {}
        if form == "json" and file is None:
            print_json(made)
            return Exit.FINE
        if form == "json":
            import json

            text = json.dumps(made, indent=1, ensure_ascii=False) + "\n"
        else:
            text = as_markdown(found, SystemClock().zone())
        if file is None:
            sys.stdout.write(text)
            return Exit.FINE
        try:
            where = LocalFiles().write(file, text)
        except ValueError as error:
            raise Stop(str(error), Exit.USAGE) from None
        click.echo(f"Written to {where}.", err=True)
        return Exit.FINE

    return _with_archive(invocation, verb)


async def _entries(invocation: Invocation, found: "Conversation") -> "dict[str, Entry]":
    """The rows of the ledger that belong to a conversation, those that are still there."""
    ids = {each.entry for each in found.exchanges if each.entry}
    if not ids or not invocation.places.ledger.exists():
        return {}
    async with invocation.services() as console:
        rows = [await console.books.get(id) for id in sorted(ids)]
    return {row.id: row for row in rows if row}


async def _found(archive: "Archive", id: str) -> "Conversation":
    found = await archive.load(id)
    if found is None:
        raise Stop(
            "there is no such conversation, or more than one begins so; "
            "`llmconsole chats` lists them.",
            Exit.USAGE,
        )
    return found


def _with_archive(
    invocation: Invocation, act: "Callable[[Archive], Coroutine[Any, Any, int]]"
) -> int:
    async def verb() -> int:
        async with _archive(invocation) as archive:
            try:
                return await act(archive)
            except OSError as error:
                raise Stop(str(error)) from None

    return run_async(verb)


@asynccontextmanager
async def _archive(invocation: Invocation) -> "AsyncIterator[Archive]":
    from console.wire.chats import open_stored

    archive = open_stored(invocation.settings, invocation.places)
    try:
        yield archive
    finally:
        await archive.aclose()
