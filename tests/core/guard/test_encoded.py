"""What is encoded is found as if it were plain, and what only looks encoded is left alone."""

import base64
import os
import quopri
from hashlib import sha256
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as some

from console.core.guard.encoded import encoded
from console.core.guard.scan import scan

SECRETS = (
    "jane.roe@example.org", "4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00",
    "my ssn is 460-89-9847", "call me at +49 170 1234567", "203.0.113.77", "3c:22:fb:9a:11:02",
    "password: hunter2xyz!", "postgres://bob:s3cretPw9@db.internal/x",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEow", "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
)  # fmt: skip
CODINGS = {
    "URL": lambda text: quote(text, safe=""),
    "URL, every byte": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "quoted-printable": lambda text: quopri.encodestring(text.encode(), quotetabs=True).decode(),
    "quoted-printable, all": lambda text: "".join(f"={byte:02X}" for byte in text.encode()),
    "HTML, decimal": lambda text: "".join(f"&#{ord(mark)};" for mark in text),
    "HTML, hexadecimal": lambda text: "".join(f"&#x{ord(mark):x};" for mark in text),
    "HTML, named": lambda text: text.replace("@", "&commat;").replace(":", "&colon;"),
    "JSON": lambda text: "".join(f"\\u{ord(mark):04x}" for mark in text),
    "C": lambda text: "".join(f"\\x{ord(mark):02x}" for mark in text),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "base64 in lines": lambda text: base64.encodebytes(b"x" * 50 + b" " + text.encode()
                                                       + b" " + b"y" * 50).decode(),
    "hex": lambda text: text.encode().hex(),
}  # fmt: skip


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_in_another_coding(secret, coding):
    assert not scan(f"see {CODINGS[coding](secret)} please").clean


@pytest.mark.parametrize("inner", CODINGS)
@pytest.mark.parametrize("outer", CODINGS)
def test_a_secret_in_a_coding_within_a_coding(inner, outer):
    for secret in ("jane.roe@example.org", "ghp_16C7e42F292c6912E7710c838347Ae178B4a"):
        assert not scan(f"see {CODINGS[outer](CODINGS[inner](secret))} please").clean


@pytest.mark.parametrize(
    "coded",
    [
        base64.b64encode("пароль: hunter2xyz!".encode()).decode(),
        base64.b64encode("password: hunter2xyz!".encode("utf-16-le")).decode(),
        quote("jane.roe\uff20example.org", safe=""),
    ],
    ids=["UTF-8", "UTF-16", "full width in a URL"],
)
def test_what_is_encoded_can_be_of_any_script(coded):
    assert not scan(coded).clean


@pytest.mark.parametrize(
    "text",
    [
        "https://example.org/a%20b?q=caf%C3%A9&n=20&x=3D",
        "x=20; y=40; z=(x+y)%100; print(f'{x=}')",
        "AT&T &amp; co &lt;b&gt; &nbsp; &notanentity;",
        r"\x41\x42 \u0041 and a path C:\users\x",
        sha256(b"x").hexdigest(),
        "sha512-" + base64.b64encode(b"\x00\xff" * 32).decode(),
        "data:image/png;base64," + base64.b64encode(b"\x89PNG" + bytes(range(256))).decode(),
        base64.b64encode(b"a harmless sentence in base64, nothing more").decode(),
        "internationalization antidisestablishmentarianism",
    ],
)  # fmt: skip
def test_what_only_looks_encoded_or_says_nothing_is_free(text):
    assert scan(text).clean


@given(some.text("%=&#;\\xu0aAfF41/+\n4 @.", max_size=300))
def test_any_escapes_are_read_without_growing(text):
    for reading in encoded(text):
        assert len(reading) <= len(text)


@given(some.text(max_size=200), some.sampled_from(sorted(CODINGS)), some.text(max_size=200))
def test_what_stands_around_an_encoded_secret_does_not_hide_it(before, coding, after):
    assert not scan(f"{before}\n\n{CODINGS[coding]('jane.roe@example.org')}\n\n{after}").clean


def test_random_bytes_of_a_megabyte_are_looked_through():
    noise = base64.b64encode(os.urandom(700_000)).decode()
    assert not scan(f"{noise}\n{CODINGS['base64']('jane.roe@example.org')}").clean
