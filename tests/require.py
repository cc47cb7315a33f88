"""What a test needs from the machine: skipped with its reason, or required by `.ci/run`."""

import os
import shutil

import pytest


def need(condition: object, reason: str) -> None:
    """Skip unless `condition`; with LLMCONSOLE_REQUIRE_REAL=1 fail instead."""
    if condition:
        return
    if os.environ.get("LLMCONSOLE_REQUIRE_REAL") == "1":
        pytest.fail(f"required here: {reason}")
    pytest.skip(reason)


def need_program(name: str, package: str) -> str:
    """The path of a program, which Debian and Ubuntu have in `package`."""
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    need(path, f"`{name}` is not installed (Debian, Ubuntu: apt install {package})")
    return str(path)
