"""The addresses of model servers: how they are shown, and which never leave this machine."""

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit


def with_scheme(base_url: str) -> str:
    """The address with `http://` before it where no scheme is, and no slash after it."""
    base_url = base_url.strip().rstrip("/")
    return base_url if "://" in base_url else f"http://{base_url}"


def shown(base_url: str) -> str:
    """Host and port for a sentence, without a user or password that the address may hold."""
    return _split(base_url).netloc.rpartition("@")[2] or "the server"


def host(base_url: str) -> str:
    """The host alone, in lower case."""
    try:
        return _split(base_url).hostname or ""
    except ValueError:
        return ""


def is_loopback(base_url: str) -> bool:
    """Whether the address is this machine's own, which no proxy may carry."""
    name = host(base_url)
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _split(base_url: str) -> SplitResult:
    try:
        return urlsplit(with_scheme(base_url))
    except ValueError:
        return SplitResult("", "", "", "", "")
