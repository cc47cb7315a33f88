"""The stand-in driver is one to others too: nvitop, unmodified, reads it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.patience import PATIENCE_S
from tests.require import need


def nvitop():
    """What nvitop prints of the stand-in driver's cards."""
    beside = Path(sys.executable).with_name("nvitop")
    program = str(beside) if beside.exists() else shutil.which("nvitop")
    need(program, "`nvitop` is not installed (pip install nvitop)")
    ended = subprocess.run(
        [program, "--once", "--no-unicode"], capture_output=True, text=True, timeout=PATIENCE_S,
        env={**os.environ, "COLUMNS": "100"}, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert "Traceback" not in ended.stderr
    return ended.stdout


def test_nvitop_reads_the_same_library(driver):
    driver.order("wave 0 210 210 4", "name 1 Second Card", f"process 0 {os.getpid()} 1234 C 42")
    shown = nvitop()
    for seen in ("580.95.05", "Fake GPU 0", "Second Card", "210W / 450W", "1234MiB", "41%"):
        assert seen in shown, seen


def test_nvitop_sees_the_same_instances(driver):
    driver.order("mig 0 1 1", "instance 0 1 0 3 3 40192 20000", "instance 0 5 1 2 1 20096 100",
                 f"process 0 {os.getpid()} 1234 C 0 5 1")  # fmt: skip
    shown = nvitop()
    for seen in ("Enabled", "3g.40gb @ GI/CI: 1/0", "1c.2g.20gb @ GI/CI: 5/1", "20000MiB",
                 "0:1", "1234MiB"):  # fmt: skip
        assert seen in shown, seen
