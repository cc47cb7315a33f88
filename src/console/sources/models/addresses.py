"""The addresses of model servers: how they are shown, and which never leave this machine."""

import re
import socket
from urllib.parse import urlsplit

from console.core import privacy


def normal(base_url: str) -> str:
    """The address with a scheme, and without a slash after it.

    A user and password in it are left out: a client would log them. A key has its own setting.
    """
    scheme, found, rest = base_url.strip().rstrip("/").partition("://")
    if not found:
        scheme, rest = "http", scheme
    server, slash, path = rest.partition("/")
    return f"{scheme}://{server.rpartition('@')[2]}{slash}{path}"


def shown(base_url: str) -> str:
    """Host and port for a sentence."""
    return normal(base_url).partition("://")[2].partition("/")[0] or "no address"


def host(base_url: str) -> str:
    """The host alone, in lower case."""
    try:
        return urlsplit(normal(base_url)).hostname or ""
    except ValueError:
        return ""


def door(base_url: str) -> tuple[str, int]:
    """Host and port to connect to; raises ValueError for a port that is none."""
    parts = urlsplit(normal(base_url))
    return host(base_url), parts.port or (443 if parts.scheme == "https" else 80)


def is_loopback(base_url: str) -> bool:
    """Whether the address is this machine's own, which no proxy may carry."""
    return privacy.is_loopback(host(base_url))


def root(base_url: str) -> str:
    """The address without the version of a protocol at its end, such as `/v1`."""
    return re.sub(r"/v\d+\w*$", "", normal(base_url))


def stray(base_url: str) -> str | None:
    """Where the name localhost leads, should that not be this machine; it is looked up anew."""
    if host(base_url) != "localhost":
        return None
    try:
        found = {str(each[4][0]) for each in socket.getaddrinfo("localhost", None)}
    except OSError:
        return None  # Nor can it be asked anything.
    away = sorted(each for each in found if not privacy.is_loopback(each.partition("%")[0]))
    return f"the name localhost leads to {away[0]}, not to this machine" if away else None
