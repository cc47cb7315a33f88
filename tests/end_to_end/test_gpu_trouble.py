"""The console at a real terminal while the driver misbehaves: truth on screen, and quick keys."""

import os
import re

import pytest

from tests.end_to_end.programs import CONSOLE
from tests.processes import children
from tests.terminal.pty_program import PtyProgram

pytestmark = pytest.mark.real

SIZE = (110, 40)
GPU_PANE = "\x1b1"
LOAD = ("wave 0 60 410 3.7", "wave 1 30 300 2.3")


@pytest.fixture
def order(driver):
    """Orders faults while the cards are under a load that never shows the same watts twice."""

    def order(*lines):
        driver.order(*LOAD, *lines)

    order()
    return order


@pytest.fixture
def console(order, own_home):
    """Starts the console with the GPU pane zoomed; killed when the test ends."""
    running = []

    def start(*arguments):
        program = PtyProgram([*CONSOLE, *arguments], size=SIZE, env=dict(os.environ))
        running.append(program)
        program.until("4 What-if")
        program.send(GPU_PANE)
        program.until("━ 1 GPU")
        program.send("z")
        program.until(lambda text: "3 Chat" in text.splitlines()[1])
        return program

    yield start
    for program in running:
        program.__exit__()


def row(program, index):
    """The line of a card in the list."""
    for line in program.text.splitlines():
        if re.match(rf"┃ [ ▸]{index:>2}[ !]", line):
            return line
    return ""


def watts(program, index):
    found = re.search(r"(\d+)/\d+W", row(program, index))
    return int(found[1]) if found else None


def selected(program):
    return next((index for index in (0, 1) if "▸" in row(program, index)), None)


def keys_act_and_card_0_goes_on(program):
    """Selecting works, and the healthy card's watts change, while the other is in trouble."""
    program.until(lambda text: selected(program) is not None)
    there = 1 - selected(program)
    program.send("kj"[there])
    program.until(lambda text: selected(program) == there)
    program.send("kj"[1 - there])
    program.until(lambda text: selected(program) == 1 - there)
    before = watts(program, 0)
    program.until(lambda text: watts(program, 0) not in (None, before))


def leaves_at_once(program):
    program.send("q")
    assert program.wait() == 0
    assert program.left_on() == set()


@pytest.mark.parametrize(
    ("fault", "words"),
    [("15", "lost"), ("16", "needs a reset"), ("4", "no permission"), ("999", "does not answer")],
)
def test_a_card_out_of_reach_is_named_and_comes_back(console, order, fault, words):
    program = console()
    program.until(lambda text: watts(program, 1) is not None)
    order(f"fault 1 * {fault}")
    program.until(lambda text: words in row(program, 1))
    assert "W" not in row(program, 1).partition(words)[2], "no old watts beside it"
    keys_act_and_card_0_goes_on(program)
    order()
    program.until(lambda text: watts(program, 1) is not None)
    leaves_at_once(program)


def test_a_card_that_hangs_ages_and_disturbs_nobody(console, order):
    program = console()
    program.until(lambda text: watts(program, 1) is not None)
    order("fault 1 * hang")
    program.until(lambda text: re.search(r"\d+ s ago|does not answer", row(program, 1)))
    keys_act_and_card_0_goes_on(program)
    leaves_at_once(program)


def test_a_slow_call_disturbs_nobody(console, order):
    program = console()
    program.until(lambda text: watts(program, 1) is not None)
    order("fault 1 DeviceGetFieldValues slow:500", "fault 1 DeviceGetPowerUsage slow:500")
    keys_act_and_card_0_goes_on(program)
    keys_act_and_card_0_goes_on(program)
    leaves_at_once(program)


def test_a_crash_inside_the_library_takes_no_more_than_its_card(console, order):
    program = console()
    program.until(lambda text: watts(program, 1) is not None)
    order("fault 1 * crash")
    program.until(lambda text: "crash" in text)
    program.until(
        lambda text: (
            "crash" in row(program, 1) and watts(program, 0) and "ago" not in row(program, 0)
        ),
    )
    keys_act_and_card_0_goes_on(program)
    order()
    leaves_at_once(program)


