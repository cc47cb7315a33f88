"""What may leave the box, and whether the local tier is on it at all."""

import re
from collections.abc import Collection
from ipaddress import IPv6Address, ip_address

from console.core.settings import TierSettings
from console.core.text import one_line

_ADDRESS = re.compile(
    r"https?://(?P<host>[A-Za-z0-9._\-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?(?:/[A-Za-z0-9._~/\-]*)?",
    re.ASCII | re.IGNORECASE,
)
"""An address in which every parser finds the same host."""

_CLOUD_TAG = re.compile(r":(?:.*-)?cloud\Z", re.IGNORECASE)


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine itself."""
    name = host.lower()
    # A name below localhost, or with a dot after it, is somebody's to answer: not every resolver
    # keeps it here.
    if name == "localhost":
        return True
    try:
        address = ip_address(name)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback or (mapped or address).is_unspecified


def elsewhere(local: TierSettings, own_hosts: Collection[str]) -> str | None:
    """Why what is sent to the local tier would leave the operator's machines; None: it does not.

    Local is loopback or a host declared as the operator's, and a model that runs there.
    """
    typed = local.base_url.strip()
    address = _ADDRESS.fullmatch(typed if "://" in typed else f"http://{typed}")
    if address is None:
        return (
            f"the local tier's address {_server(typed)} holds more than a host, a port and a path"
        )
    host = address["host"].strip("[]").lower()
    if not is_loopback(host) and host not in {own.lower() for own in own_hosts}:
        return (
            f"the local tier's host {one_line(host)} is not declared as yours; if it is, add it to "
            "privacy.own_hosts"
        )
    bare = local.kind == "ollama" and local.model.lower().endswith("-cloud")
    if bare or _CLOUD_TAG.search(local.model):
        return f"{one_line(local.model)} runs in Ollama's cloud; choose a model that runs here"
    return None


def _server(typed: str) -> str:
    """An address without its path and what may be a password, for a sentence."""
    return one_line(re.split(r"[/?#\\]", typed.partition("://")[2] or typed)[0].rpartition("@")[2])
