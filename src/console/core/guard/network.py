"""Addresses: e-mail, IP, MAC."""

import re
from ipaddress import AddressValueError, IPv6Address

_EMAIL = re.compile(
    r"""(?<=[\w.%+\-])@(?:[^\W_](?:[\w\-]{0,61}[^\W_])?\.){1,8}(?P<top>[^\W\d_]{2,24}|xn--\w{2,59})"""
)
_EMAIL_SPELT = re.compile(
    r"\b[\w.%+\-]{1,64} ?[\[({] ?at ?[\])}] ?[\w\-]{1,63}"
    r"(?: ?[\[({] ?dot ?[\])}] ?|\.)[^\W\d_]{2,24}\b",
    re.IGNORECASE,
)
_EMAIL_SAID = re.compile(
    r"\b[\w.+\-]{2,64} at [\w\-]{2,63} dot (?:com|org|net|edu|gov|io|info|biz|[a-z]{2})\b"
)
_CLONED = re.compile(r"(?:^|[\s/'\"])git$")
_AT = ("(at", "( at", "[at", "[ at", "{at", "{ at")
_FILES = frozenset(
    ("png", "jpg", "jpeg", "gif", "svg", "webp", "ico", "css", "js", "ts", "py", "json", "yaml")
)
"""Ends of file names that stand after an @ in scale factors and versions."""


def email(text: str, low: str) -> bool:
    """An e-mail address, also with (at) and (dot)."""
    if "@" in text:
        for found in _EMAIL.finditer(text):
            at = found.start()
            if found["top"].lower() in _FILES or re.search(
                r"(?:^|[\s/'\"])git$", text[max(0, at - 4) : at]
            ):
                continue
            return True
    if any(mark in low for mark in _AT) and _EMAIL_SPELT.search(text):
        return True
    return " at " in low and " dot " in low and bool(_EMAIL_SAID.search(low))


_IPV4 = re.compile(
    r"(\d(?<![\w.]\d)(?<![vV]\.\d)\d{0,2})(?:\.|\[\.\]|\(\.\))(\d{1,3})(?:\.|\[\.\]|\(\.\))(\d{1,3})"
    r"(?:\.|\[\.\]|\(\.\))(\d{1,3})(?![\w]|\.\d)"
)
_IPV6 = re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,8}[0-9A-Fa-f]{0,4}(?:%\w{1,16})?(?![\w:])")
_NUMBERED = re.compile(
    r"(?:version|ver\.?|release|section|sec\.|chapter|clause|article|§|build|OID)[ :=]{0,2}$",
    re.IGNORECASE,
)


def ip(text: str, low: str) -> bool:
    """An IP address that could be somebody's: not this machine, no mask, no version number."""
    for found in _IPV4.finditer(text):
        octets = [int(each) for each in found.groups()]
        if max(octets) > 255 or octets[0] in (0, 127, 255) or max(octets) < 10:
            continue
        if not _NUMBERED.search(text[max(0, found.start() - 12) : found.start()]):
            return True
    return ("::" in text or text.count(":") >= 7) and _some_ipv6(text)


def _some_ipv6(text: str) -> bool:
    return any(_is_ipv6(found[0]) for found in _IPV6.finditer(text))


def _is_ipv6(typed: str) -> bool:
    try:
        address = IPv6Address(typed.partition("%")[0])
    except AddressValueError:
        return False
    if address.is_unspecified or address.is_loopback:
        return False
    first, colons = typed.partition(":")[0], typed.count(":")
    if colons == 7 and "::" not in typed and not re.search(r"[A-Fa-f]|\w{4}", typed):
        return False  # a ratio, as of line intensities
    # Fewer colons are how some languages write slices and scopes.
    return colons >= 3 or (len(first) == 4 and first[0] in "2fF" and not typed.endswith("::"))


_MAC = re.compile(
    r"(?<![0-9A-Za-z:.\-])(?:[0-9A-Fa-f]{2}([:\-]))(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}(?![0-9A-Za-z:\-])"
    r"|(?<![0-9A-Za-z.])[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}(?![0-9A-Za-z.])"
)


def mac(text: str, low: str) -> bool:
    """A network card's address, but neither all zeros nor the broadcast's."""
    for found in _MAC.finditer(text):
        digits = set(found[0].lower()) - set(":-.")
        if len(digits) > 1 and (":" in found[0] or "-" in found[0] or digits - set("0123456789")):
            return True
    return False
