"""A conversation: what travels with a message, what is kept, and that a pin holds."""

import pytest

from console.core.chat import Image, Turn
from console.core.exchange import MOST_IMAGES, MOST_TEXT, Exchange
from console.core.routing.decide import decide
from console.core.tier import Tier
from console.services.conversation import Attachment, Conversation


def test_a_request_carries_attachments_history_and_the_operators_word():
    chat = Conversation(id="c", exchanges=[Exchange(task="a", reply="b")])
    chat.attachments += [Attachment("x", "one"), Attachment("y", "two")]
    chat.force(Tier.API)
    request = chat.request("go")
    assert request.attachments == "one\n\ntwo"
    assert [turn.text for turn in request.history] == ["a", "b"]
    assert decide(request).tier is Tier.API
    assert request.message == "go\n\nContext: one\n\ntwo"


PNG = Image("plan.png", "image/png", b"\x89PNG")


def test_images_travel_beside_the_text_and_stay_with_the_conversation():
    chat = Conversation(id="c")
    chat.attachments += [Attachment("plan.png", "", PNG, "/plan.png"), Attachment("x", "one")]
    request = chat.request("look")
    assert (request.attachments, request.images, request.vision) == ("one", (PNG,), True)
    assert request.prompt().turns[-1].images == (PNG,)
    chat.keep(Exchange(task="look", attachments=chat.sent(), reply="a plan"))
    later = chat.request("and now")
    assert (later.images, later.vision) == ((), True)
    assert [turn.images for turn in later.prompt().turns] == [(PNG,), (), ()]


def test_every_file_that_travels_is_named_however_long_ago_it_was_attached():
    chat = Conversation(id="c", attachments=[Attachment("a", "x", None, "/link/a", "/real/a")])
    request = chat.request("one")
    assert request.paths == ("/link/a", "/real/a")
    chat.keep(Exchange(task="one", attachments=chat.sent(), reply="reply"))
    chat.attachments.append(Attachment("b", "y", None, "/b"))
    assert chat.request("two").paths == ("/link/a", "/real/a", "/b")
    assert Conversation(id="d", attachments=[Attachment("paste", "x")]).request("t").paths == ()


def test_attachments_leave_with_their_message():
    chat = Conversation(id="c", attachments=[Attachment("x", "one")])
    assert chat.sent() == (Attachment("x", "one"),)
    assert chat.request("go").attachments == ""


def test_a_reply_is_kept_with_its_message_and_without_one_neither():
    chat = Conversation(id="c")
    chat.keep(Exchange(task="lost"))
    chat.keep(Exchange(task="go", reply="part", whole=False))
    assert chat.turns == [Turn("user", "go"), Turn("assistant", "part")]


def test_a_pin_holds_against_the_policy_and_by_hand():
    chat = Conversation(id="c", forced=Tier.API)
    chat.pin("by hand")
    chat.pin("another reason")
    assert chat.pinned == "by hand" and chat.forced is None
    with pytest.raises(ValueError, match=r"pinned \(by hand\)"):
        chat.force(Tier.API)
    chat.force(Tier.LOCAL)
    chat.force(None)
    assert decide(chat.request("analyze")).tier is Tier.LOCAL


def test_forgetting_keeps_the_pin():
    chat = Conversation(id="c", attachments=[Attachment("x", "one")])
    chat.keep(Exchange(task="go", reply="reply"))
    chat.pin("by hand")
    chat.forget()
    assert (chat.turns, chat.attachments, chat.pinned) == ([], [], "by hand")


def test_an_exchange_asked_again_is_kept_and_travels_no_more():
    chat = Conversation(id="c")
    first = Exchange(task="go", reply="no")
    chat.keep(first)
    chat.keep(Exchange(task="go"), instead=first)
    assert [turn.text for turn in chat.turns] == ["go", "no"], "no reply replaces nothing"
    chat.keep(Exchange(task="go", reply="yes"), instead=first)
    assert [turn.text for turn in chat.turns] == ["go", "yes"]
    assert [each.replaced for each in chat.exchanges] == [True, False]


def test_of_several_files_each_begins_with_its_name():
    files = [Attachment("a.py", "one", None, "/a.py"), Attachment("b.py", "two", None, "/b.py")]
    chat = Conversation(id="c", attachments=[*files, Attachment("pasted text", "three")])
    assert chat.request("go").attachments == "File: a.py\none\n\nFile: b.py\ntwo\n\nthree"


def test_what_is_attached_again_is_taken_anew_and_too_much_is_refused():
    chat = Conversation(id="c")
    chat.attach([Attachment("a", "old", None, "/a")])
    chat.attach([Attachment("a", "new", None, "/a")])
    assert [each.text for each in chat.attachments] == ["new"]
    with pytest.raises(ValueError, match="over 4,000,000 characters"):
        chat.attach([Attachment("b", "x" * MOST_TEXT)])
    with pytest.raises(ValueError, match="over 20 images"):
        chat.attach([Attachment("p", "", PNG, f"/{n}") for n in range(MOST_IMAGES + 1)])
    assert [each.text for each in chat.attachments] == ["new"]


def test_a_conversation_is_called_by_its_title_or_its_first_line():
    chat = Conversation(id="c")
    assert chat.called == ""
    chat.keep(Exchange(task="\n  " + "word " * 30 + "\nmore", reply="x"))
    assert chat.called.startswith("word word") and len(chat.called) <= 60
    chat.title = "Plans"
    assert chat.called == "Plans"
