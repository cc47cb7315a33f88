"""Servers that fail, seen at a pseudo-terminal: what happened, what it cost, what to do."""

import json
import os

import pytest

from console.sources.demo.faults import Fault
from tests.end_to_end.programs import CONSOLE
from tests.terminal.pty_program import PtyProgram

pytestmark = pytest.mark.real

CASES = (
    ("local", [Fault(malformed_after=4)], ("breaks off here", "not as Ollama does", "tiers.local")),
    ("local", [Fault(delay_s=300)], ("sent no token within 5 s", "raise tiers", "~0\xa0out")),
    ("api", [Fault(status=401)], ("does not accept the key", "ANTHROPIC_API_KEY", "cost nothing")),
    ("api", [Fault(plain=True)], ("tok/s",)),  # JSON instead of a stream is a reply all the same
    ("api", [Fault(status=200, body=json.dumps({"answer": 42}))],
     ("not as the Messages API does", "tiers.api.base_url")),
    ("api", [Fault(cut_after=4)], ("The reply breaks off here.", "Send it again.", "$0.0")),
    ("api", [Fault(status=403)], ("does not allow this (403)", "cost nothing")),
    ("api", [], ("tok/s",)),  # one that is served, or the tier would be left alone
    ("api", [Fault(status=429, retry_after=20)], ("is limiting requests", "asked again in 1")),
    ("api", [Fault(status=429, retry_after=300)], ("is limiting requests", "Send it again in 29")),
    ("local", [Fault(status=404, body='{"error":"model \'llama3.1:8b\' not found"}')],
     ("does not have this model", "`ollama pull llama3.1:8b`", "cost nothing")),
)  # fmt: skip


def test_each_failure_says_what_happened_what_it_cost_and_what_to_do(stand_ins, own_home):
    env = os.environ | {
        "LLMCONSOLE_TIERS_LOCAL_BASE_URL": stand_ins.local.url,
        "LLMCONSOLE_TIERS_API_BASE_URL": stand_ins.api.url,
        "LLMCONSOLE_TIERS_LOCAL_FIRST_TOKEN_TIMEOUT_S": "5",
        "ANTHROPIC_API_KEY": stand_ins.api.key,
    }
    with PtyProgram(CONSOLE, size=(120, 40), env=env) as program:
        program.until("local ok")
        program.send("\x1bOR")  # the whole screen for the conversation
        program.until("Ask, or / for")
        for number, (tier, faults, words) in enumerate(CASES):
            server = getattr(stand_ins, tier)
            server.order(*faults)
            program.send(f"/tier {tier}\r")
            program.until(f"{tier} by hand")
            program.send(f"question {number}\r")
            program.until(lambda text, words=words: all(word in text for word in words))
            if "asked again" in program.text:
                program.send("\x1b")
                program.until("stopped")
            program.send("\x0e")
            program.until(lambda text, n=number: f"question {n}" not in text)
        program.send("\x11")
        assert program.wait() == 0 and not program.left_on()
