"""Letters that only look like others hide nothing, and languages that have them are left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from console.core.guard.alike import alike
from console.core.guard.plain import plain
from console.core.guard.scan import scan

SECRETS = ("password: hunter2xyz!", "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
           "api_key = 9fK2mQ7xLw4TzR8bVn3c", "jane.roe@example.org", "DE89 3704 0044 0532 0130 00",
           "4111 1111 1111 1111", "my ssn is 460-89-9847", "3c:22:fb:9a:11:02")  # fmt: skip
DRESSES = {
    "Cyrillic": str.maketrans("aeopcxyEHKMTAB", "аеорсхуЕНКМТАВ"),
    "Greek": str.maketrans("opvuEKTA", "ορνυΕΚΤΑ"),
    "accents": str.maketrans("aeiouyscn", "áéíóúýśćń"),
    "full width": {code: code + 0xFEE0 for code in range(0x21, 0x7F)},
    "small capitals": str.maketrans("aeioprstd", "ᴀᴇɪᴏᴘʀꜱᴛᴅ"),
}


@pytest.mark.parametrize("dress", DRESSES)
@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_in_letters_that_look_like_its_own(secret, dress):
    assert not scan(f"see {secret.translate(DRESSES[dress])} please").clean


@pytest.mark.parametrize("mark", ["\u0336", "\u0301", "\u20e3", "\u200b", "\u2060", "\u00ad"])
@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_with_a_mark_after_each_letter(secret, mark):
    assert not scan("".join(letter + mark for letter in secret)).clean


@pytest.mark.parametrize(
    "text",
    [
        "Съешь же ещё этих мягких французских булок, да выпей чаю за 5с.",
        "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία: 2α + 3β = 7γ, και x·α.",
        "Dès Noël où un zéphyr haï me vêt de glaçons würmiens je dîne d'exquis rôtis.",
        "Straßenverkehrszulassungsordnung und Rechtsschutzversicherungsgesellschaften müßten",
        "Tiếng Việt có nhiều dấu, và mật khẩu thì không nên viết ra.",
        "Ձայնը լսելի է ամբողջ քաղաքում",
    ],
)
def test_languages_with_such_letters_are_left_alone(text):
    assert scan(text).clean


def test_only_what_hides_something_is_read_twice():
    text = f"{'Съешь ещё этих булок. ' * 200}раsswоrd{' и выпей чаю.' * 200}"
    assert "password" in alike(text) and len(alike(text)) < 600
    assert alike("plain words") == alike("Съешь ещё этих мягких булок") == ""


@given(some.text(max_size=300))
def test_a_look_alike_reading_is_never_longer(text):
    seen = plain(text)
    assert len(alike(seen)) <= len(seen) + seen.count(" ")
