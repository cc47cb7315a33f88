"""What in a text must not leave the box: found by form, in linear time, never repeated."""

from console.core.guard.kinds import Kind
from console.core.guard.scan import MOST_CHARS, Findings, scan

__all__ = ["MOST_CHARS", "Findings", "Kind", "scan"]
