"""A command costs nothing it does not need."""

import subprocess
import sys

HEAVY = ("textual", "rich", "anthropic", "ollama", "httpx", "pynvml", "sqlite_utils",
         "genai_prices", "pydantic", "asyncio", "console.wire", "console.ui")  # fmt: skip


def loaded(environment, code):
    check = f"import sys; {code}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", check], env=environment, capture_output=True,
                          text=True, check=True)  # fmt: skip
    return set(done.stdout.splitlines()[-1].split()) & set(HEAVY) - {"asyncio"}


def test_importing_the_command_line_brings_nothing_heavy(environment):
    assert loaded(environment, "import console.cli") == set()


def test_reading_the_settings_brings_nothing_heavy(environment):
    code = "from pathlib import Path; from console.sources.settings import load_settings; "
    code += "load_settings(Path('/none'), {})"
    assert loaded(environment, code) == set()


def test_a_decision_brings_nothing_heavy(environment):
    code = "from console.cli.guard import _run; _run(['route', 'hello'])"
    assert loaded(environment, code) == set()
