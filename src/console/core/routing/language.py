"""Which language a text is in: by its script, or by the small words of Latin ones."""

import re

LOOKED_AT = 4_000
"""Characters of a text that are looked at."""

# As text, not compiled: the languages are named to many who never look at a text.
_SCRIPTS = (
    ("ja", "[\u3040-\u30ff]"),
    ("zh", "[\u4e00-\u9fff]"),
    ("ko", "[\uac00-\ud7af]"),
    ("ru", "[\u0400-\u04ff]"),
    ("el", "[\u0370-\u03ff]{2}"),
    ("ar", "[\u0600-\u06ff]"),
    ("he", "[\u0590-\u05ff]"),
    ("hi", "[\u0900-\u097f]"),
    ("th", "[\u0e00-\u0e7f]"),
)
_SMALL_WORDS = {
    "en": "the of and to in is that for with as are this be it on you what how which",
    "de": "der die das und ist nicht ein eine zu den mit für auf von dem wie was ich wird",
    "fr": "le la les des et est une un pour dans que qui pas sur avec au du ce cette quel",
    "es": "el la los las de que y en un una para con por es no se del como qué cuál",
    "pt": "o os as um uma de que e para com não por em do da como dos das é qual",
    "it": "il lo la gli di che e un una per con non è del della come sono i nel quale",
    "nl": "de het een en van is dat niet voor met op te zijn wat hoe aan er ik wordt",
    "sv": "och att det som en ett är på för med inte av den till hur vad jag om har",
    "pl": "i w na z do że się nie jest to jak co dla od po czy są przez który oraz",
    "tr": "ve bir bu için ile de da ne nasıl olarak mi çok daha gibi olan var en ya",
}
_BY_WORD: dict[str, list[str]] = {}
for _language, _words in _SMALL_WORDS.items():
    for _word in _words.split():
        _BY_WORD.setdefault(_word, []).append(_language)

LANGUAGES = (*_SMALL_WORDS, *(language for language, _ in _SCRIPTS))
"""The languages that are told apart, by their ISO 639 codes."""

_WORD = r"[^\W\d_]+"
_LEAD = 1.2


def language(text: str) -> str | None:
    """The ISO 639 code of a text's language; None when that is not clear.

    A script counts when a fifth of the letters are of it. Languages of one script that are not
    told apart go by the most common one ("ru" for Cyrillic, "ar" for Arabic).
    """
    text = text[:LOOKED_AT]
    if not text.isascii():
        letters = sum(map(len, re.findall(_WORD, text))) or 1
        for code, script in _SCRIPTS:
            if sum(map(len, re.findall(script, text))) * 5 >= letters:
                return code
    counts = dict.fromkeys(_SMALL_WORDS, 0.0)
    for word in re.findall(_WORD, text.lower()):
        for code in _BY_WORD.get(word, ()):
            counts[code] += 1 / len(_BY_WORD[word])
    first, second = sorted(counts, key=counts.__getitem__, reverse=True)[:2]
    if counts[first] >= 1 and counts[first] >= _LEAD * counts[second]:
        return first
    return None
