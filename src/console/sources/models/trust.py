"""Whom a client believes to be the server at an encrypted address."""

import ssl
from functools import cache

from console.core.chat import FailureKind, ModelFailure


def certificates(base_url: str) -> ssl.SSLContext:
    """The authorities that httpx trusts; for a plain address none at all.

    They take longer to read than a probe itself, and 2 MB. Raises ModelFailure.
    """
    return _nobody() if base_url.startswith("http://") else _authorities()


def unreadable(error: OSError) -> ModelFailure:
    """The failure to read what the operator trusts; the ollama package does so when imported."""
    reason = error.strerror or "it holds none"
    return ModelFailure(
        FailureKind.UNTRUSTED,
        f"The certificates of SSL_CERT_FILE or SSL_CERT_DIR cannot be read: {reason}.",
        hint="Correct the variable, or unset it.",
    )


@cache
def _authorities() -> ssl.SSLContext:
    import httpx

    try:
        return httpx.create_ssl_context()
    except OSError as error:
        raise unreadable(error) from None


@cache
def _nobody() -> ssl.SSLContext:
    """Refuses every certificate: nothing at a plain address may turn out to be encrypted."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
