"""What may leave the box, and whether the local tier is on it at all."""

import re
from collections.abc import Collection
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

from console.core.settings import TierSettings
from console.core.text import one_line

_SERVER = re.compile(r"[A-Za-z0-9._\-]+(?::\d{1,5})?|\[[0-9A-Fa-f:.]+\](?::\d{1,5})?", re.ASCII)


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine itself."""
    name = host.lower().rstrip(".")
    # A name below localhost is somebody's to answer: not every resolver keeps it here.
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
    address = local.base_url if "://" in local.base_url else f"http://{local.base_url}"
    try:
        server = urlsplit(address)
        host = server.hostname or ""
    except ValueError:
        return f"the local tier's address {one_line(local.base_url)} is none"
    # What two parsers may read as two hosts is no address to trust.
    if not _SERVER.fullmatch(server.netloc):
        return f"the local tier's address {one_line(host)} holds more than a host and a port"
    if not is_loopback(host) and host not in {own.lower() for own in own_hosts}:
        return (
            f"the local tier's host {one_line(host)} is not declared as yours; if it is, add it to "
            "privacy.own_hosts"
        )
    name = local.model.lower()
    if local.kind == "ollama" and name.endswith((":cloud", "-cloud")):
        return f"{one_line(local.model)} runs in Ollama's cloud; choose a model that runs here"
    return None
