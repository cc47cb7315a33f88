"""What may leave the box, and whether the local tier is on it at all."""

from collections.abc import Collection
from ipaddress import ip_address
from urllib.parse import urlsplit

from console.core.settings import TierSettings
from console.core.text import one_line


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine itself."""
    name = host.lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def elsewhere(local: TierSettings, own_hosts: Collection[str]) -> str | None:
    """Why what is sent to the local tier would leave the operator's machines; None: it does not.

    Local is loopback or a host declared as the operator's, and a model that runs there.
    """
    address = local.base_url if "://" in local.base_url else f"http://{local.base_url}"
    host = urlsplit(address).hostname or ""
    if not is_loopback(host) and host not in {own.lower() for own in own_hosts}:
        return (
            f"the local tier's host {one_line(host)} is not declared as yours; if it is, add it to "
            "privacy.own_hosts"
        )
    name = local.model.lower()
    if local.kind == "ollama" and name.endswith((":cloud", "-cloud")):
        return f"{one_line(local.model)} runs in Ollama's cloud; choose a model that runs here"
    return None
