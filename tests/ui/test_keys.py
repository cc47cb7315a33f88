"""The registry of actions: complete, without clashes, and safe to remap."""

import itertools
import string

import pytest
import textual.keys

from console.ui.app import ConsoleApp
from console.ui.key_names import FORBIDDEN, is_printable, names, shown
from console.ui.keymap import remap
from console.ui.keys import ACTIONS, Context, bindings, markdown_table, together
from console.ui.panes.chat import ChatPane
from console.ui.panes.gpu import GpuPane
from console.ui.panes.ledger import LedgerPane
from console.ui.panes.whatif import WhatifPane
from console.ui.screens.chats import ChatsScreen
from console.ui.screens.compare import CompareScreen
from console.ui.screens.main import MainScreen
from console.ui.widgets.reader import Reader

TARGETS = {
    Context.EVERYWHERE: MainScreen,
    Context.GLOBAL: MainScreen,
    Context.GPU: GpuPane,
    Context.LEDGER: LedgerPane,
    Context.CHAT: ChatPane,
    Context.WHATIF: WhatifPane,
    Context.COMPARE: CompareScreen,
    Context.LIST: ChatsScreen,
    Context.CONVERSATION: Reader,
}


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_every_action_is_complete_and_exists_on_its_target(action):
    assert action.id and action.label and action.help and names(action.keys)
    place, _, method = action.method.rpartition(".")
    target = ConsoleApp if place == "app" else TARGETS[action.context]
    assert callable(getattr(target, f"action_{method.partition('(')[0]}", None))


@pytest.mark.parametrize("context", TARGETS)
def test_every_widget_binds_what_the_registry_says(context):
    bound = {binding.id for binding in TARGETS[context].BINDINGS}
    assert {action.id for action in ACTIONS if action.context is context} <= bound


def test_ids_are_unique_and_no_key_means_two_things_in_one_place():
    assert len({action.id for action in ACTIONS}) == len(ACTIONS)
    for one, other in itertools.combinations(ACTIONS, 2):
        if together(one.context, other.context):
            assert not set(names(one.keys)) & set(names(other.keys)), (one.id, other.id)


def test_keys_that_terminals_take_for_others_are_not_bound():
    assert {"ctrl+h", "ctrl+i", "ctrl+j", "ctrl+m", "ctrl+a", "ctrl+b"} <= set(FORBIDDEN)
    assert names("ctrl+[") == ("ctrl+left_square_bracket",) and names("ctrl+[")[0] in FORBIDDEN
    for action in ACTIONS:
        assert not set(names(action.keys)) & set(FORBIDDEN), action.id


def test_what_works_while_typing_has_no_letter_and_goes_before_the_field():
    for action in ACTIONS:
        if action.context is Context.EVERYWHERE:
            assert action.while_typing, action.id
    for context in TARGETS:
        for binding in bindings(context):
            for name in names(binding.key):
                assert not (binding.priority and is_printable(name)), binding.id


@pytest.mark.parametrize(
    ("key", "types"),
    [("a", True), ("question_mark", True), ("space", True), ("plus", True), ("é", True),
     ("up", False), ("enter", False), ("f1", False), ("ctrl+t", False), ("backspace", False)],
)  # fmt: skip
def test_which_keys_type(key, types):
    assert is_printable(key) is types


def test_a_remap_is_taken_in_the_names_of_textual():
    keymap, refused = remap({"help": "f12,H", "zoom": "ctrl+y"})
    assert keymap == {"help": "f12,H", "zoom": "ctrl+y"} and not refused
    assert remap({"help": "!"})[0] == {"help": "exclamation_mark"}


def test_two_actions_may_swap_their_keys():
    keymap, refused = remap({"zoom": "q", "quit": "z"})
    assert keymap == {"zoom": "q", "quit": "z"} and not refused


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ({"zoom": "ctrl+i"}, "[keys] zoom: ^i cannot be used: a terminal takes it for Tab."),
        ({"zoom": "ctrl+["}, "[keys] zoom: ^[ cannot be used: a terminal takes it for Escape."),
        ({"zoom": "ctrl+a"}, "[keys] zoom: ^a cannot be used: a terminal takes it for the prefix"),
        ({"zoom": "\x1b[2J"}, "[keys] zoom: ␛[2J is no key."),
        ({"zom": "v"}, "[keys] zom: there is no such action; did you mean zoom?"),
        ({"[/x]\x1b": "v"}, "there is no such action."),
        ({"zoom": "q"}, "[keys] zoom: q already does quit."),
        ({"ledger.explain": "z"}, "[keys] ledger.explain: z already does zoom."),
        ({"chat.pin": "p"}, "[keys] chat.pin: p is a character, and this key must also work"),
        ({"zoom": " , "}, "[keys] zoom: no key is given; it keeps z."),
    ],
)
def test_a_remap_that_cannot_be_is_refused_in_a_sentence(wanted, sentence):
    keymap, refused = remap(wanted)
    assert not keymap and len(refused) == 1 and sentence in refused[0]
    assert "\x1b" not in refused[0]


def test_a_refused_wish_leaves_the_others():
    keymap, refused = remap({"zoom": "ctrl+i", "help": "H"})
    assert keymap == {"help": "H"} and len(refused) == 1
    # What was refused keeps its own key, so nothing else can have it.
    assert remap({"zoom": "ctrl+i", "help": "z"})[0] == {}


def test_the_printed_table_has_every_action():
    table = markdown_table()
    assert all(f"`{action.id}`" in table for action in ACTIONS)
    assert "| GPU | `space` | `gpu.pause` |" in table
    assert shown("ctrl+p,f1,question_mark,up") == "^p F1 ? ↑"


@pytest.mark.parametrize("character", [*string.digits, *string.ascii_letters, *string.punctuation])
def test_characters_are_named_and_printed_as_textual_does(character):
    (name,) = names(character) if character != "," else ("comma",)
    assert name == textual.keys._character_to_key(character)
    assert shown(name) == textual.keys.format_key(name)


@pytest.mark.parametrize("name", sorted({name for each in ACTIONS for name in names(each.keys)}))
def test_the_keys_of_actions_are_printed_as_textual_does(name):
    if not name.startswith("ctrl+") and not (name[0] == "f" and name[1:].isdigit()):
        assert shown(name) == textual.keys.format_key(name)
