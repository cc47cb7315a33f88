"""What `ask` says of a reply that is less than it seems, and how it shows a hostile one."""

from console.sources.demo.faults import Fault
from tests.cli.conftest import COMMAND
from tests.terminal.pty_program import PtyProgram
from tests.terminal.sequences import sequences
from tests.ui.hostile import ATTACKS, FORBIDDEN_BYTES


def test_a_prompt_that_ollama_cut_is_told_with_the_numbers(run, stand_ins):
    stand_ins.local.order(Fault(usage={"prompt_eval_count": 4_096}))
    ended = run("ask", "--tier", "local", "-", input="word " * 4_000)
    assert ended.code == 0
    assert "Only 4,096 of about 5,000 tokens were read" in ended.err
    assert "raise tiers.local.num_ctx" in ended.err


def test_a_hostile_reply_in_pieces_commands_nothing_at_a_terminal(stand_ins, environment):
    attacks = " ".join(t for t in ATTACKS.values() if "\ud800" not in t)
    stand_ins.local.order(Fault(reply=f"{attacks} the end"))
    command = [*COMMAND, "ask", "--tier", "local", "hello"]
    with PtyProgram(command, size=(200, 40), env=environment) as program:
        program.until("the end")
        assert program.wait() == 0
    assert not sequences(bytes(program.raw))
    for attack in FORBIDDEN_BYTES:
        assert attack not in program.raw, attack
