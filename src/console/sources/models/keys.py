"""A tier's key: found where the settings say, checked, and never shown."""

import os
import stat
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from console.core.settings import TierSettings
from console.core.text import one_line

KeyGetter = Callable[[], str | None]

_LONGEST = 8_192


def key_getter(settings: TierSettings, environment: Mapping[str, str]) -> KeyGetter:
    """What reads the tier's key when it is needed, so that a changed key file is noticed."""
    return partial(read_key, settings, environment)


def missing_key(settings: TierSettings, environment: Mapping[str, str]) -> str | None:
    """The sentence that says which key is missing and what to do; None when none is."""
    try:
        _found(settings, environment)
    except _Missing as missing:
        return str(missing)
    return None


def read_key(settings: TierSettings, environment: Mapping[str, str]) -> str | None:
    """The key; None when the settings name none. The variable wins over the file.

    Raises ModelFailure (KEY_MISSING) that names the variable or the file, never a value.
    """
    try:
        return _found(settings, environment)
    except _Missing as missing:
        from console.core.chat import FailureKind, ModelFailure

        raise ModelFailure(FailureKind.KEY_MISSING, missing.what, hint=missing.hint) from None


class _Missing(Exception):
    """No key: what is wrong, and what to do."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(f"{what} {hint}".strip())
        self.what = what
        self.hint = hint


def _found(settings: TierSettings, environment: Mapping[str, str]) -> str | None:
    """The key as `read_key` has it; raises _Missing."""
    if settings.key_env:
        value = environment.get(settings.key_env, "").strip()
        if value:
            return _checked(value, f"The variable {one_line(settings.key_env)}")
        if not settings.key_file:
            name = one_line(settings.key_env)
            raise _Missing(
                f"No key for {one_line(settings.model)}: the variable {name} is not set.",
                f"Set it with `export {name}=…`, or name a file in key_file.",
            )
    if settings.key_file:
        return _checked(_content(settings.key_file), f"The key file {one_line(settings.key_file)}")
    return None


def _content(name: str) -> str:
    shown = one_line(name)
    try:
        # Not blocking: a named pipe must not hang the console.
        descriptor = os.open(Path(name).expanduser(), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            mode = os.fstat(descriptor).st_mode
            if not stat.S_ISREG(mode):
                raise _Missing(f"The key file {shown} is not a file.", "Set key_file.")
            if stat.S_IMODE(mode) & 0o077:
                raise _Missing(
                    f"The key file {shown} is open to others (mode {stat.S_IMODE(mode):04o}).",
                    f"Close it with `chmod 600 {shown}`.",
                )
            return os.read(descriptor, _LONGEST).decode("utf-8", "replace").strip()
        finally:
            os.close(descriptor)
    except (OSError, RuntimeError) as error:  # RuntimeError: `~` of an unknown user
        what = getattr(error, "strerror", None) or str(error)
        raise _Missing(
            f"The key file {shown} cannot be read: {one_line(what).lower()}.", "Set key_file."
        ) from None


def _checked(value: str, where: str) -> str:
    # Anything else cannot stand in a header, and the client would say so quoting the value.
    if value and value.isascii() and value.isprintable() and " " not in value:
        return value
    raise _Missing(
        f"{where} does not hold a key: it {'is empty' if not value else 'is not one plain word'}.",
        "Put the key alone into it.",
    )
