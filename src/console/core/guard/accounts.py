"""Numbers that have a check digit or an issuer: cards, IBANs, US social security numbers."""

import re

_DIGITS = re.compile(r"\d")
_SHAPED_CARD = re.compile(
    r"\d(?<!\d\d)(?<!\d[.,]\d)(?<!\b[A-Za-z]\d)(?:"
    r"\d{11,18}"
    r"|\d{3}(?:[ .\-/_]{1,3}|[ \t]?\n)\d{4}(?:[ .\-/_]{1,3}|[ \t]?\n)\d{4}"
    r"(?:[ .\-/_]{1,3}|[ \t]?\n)\d{1,4}(?:[ .\-/_]{1,3}\d{1,3})?"
    r"|\d{3}(?:[ .\-/_]{1,2}|[ \t]?\n)\d{6}(?:[ .\-/_]{1,2}|[ \t]?\n)\d{4,5}"
    r"|(?:[ \-]\d){12,18}(?![ \-]\d)"
    r")(?!\d|[.,]\d)"
)


def card(text: str, low: str) -> bool:
    """A payment card's number: an issuer's prefix and length, and Luhn's check digit."""
    for found in _SHAPED_CARD.finditer(text):
        digits = "".join(_DIGITS.findall(found[0]))
        if 12 <= len(digits) <= 19 and _issued(digits) and luhn(digits):
            return True
    return False


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others."""
    total = 0
    for at, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + at % 2)
        total += value - 9 * (value > 9)
    return total % 10 == 0


def _issued(digits: str) -> bool:
    lengths = next((lengths for prefix, lengths in _PREFIXES if prefix.match(digits)), ())
    return len(digits) in lengths and len(set(digits)) > 1


_PREFIXES = (
    (re.compile(r"4"), (13, 16, 19)),
    (re.compile(r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"), (16,)),
    (re.compile(r"3[47]"), (15,)),
    (re.compile(r"1800|2131"), (15,)),
    (re.compile(r"35"), (16, 17, 18, 19)),
    (re.compile(r"30[0-5]|3095|36|3[89]"), (14, 15, 16, 17, 18, 19)),
    (re.compile(r"6011|64[4-9]|65|62|60|81|82"), (12, 13, 14, 15, 16, 17, 18, 19)),
    (re.compile(r"50|5[6-9]|6|0604"), (12, 13, 14, 15, 16, 17, 18, 19)),
    (re.compile(r"220[0-5]|9792"), (16, 17, 18, 19)),
)
"""Issuers by the first digits, in the order they are looked at, with the lengths they have."""

_COUNTRIES = {
    15: "NO",
    16: "BE",
    18: "DK FI FK FO GL NL SD",
    19: "MK SI",
    20: "AT BA EE KZ LT LU MN XK",
    21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA",
    23: "AE GI IL IQ OM SO TL",
    24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "LY PT ST",
    26: "IS TR",
    27: "BI DJ FR GR IT MC MR SM",
    28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
    29: "BR EG PS QA UA",
    30: "JO KW MU YE",
    31: "MT SC",
    32: "LC",
    33: "RU",
}
"""Countries by the length of their IBANs, after the registry of ISO 13616."""

_IBAN_LENGTHS = {
    country: length for length, countries in _COUNTRIES.items() for country in countries.split()
}
_BBAN_DIGITS = 6
_IBAN = re.compile(
    r"(\d\d)(?:(?<=(?<![A-Za-z0-9])[A-Za-z]{2}\d\d)|(?<=(?<![A-Za-z0-9])[A-Za-z]{2}[ \-]\d\d))"
    r"((?:[ \-.\n\t]{0,2}[A-Za-z0-9]){11,29})"
)


def iban(text: str, low: str) -> bool:
    """A bank account's number: a country's length, and ISO 7064's mod 97."""
    for found in _IBAN.finditer(text):
        country = text[max(0, found.start() - 3) : found.start()].strip(" -")[-2:].upper()
        length = _IBAN_LENGTHS.get(country, 0)
        rest = "".join(filter(str.isalnum, found[2])).upper()[: length - 4]
        if length and len(rest) == length - 4 and sum(map(str.isdigit, rest)) >= _BBAN_DIGITS:
            digits = "".join(str(int(each, 36)) for each in f"{rest}{country}{found[1]}")
            if int(digits) % 97 == 1:
                return True
    return False


_SSN = re.compile(r"(\d(?<![\w\-.]\d)\d\d)([\- .])(\d{2})\2(\d{4})(?![\w]|[\-.]\d)")
_SSN_BARE = re.compile(
    r"(?:\bssn\b|social[ -]security|\btax ?id\b|\bitin\b)[^0-9]{0,40}(\d{3})(\d{2})(\d{4})(?!\d)",
    re.IGNORECASE,
)
_SSN_WORDS = re.compile(r"\bssn\b|social[ -]security|\bitin\b|\btax ?id", re.IGNORECASE)


def ssn(text: str, low: str) -> bool:
    """A US social security (or taxpayer) number, in the ranges that are given out.

    With dashes as such; with spaces, dots or nothing between its parts where words name it.
    """
    for found in _SSN.finditer(text):
        near = found[2] == "-" or _SSN_WORDS.search(text, max(0, found.start() - 60), found.start())
        if near and _given_out(found[1], found[3], found[4]):
            return True
    return any(word in low for word in ("ssn", "social", "tax", "itin")) and any(
        _given_out(*found.groups()) for found in _SSN_BARE.finditer(text)
    )


def _given_out(area: str, group: str, serial: str) -> bool:
    if area[0] == "9":
        return group >= "50" and serial != "0000"
    return area not in ("000", "666") and group != "00" and serial != "0000"
