"""What goes wrong inside the console is a sentence on the terminal and a trace in the log."""

import stat
import sys

from console.sources.places import find_places
from tests.end_to_end.programs import configured
from tests.terminal.pty_program import PtyProgram

BREAKS = """
import sys
from console.cli import main
from console.ui.screens.main import MainScreen

def broken(self):
    raise KeyError("secret detail")

MainScreen.on_mount = broken
main(["run"])
"""


def test_a_defect_ends_with_a_sentence_and_its_trace_is_in_the_log(own_home):
    with PtyProgram([sys.executable, "-c", BREAKS]) as program:
        assert program.wait() == 1
        assert "The log has the details" in program.text
        assert "Traceback" not in program.text and not program.left_on()
    log = find_places().log
    assert "KeyError: 'secret detail'" in log.read_text() and "Traceback" in log.read_text()
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_a_console_without_its_first_frame_comes_up_and_logs_why(own_home):
    themes = configured(own_home, 'theme = "broken"\n').parent / "themes"
    themes.mkdir()
    (themes / "broken.toml").write_text("colours = 1")
    with PtyProgram([sys.executable, "-m", "console"]) as program:
        program.until("theme broken lacks colours.background")
        program.send("\x11")
        assert program.wait() == 0 and not program.left_on()
    assert "no first frame was painted" in find_places().log.read_text()


def test_a_console_that_is_well_logs_nothing(own_home):
    with PtyProgram([sys.executable, "-m", "console"]) as program:
        program.until("→ ")
        program.send("\x11")
        assert program.wait() == 0
    assert not find_places().log.exists()
