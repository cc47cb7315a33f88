"""Keys and passwords: private keys, signed tokens, credentials in addresses and assignments."""

import re
from math import log2

from console.core.guard.tokens import EXAMPLE, look_alike

_PRIVATE_KEY = re.compile(
    r"-----BEGIN[A-Z0-9 ]{0,40} PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-\d:|<RSAKeyValue>"
)
_JWT = re.compile(
    r"(?<![A-Za-z0-9_\-])eyJ[A-Za-z0-9_\-]{8,}\.(?:eyJ[A-Za-z0-9_\-]{8,}\.?|[A-Za-z0-9_\-]*\.[A-Za-z0-9_\-]{8,}\.)"
)


def private_key(text: str, low: str) -> bool:
    """A private key's first line."""
    return any(
        mark in text and bool(_PRIVATE_KEY.search(text))
        for mark in ("PRIVATE KEY", "PuTTY-User-Key", "<RSAKeyValue>")
    )


def jwt(text: str, low: str) -> bool:
    """A signed or encrypted token of base64 JSON."""
    return "eyJ" in text and bool(_JWT.search(text))


_URL = re.compile(r"://[^\s/:@\"'<>]{0,80}:([^\s/@\"'<>]{3,200})@[\w.\-\[]")
_PASSWORDS = ("pass", "pwd", "kennwort", "mot de", "contraseña", "senha", "пароль", "密码", "パス")
_NAME = re.compile(
    r"pass(?:word|wd|wort|phrase|code)?|pwd|secret|credential|key|token|auth|sig(?:nature)?|cookie|"
    r"webhook|bearer|basic|digest|kennwort|mot de passe|contraseña|senha|пароль|密码|パスワード"
)
_ASSIGNED = re.compile(
    r"[a-z0-9_\-.]{0,26}(?P<quoted>[\"'`\]]{0,3})(?: value)?[ \t]{0,3}"
    r"(?:[:=]{1,2}>?|=>|\|\||>(?=\S)|,(?=[ \t]{0,3}[\"']))[ \t>]{0,3}"
    r"(?P<quote>[\"'`]{0,3})(?P<value>[^\s\"'`,;<>]{6,200})",
    re.IGNORECASE,
)
_SPOKEN = re.compile(
    r"(?: (?:for|of|to) [\w.\-@ ]{1,40}?)?(?: is| was| ist| est| es| é| 是|是|是:)[: ]{0,3}"
    r"[\"'`“‘«]?([^\s\"'`”’»,]{4,128})",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"(?:bearer|basic|token|apikey|digest)[ :]{1,3}([A-Za-z0-9._~+/\-]{16,}=*)", re.IGNORECASE
)
_FLAG = re.compile(r"(?:^|\s)(?:-u|--user|-p|--password|--token|--api-key)[ =]([^\s-][^\s]{5,200})")
_CODE = re.compile(
    r"[(){}\[\]$%<>\\]|^(?:self|this|os|env|process|config|settings|args?|kwargs)\b"
    r"|^[a-z_]+(?:\.[a-z_]+)+$",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"^(?:password|passwd|pass|pwd|secret|token|key|none|null|nil|true|false|undefined|string|str|"
    r"required|optional|changeme|change_me|user(?:name)?|todo|tbd|foo|bar|baz|test|hidden|empty)"
    r"\W*\d?$|^x+$|^\*+$|^\.+$|^-+$",
    re.IGNORECASE,
)
_SHORTEST = 4
_DRAWN, _BITS = 4, 3.0
_LONG_RUN, _BITS_OF_LETTERS = 32, 3.7
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


def credential(text: str, low: str) -> bool:
    """A password or key in an address, a header, an assignment or a sentence."""
    if "://" in text and any(_is_password(found[1]) for found in _URL.finditer(text)):
        return True
    if len(low) != len(text):
        text = low
    passed = 0
    for name in _NAME.finditer(low):
        at = name.start()
        if at < passed:
            continue
        assigned = _ASSIGNED.match(text, name.end())
        if assigned:
            if _is_secret(name[0], assigned):
                return True
            if len(assigned["value"]) >= _LONG:
                passed = assigned.end()
        spoken = _SPOKEN.match(text, name.end())
        if spoken and (_is_spoken if name[0].startswith(_PASSWORDS) else _is_random)(spoken[1]):
            return True
        header = _HEADER.match(text, at)
        if header and _is_random(header[1]):
            return True
    return any(
        ":" in found[1] and _is_password(found[1].partition(":")[2])
        for found in _FLAG.finditer(text)
    )


_LONG = 40
"""A value from here on is looked at whole, not again from each name that stands in it."""


def _is_secret(name: str, found: re.Match[str]) -> bool:
    value = found["value"]
    if name.startswith(_PASSWORDS):
        return (bool(found["quote"]) or _mixed(value)) and _is_password(value)
    return _is_random(value)


def _is_password(value: str) -> bool:
    """Whether a value could be chosen by a person: no placeholder, no expression of code."""
    if len(value) < _SHORTEST or _PLACEHOLDER.search(value) or EXAMPLE.search(value):
        return False
    return _strong(value) or not _CODE.search(value)


def _is_spoken(value: str) -> bool:
    value = value.rstrip(".!?)")
    return len(value) >= 5 and _mixed(value) and not _PLACEHOLDER.search(value)


def _is_random(value: str) -> bool:
    """Whether a value looks drawn at random: long, with digits among letters, of high entropy."""
    value = value.rstrip(".:)]}")
    if len(value) < 16 or look_alike(value) or _CODE.search(value):
        return False
    if _UUID.fullmatch(value):
        return True
    drawn = sum(each.isdigit() + each.isupper() for each in value)
    if _mixed(value):
        return drawn >= _DRAWN and _entropy(value) >= _BITS
    # Without a digit only a long run of letters of one case can be told from words.
    return len(value) >= _LONG_RUN and value.isalpha() and _entropy(value) >= _BITS_OF_LETTERS


def _mixed(value: str) -> bool:
    """Letters among digits or signs."""
    other = any(map(str.isdigit, value)) or not value.replace("_", "").replace("-", "").isalnum()
    return other and any(map(str.isalpha, value))


def _strong(value: str) -> bool:
    tests = (str.isdigit, str.isupper, str.islower)
    return len(value) >= 8 and all(any(map(test, value)) for test in tests)


def _entropy(value: str) -> float:
    """Bits a character, from how often each is there."""
    size = len(value)
    return -sum(n / size * log2(n / size) for n in map(value.count, set(value)))
