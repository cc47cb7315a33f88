"""A message and the reply to it, as a conversation keeps them."""

from collections.abc import Iterable
from typing import NamedTuple

from console.core.chat import Attachment, Turn
from console.core.routing.request import Request
from console.core.tier import Tier


class Exchange(NamedTuple):
    """What was asked, with what, and what came of it.

    `reply` is empty where none came, and `whole` false where it was stopped or cut. `entry` is the
    id of its ledger row; `tier`, `model` and `reason` say who answered and why. One that is
    `replaced` has been asked again: it can be read, but travels no more. `asked_ms` is UTC.
    `number` is its place where it is kept.
    """

    task: str
    attachments: tuple[Attachment, ...] = ()
    asked_ms: int = 0
    reply: str = ""
    whole: bool = False
    entry: str | None = None
    tier: Tier | None = None
    model: str = ""
    reason: str = ""
    replaced: bool = False
    number: int | None = None

    @property
    def turns(self) -> tuple[Turn, ...]:
        """Both turns as they travel with later messages; none without a reply."""
        if self.replaced or not self.reply:
            return ()
        return (request_for(self.task, self.attachments).turn, Turn("assistant", self.reply))


def request_for(task: str, attachments: Iterable[Attachment]) -> Request:
    """A task with what is attached to it, and nothing before it."""
    attached = tuple(attachments)
    paths = (path for each in attached for path in each.paths)
    return Request(
        task=task,
        attachments=context(attached),
        images=tuple(each.image for each in attached if each.image),
        paths=tuple(dict.fromkeys(paths)),
    )


def context(attachments: Iterable[Attachment]) -> str:
    """The text of attachments; each of several files begins with its name."""
    texts = [each for each in attachments if not each.image]
    named = len(texts) > 1
    return "\n\n".join(
        f"File: {each.name}\n{each.text}" if named and each.path else each.text for each in texts
    )


MOST_TEXT = 4_000_000
MOST_IMAGES = 20
MOST_IMAGE_BYTES = 20_000_000
"""What may travel with one message: characters of text, images, and bytes of them."""


def too_much(attachments: Iterable[Attachment]) -> str | None:
    """A sentence when attachments are together more than may travel with one message."""
    attached = tuple(attachments)
    images = [each.image for each in attached if each.image]
    if sum(len(each.text) for each in attached) > MOST_TEXT:
        return f"That is over {MOST_TEXT:,} characters in all; attach less."
    if len(images) > MOST_IMAGES:
        return f"That is over {MOST_IMAGES} images; attach fewer."
    if sum(len(image.data) for image in images) > MOST_IMAGE_BYTES:
        return f"That is over {MOST_IMAGE_BYTES // 1_000_000} MB of images; attach less."
    return None


TITLE_CHARS = 60


def title_of(task: str) -> str:
    """What a conversation is called after its first message, until it is named."""
    line = next((line.strip() for line in task.splitlines() if line.strip()), "")
    return line if len(line) <= TITLE_CHARS else f"{line[: TITLE_CHARS - 1].rstrip()}…"
