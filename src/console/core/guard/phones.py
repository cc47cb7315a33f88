"""Phone numbers, in the forms that people write them in."""

import re

_PHONE = re.compile(
    r"[+(\d](?<![\w/.,$€£\-+(].)(?<!\d:.)(?:(?<=\+) ?\(?|(?<=\d)|(?<=\()\+?)\d{0,14}"
    r"(?:(?: ?\(0\) ?|\)[ .\-]?|[ .\-/]\(?|  )\d{1,12}){0,6}"
    r"(?! ?(?:%|\$|€|£|°|USD|EUR))(?![/=*^]|[.,:\-]\d)"
)
_NUMBERING_PLAN = re.compile(
    r"(?:\+?1[ .\-])?(?:\([2-9]\d{2}\)[ .\-]?|[2-9]\d{2}[.\-])[1-9]\d{2}[.\-]\d{4}"
    r"|(?:\+?1 )?\([2-9]\d{2}\) ?[1-9]\d{2} ?\d{4}"
)
_TRUNK = re.compile(r"\(?0\d{1,4}\)?([ .\-])\d{2,4}(?:\1\d{2,4}){1,4}")
_DATE = re.compile(
    r"(?:19|20)\d\d[ .\-](?:0?[1-9]|1[0-2])[ .\-]\d{1,2}(?!\d)"
    r"|(?:0?[1-9]|[12]\d|3[01])[ .\-](?:0?[1-9]|[12]\d|3[01])[ .\-](?:19|20)\d\d(?!\d)"
    r"|(?:19|20)\d\d[ \-]+(?:19|20)\d\d(?!\d)"
)
_CALL = re.compile(
    r"\b(?:phone|tel|telephone|mobile|cell|cellular|cellphone|handy|fax|desk|whatsapp|telegram|"
    r"sms|hotline|landline|dial|voicemail|extension|contact (?:number|no)|texts?|texted|text me|"
    r"call(?:ed|ing)? (?:me|us|him|her|them|back|at|on|from|the number)|"
    r"reach(?:ed)? (?:me|us|him|her|them)|answer(?:ed|ing)(?: at| on)?|messages?|ring|registered|"
    r"telefon\w*|téléphone|tél|portable|teléfono|móvil|celular|telemóvel|cellulare|telefono|mobil|"
    r"mobiel|nummer|puhelin|puh|tlf|rufen|appel\w*|llam\w+)\b"
    r"|电话|手机|電話|携帯|연락처|전화|телефон\w*|моб\w*|هاتف|τηλ\w*",
    re.IGNORECASE,
)
"""Words before a number that make it one to call."""

_CALLED = re.compile(
    r"[ \-]{1,2}\(?(?:office|fax|mobile|cell|home|work|desk|phone)\b", re.IGNORECASE
)
"""Words after a number that do the same."""

_NEAR = 45
"""Characters before a number in which such a word counts."""


def phone(text: str, low: str) -> bool:
    """A phone number: international, North American or with a trunk 0, or any that words name."""
    return any(_is_phone(found, text) for found in _PHONE.finditer(text))


def _is_phone(found: re.Match[str], text: str) -> bool:
    typed = found[0]
    digits = sum(map(str.isdigit, typed))
    if not 7 <= digits <= 15 or typed.startswith("0.") or _DATE.match(typed):
        return False  # a fraction or a date
    if typed.startswith(("+", "(+")) and not typed.startswith("+ "):
        return digits >= 8
    if typed.startswith("00") and digits >= 11 and not typed.isdigit():
        return True
    if _NUMBERING_PLAN.fullmatch(typed):
        return True
    if 9 <= digits <= 11 and _TRUNK.fullmatch(typed) and set(typed) - set("01 .-()"):
        return True
    if digits > 13 or typed.count(" ") + typed.count(".") + typed.count("-") > 5:
        return False
    before = (max(0, found.start() - _NEAR), found.start())
    return bool(_CALL.search(text, *before) or _CALLED.match(text, found.end()))
