"""Where ids come from."""

import os


def new_id() -> str:
    """A fresh id for a ledger row or a conversation."""
    return os.urandom(8).hex()
