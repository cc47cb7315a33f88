"""Keys: where they come from, what is refused, and that no sentence holds one."""

import os

import pytest

from console.core.chat import FailureKind, ModelFailure
from console.core.settings import TierSettings
from console.sources.models import addresses
from console.sources.models.keys import key_getter, missing_key, read_key

KEY = "sk-secret-0123456789"


def settings(**changes):
    return TierSettings(kind="openai", base_url="http://127.0.0.1:1", model="m", **changes)


def refused(tier, environment=None):
    with pytest.raises(ModelFailure) as caught:
        read_key(tier, environment or {})
    failure = caught.value
    assert failure.kind is FailureKind.KEY_MISSING
    assert KEY not in str(failure) and "secret" not in str(failure)
    assert missing_key(tier, environment or {}) == str(failure)
    return failure


def test_no_key_is_named():
    assert read_key(settings(), {"OPENAI_API_KEY": KEY}) is None
    assert missing_key(settings(key_env=""), {}) is None


def test_from_the_environment():
    tier = settings(key_env="MY_KEY")
    assert read_key(tier, {"MY_KEY": f" {KEY}\n"}) == KEY
    assert missing_key(tier, {"MY_KEY": KEY}) is None
    assert KEY not in repr(key_getter(tier, {"MY_KEY": KEY}).func)
    for environment in ({}, {"MY_KEY": ""}, {"MY_KEY": "  "}):
        failure = refused(tier, environment)
        assert failure.what == "No key for m: the variable MY_KEY is not set."
        assert "`export MY_KEY=…`" in failure.hint


@pytest.mark.parametrize("value", [f"{KEY} x", f"{KEY}\nX-Evil: 1", f"{KEY}\x1b[2J", f"{KEY}é"])
def test_what_no_header_can_hold(value, tmp_path):
    failure = refused(settings(key_env="MY_KEY"), {"MY_KEY": value})
    assert failure.what == "The variable MY_KEY does not hold a key: it is not one plain word."
    file = tmp_path / "key"
    file.write_text(value)
    file.chmod(0o600)
    assert "does not hold a key" in refused(settings(key_file=str(file))).what


def test_from_a_file(tmp_path):
    file = tmp_path / "key"
    file.write_text(f"{KEY}\n")
    tier = settings(key_file=str(file), key_env="MY_KEY")
    for mode in (0o600, 0o400):
        file.chmod(mode)
        assert read_key(tier, {}) == KEY
    assert read_key(tier, {"MY_KEY": "other"}) == "other", "the variable wins"
    file.chmod(0o600)
    file.write_text("\n")
    assert refused(tier).what.endswith("does not hold a key: it is empty.")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o777])
def test_a_file_that_is_open_to_others(tmp_path, mode):
    file = tmp_path / "key"
    file.write_text(KEY)
    file.chmod(mode)
    failure = refused(settings(key_file=str(file)))
    assert failure.what == f"The key file {file} is open to others (mode {mode:04o})."
    assert failure.hint == f"Close it with `chmod 600 {file}`."


def test_files_that_are_none(tmp_path):
    assert "no such file" in refused(settings(key_file=str(tmp_path / "none"))).what
    assert "is not a file" in refused(settings(key_file=str(tmp_path))).what
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o600)
    assert "is not a file" in refused(settings(key_file=str(pipe))).what
    assert "cannot be read" in refused(settings(key_file="~nobody-by-this-name/key")).what


def test_home_is_known(own_home):
    file = own_home / "key"
    file.write_text(KEY)
    file.chmod(0o600)
    assert read_key(settings(key_file="~/key"), {}) == KEY


@pytest.mark.parametrize(
    ("base_url", "normal", "shown", "loopback"),
    [
        ("http://127.0.0.1:11434", "http://127.0.0.1:11434", "127.0.0.1:11434", True),
        ("localhost:11434/", "http://localhost:11434", "localhost:11434", True),
        ("http://[::1]:8080/v1", "http://[::1]:8080/v1", "[::1]:8080", True),
        ("http://box.localhost", "http://box.localhost", "box.localhost", False),
        ("http://0.0.0.0:1", "http://0.0.0.0:1", "0.0.0.0:1", True),
        ("https://me:pw@10.0.0.2/x", "https://10.0.0.2/x", "10.0.0.2", False),
        ("https://localhost.evil.example", "https://localhost.evil.example", None, False),
        ("http://127.0.0.1@evil.example", "http://evil.example", "evil.example", False),
        ("http://[bad", "http://[bad", "[bad", False),
        ("", "http://", "no address", False),
    ],
)
def test_addresses(base_url, normal, shown, loopback):
    assert addresses.normal(base_url) == normal
    assert addresses.shown(base_url) == (shown or base_url.partition("://")[2])
    assert addresses.is_loopback(base_url) is loopback
