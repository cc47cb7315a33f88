"""Whom a client believes to be the server at an encrypted address."""

import ssl
from functools import cache


def certificates(base_url: str) -> ssl.SSLContext:
    """The authorities that httpx trusts; for a plain address none at all.

    They take longer to read than a probe itself, and 2 MB.
    """
    return _nobody() if base_url.startswith("http://") else _authorities()


@cache
def _authorities() -> ssl.SSLContext:
    import httpx

    return httpx.create_ssl_context()


@cache
def _nobody() -> ssl.SSLContext:
    """Refuses every certificate: nothing at a plain address may turn out to be encrypted."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