def test_a_value_that_goes_away_is_unknown_and_comes_back(console, order):
    program = console()
    program.until(lambda text: watts(program, 1) is not None)
    order("fault 1 DeviceGetUtilizationRates 3")
    program.until(lambda text: "-%" in row(program, 1))
    assert watts(program, 1) is not None
    leaves_at_once(program)


@pytest.mark.parametrize(
    ("orders", "words"),
    [
        ("driver 9", "driver is not loaded"),
        ("driver 18", "version mismatch"),
        ("driver 4", "No permission"),
    ],
)
def test_a_driver_that_is_not_there_is_said_and_found_when_it_comes(console, order, orders, words):
    order(orders)
    program = console()
    program.until(words)
    order()
    program.until(lambda text: watts(program, 0) is not None)
    leaves_at_once(program)


def test_a_driver_that_is_loaded_anew_while_we_look(console, order):
    program = console()
    program.until(lambda text: watts(program, 1) is not None)
    order("epoch 1")
    program.until(lambda text: "driver" in text.partition("──")[0].lower() or "ago" in text)
    program.until(lambda text: "ago" not in text and watts(program, 0) is not None)
    leaves_at_once(program)


def test_a_card_lost_at_the_start_is_found(console, order):
    order("fault 0 * 15")
    program = console()
    program.until(lambda text: "lost" in row(program, 0) and watts(program, 1) is not None)
    order()
    program.until(lambda text: watts(program, 0) is not None)
    leaves_at_once(program)


def test_what_is_wrong_with_a_card_is_called_out_in_words(console, order):
    order(
        "set 0 util 99", "set 0 gen 1", "held 0 74 0.38", "held 1 270 0.05",
        "process 0 4242 2048 C 40",
    )  # fmt: skip
    program = console()
    program.until(lambda text: re.search(r"held back: power cap 3\d %|power cap 3\d %", text))
    program.until("down-trained: gen1")
    program.until("4242")
    assert "!" in row(program, 0)[:6] and "!" in row(program, 1)[:6]
    leaves_at_once(program)


def test_an_xid_is_called_out(console, order):
    program = console()
    program.until(lambda text: watts(program, 1) is not None)
    order("xid 1 79 1")
    program.until("Xid 79")
    leaves_at_once(program)


def test_a_pause_releases_the_driver(console, order):
    program = console()
    program.until(lambda text: watts(program, 1) is not None)
    readers = children(program.pid)
    program.send(" ")
    program.until("PAUSED")
    program.until(lambda text: not set(readers) & set(children(program.pid)))
    program.settle(1, 5)

    def silent():
        sent = len(program.raw)
        program.settle(2, 3)
        return len(program.raw) == sent

    # Twice, for once the clock's minute may turn.
    assert readers and (silent() or silent()), "nothing is sent while paused"
    program.send(" ")
    program.until(lambda text: "PAUSED" not in text and watts(program, 1) is not None)
    leaves_at_once(program)


def test_a_card_that_enters_mig_mode_lists_its_instances_and_one_that_leaves_has_its_work_back(
    console, order
):
    order("mig 0 0 1")
    program = console()
    program.until("MIG off, on after a reset")
    mig = ("mig 0 1 1", "instance 0 1 0 3 3 40192 20000", "instance 0 5 0 2 2 20096 100")
    order(*mig, f"process 0 {os.getpid()} 900 C 0 1 0")
    program.until("MIG ×2")
    program.until("not supported in MIG mode")
    program.until(lambda text: re.search(r"2g\.20gb +5:0", text))
    program.until(lambda text: re.search(rf"1:0 +{os.getpid()}", text))
    keys_act_and_card_0_goes_on(program)
    program.send("k")
    order("mig 0 0 0")
    program.until(lambda text: "MIG off" in text and "% SM" in text and "2g.20gb" not in text)
    leaves_at_once(program)
