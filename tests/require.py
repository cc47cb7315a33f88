"""What a test needs from the machine."""

import os

import pytest


def need(condition: object, reason: str) -> None:
    """Skip the test with a reason; fail it where LLMCONSOLE_REQUIRE_REAL=1 says all is here."""
    if not condition:
        (pytest.fail if os.environ.get("LLMCONSOLE_REQUIRE_REAL") == "1" else pytest.skip)(reason)
