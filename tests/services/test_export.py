"""A conversation as a document: everything said, nothing that could act."""

from console.core.chat import Attachment, Image, SystemPrompt
from console.core.exchange import Exchange
from console.core.tier import Tier
from console.services.conversation import Conversation
from console.services.export import as_json, as_markdown, file_name

PNG = Image("plan.png", "image/png", b"\x89PNG")
CHAT = Conversation(
    id="abcdef123",
    pinned="by hand",
    system=SystemPrompt("terse", "Say ```nothing```."),
    exchanges=[
        Exchange(task="What is\nthis?", attachments=(Attachment("plan.png", "", PNG, "/p"),),
                 asked_ms=1_795_000_000_000, reply="No idea.", whole=True, entry="e1",
                 tier=Tier.LOCAL, model="llava", reason="routine", replaced=True),
        Exchange(task="Again", reply="A \x1b[31mplan", tier=Tier.API, model="c", reason="by hand"),
        Exchange(task="Lost"),
    ],
)  # fmt: skip


def test_markdown_reads_in_order_with_who_answered():
    text = as_markdown(CHAT, "UTC")
    assert text.startswith("# What is\n\nPinned to local: by hand.\n\nSystem prompt `terse` (")
    assert "````text\nSay ```nothing```.\n````" in text, "the fence is longer than what it holds"
    assert "## You · 2026-11-18 11:06\n\nWhat is\nthis?\n\n*with plan.png*" in text
    assert "## local · llava · routine\n\nNo idea.\n\n*asked again below*" in text
    assert "A ␛[31mplan\n\n*stopped or cut here*" in text and "\x1b" not in text
    assert text.endswith("Lost\n\n*no reply was kept*\n")


def test_json_has_all_of_it():
    made = as_json(CHAT, {})
    first, second, _ = made["exchanges"]
    assert (made["id"], made["system"]["hash"]) == ("abcdef123", CHAT.system.version)
    assert first["attachments"][0]["image"] == {"media_type": "image/png", "base64": "iVBORw=="}
    assert (first["replaced"], second["whole"], second["reply"]) == (True, False, "A \x1b[31mplan")


def test_a_files_name_is_plain_letters():
    assert file_name(CHAT, "md") == "what-is-abcdef.md"
    assert file_name(Conversation(id="x1", title="日本/../"), "json") == "conversation-x1.json"
