"""The stand-in driver is one to others too: nvitop, unmodified, reads it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.patience import PATIENCE_S
from tests.require import need


def test_nvitop_reads_the_same_library(driver):
    beside = Path(sys.executable).with_name("nvitop")
    nvitop = str(beside) if beside.exists() else shutil.which("nvitop")
    need(nvitop, "`nvitop` is not installed (pip install nvitop)")
    driver.order("wave 0 210 210 4", "name 1 Second Card", f"process 0 {os.getpid()} 1234 C 42")
    ended = subprocess.run(
        [nvitop, "--once", "--no-unicode"], capture_output=True, text=True, timeout=PATIENCE_S,
        env={**os.environ, "COLUMNS": "100"}, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    for seen in ("580.95.05", "Fake GPU 0", "Second Card", "210W / 450W", "1234MiB", "41%"):
        assert seen in ended.stdout, seen
    assert "Traceback" not in ended.stderr
