"""Where ids come from."""

import secrets


def new_id() -> str:
    """A fresh id for a ledger row or a conversation."""
    return secrets.token_hex(8)
