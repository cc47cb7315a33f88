"""The command line: every verb, each light until it does something."""

from console.cli.guard import main

__all__ = ["main"]
