"""The operator's settings, from one TOML file and the environment."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar, cast

from console.core.pricing import PriceCard, Terms
from console.core.routing.rule import Rule
from console.core.settings import TIER_DEFAULTS, Settings, TierKind, TierSettings
from console.core.tariff import TimeOfUse
from console.core.text import one_line
from console.core.tier import Tier
from console.sources.settings_file import Malformed, parse
from console.sources.settings_file import Path as Keys
from console.sources.settings_forms import Unfit, keys, shown
from console.sources.settings_names import BY_NAME, SECTIONS, elsewhere, ended, names_in, nearest
from console.sources.settings_prices import period_of, price_of
from console.sources.settings_rules import rule_of
from console.sources.settings_schema import (
    KEYS_ARE_NO_SETTINGS,
    PERIOD,
    PREFIX,
    PRICE,
    RESERVED,
    RULE,
    SETTINGS,
    Setting,
)

T = TypeVar("T")
Found = Mapping[str, object]

_PRICE = {setting.key: setting for setting in PRICE}
_PERIOD = {setting.key: setting for setting in PERIOD}
_RULE = {setting.key: setting for setting in RULE}
_KEYS = keys()
_SECRET = re.compile(r"api_?key|^key$|secret|password|^token$|auth", re.IGNORECASE)


class ConfigError(ValueError):
    """Settings that cannot be used, in one sentence: where, what, and what was meant."""


def load_settings(
    path: Path,
    environment: Mapping[str, str],
    *,
    required: bool = False,
    known_actions: Collection[str] | None = None,
) -> Settings:
    """The settings of a file, overridden by the environment; without a file, the defaults.

    `required` refuses a missing file. With `known_actions` an id under [keys] that is none of
    them is refused. Raises ConfigError.
    """
    reading = _Reading(one_line(str(path)), known_actions)
    content = _content(path, required)
    if content is not None:
        reading.document(content)
    reading.environment(environment)
    return reading.settings()


def file_stamp(path: Path) -> tuple[int, int, int] | None:
    """What differs when a settings file has changed; None when there is none."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _content(path: Path, required: bool) -> bytes | None:
    shown_path = one_line(str(path))
    try:
        return path.read_bytes()
    except FileNotFoundError:
        if required:
            raise ConfigError(
                f"{shown_path} does not exist; `llmconsole config init` writes one."
            ) from None
        return None
    except OSError as error:
        raise ConfigError(f"{shown_path} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise ConfigError(f"{shown_path} is no name of a file.") from None


class _Reading:
    """Values found so far, each with where it was found."""

    def __init__(self, file: str, known_actions: Collection[str] | None) -> None:
        self._file = file
        self._known_actions = known_actions
        self._lines: dict[Keys, int] = {}
        self._values: dict[str, object] = {}
        self._where: dict[str, str] = {}
        self._prices: list[PriceCard | Terms] = []
        self._periods: list[TimeOfUse] = []
        self._rules: list[Rule] = []
        self._keys: dict[str, str] = {}

    def document(self, content: bytes) -> None:
        """Take in a file's content."""
        try:
            values, self._lines = parse(content.decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            raise ConfigError(f"{self._file} line {line}: this is not text in UTF-8.") from None
        except Malformed as error:
            raise ConfigError(
                f"{self._file} line {error.line}: this is not TOML ({one_line(error.what)})."
            ) from None
        self._table(values, ())

    def environment(self, environment: Mapping[str, str]) -> None:
        """Take in overrides; empty variables are as good as unset."""
        variables = {setting.variable: setting for setting in SETTINGS}
        for variable in sorted(environment):
            typed = environment[variable]
            if not variable.startswith(PREFIX) or variable in RESERVED:
                continue
            if variable not in variables:
                near = nearest(variable, (*variables, *RESERVED))
                raise ConfigError(ended(f"{one_line(variable)} is no setting", near))
            setting = variables[variable]
            if isinstance(setting.default, tuple):
                raise ConfigError(f"{variable} is a list; set {setting.name} in {self._file}.")
            if typed:
                self._take(setting, setting.form.parse(typed), "", variable)

    def settings(self) -> Settings:
        """Everything that was found, over the defaults."""
        fields = {
            BY_NAME[name].field: value
            for name, value in self._values.items()
            if not name.startswith("tiers.")
        }
        typed = {*self._values, *(f"keys.{action}" for action in self._keys)}
        return replace(
            Settings(),
            local=self._tier(Tier.LOCAL),
            api=self._tier(Tier.API),
            prices=tuple(price for price in self._prices if isinstance(price, PriceCard)),
            price_terms=tuple(price for price in self._prices if isinstance(price, Terms)),
            tariff_periods=tuple(self._periods),
            keys=MappingProxyType(self._keys),
            rules=tuple(self._rules),
            typed=frozenset(
                typed
                | ({"prices"} if self._prices else set())
                | ({"tariff_periods"} if self._periods else set())
            ),
            **cast(Any, fields),
        )

    def _tier(self, tier: Tier) -> TierSettings:
        section = f"tiers.{tier}."
        fields = {
            name.removeprefix(section): value
            for name, value in self._values.items()
            if name.startswith(section)
        }
        kind = cast(TierKind, fields.get("kind", BY_NAME[f"{section}kind"].default))
        settings = replace(TIER_DEFAULTS[tier, kind], **cast(Any, fields))
        if not settings.model:
            raise ConfigError(
                f"{self._where[section + 'kind']}{section}kind is {shown(kind)}, so "
                f"{section}model must be set too: no model can be assumed."
            )
        return settings

    def _table(self, values: Mapping[str, object], path: Keys) -> None:
        for key, value in values.items():
            at = (*path, key)
            name = ".".join(map(str, at))
            if name in BY_NAME:
                self._take(BY_NAME[name], value, self._line(at), name)
            elif name == "prices":
                defaults = {key: _PRICE[key].default for key in ("provider", "source")}
                for table, found in self._tables(value, at, _PRICE):
                    self._prices.append(self._made(price_of, defaults | found, table))
            elif name == "tariff.periods":
                for table, found in self._tables(value, at, _PERIOD):
                    self._periods.append(self._made(period_of, found, table))
            elif name == "router.rules":
                self._rule_tables(value, at)
            elif name == "keys":
                self._key_table(self._a_table(value, at), at)
            elif name in SECTIONS:
                self._table(self._a_table(value, at), at)
            else:
                raise self._unknown(at, names_in(".".join(map(str, path))))

    def _tables(
        self, value: object, path: Keys, known: Mapping[str, Setting]
    ) -> Iterator[tuple[Keys, dict[str, object]]]:
        """The accepted values of each of the tables of one name, and where the table stands."""
        name = _dotted(path)
        if not isinstance(value, list):
            raise ConfigError(f"{self._line(path)}{name} must be tables: write [[{name}]].")
        for index, table in enumerate(value):
            at = (*path, index)
            yield at, self._one_of_many(table, at, known)

    def _made(
        self, make: Callable[[Mapping[str, object]], T], found: Mapping[str, object], at: Keys
    ) -> T:
        try:
            return make(found)
        except ValueError as error:
            raise ConfigError(f"{self._line(at)}{error}.") from None

    def _rule_tables(self, value: object, path: Keys) -> None:
        if not isinstance(value, list):
            where = self._line(path)
            raise ConfigError(f"{where}router.rules must be tables: write [[router.rules]].")
        for index, table in enumerate(value):
            at = (*path, index)
            found = self._one_of_many(table, at, _RULE)
            try:
                self._rules.append(rule_of(found, self._rules))
            except ValueError as error:
                raise ConfigError(f"{self._line(at)}{error}.") from None

    def _one_of_many(
        self, table: object, path: Keys, known: Mapping[str, Setting]
    ) -> dict[str, object]:
        """What one table of an array says, each key of it a known one."""
        found: dict[str, object] = {}
        for key, value in self._a_table(table, path).items():
            at = (*path, key)
            if key not in known:
                raise self._unknown(at, known)
            found[key] = self._accepted(known[key], value, self._line(at), _dotted(at))
        return found

    def _key_table(self, table: Mapping[str, object], path: Keys) -> None:
        # An action's id has dots, which TOML without quotes takes for tables.
        for key, value in table.items():
            at = (*path, key)
            if isinstance(value, dict):
                self._key_table(value, at)
                continue
            action = ".".join(map(str, at[1:]))
            if self._known_actions is not None and action not in self._known_actions:
                raise self._unknown(at, self._known_actions)
            try:
                self._keys[action] = cast(str, _KEYS.accept(value))
            except ValueError:
                raise ConfigError(
                    f"{self._line(at)}keys.{one_line(action)} must be {_KEYS.words}, "
                    f"not {shown(value)}."
                ) from None

    def _take(self, setting: Setting, value: object, where: str, name: str) -> None:
        self._values[setting.name] = self._accepted(setting, value, where, name)
        self._where[setting.name] = where

    def _accepted(self, setting: Setting, value: object, where: str, name: str) -> object:
        form = setting.form
        try:
            return form.accept(value)
        except Unfit as error:
            raise ConfigError(f"{where}{name} {error}; it must be {form.words}.") from None
        except ValueError:
            got = "" if form.secret else f", not {shown(value)}"
            near = nearest(value, form.choices) if isinstance(value, str) else None
            raise ConfigError(ended(f"{where}{name} must be {form.words}{got}", near)) from None

    def _a_table(self, value: object, path: Keys) -> dict[str, object]:
        if not isinstance(value, dict):
            name = one_line(_dotted(path))
            raise ConfigError(f"{self._line(path)}{name} must be a table, not {shown(value)}.")
        return value

    def _unknown(self, path: Keys, known: Iterable[str]) -> ConfigError:
        key = str(path[-1])
        sentence = f'{self._line(path)}unknown setting "{one_line(_dotted(path))}"'
        if path[0] == "keys":
            near = nearest(_dotted(path[1:]), known)
        else:
            near = elsewhere(key, 1.0) or nearest(key, known) or elsewhere(key)
        if path[0] == "tiers" and _SECRET.search(key):
            return ConfigError(f"{sentence}; {KEYS_ARE_NO_SETTINGS}.")
        if near is None:
            return ConfigError(f"{sentence}; known here: {', '.join(known)}.")
        return ConfigError(ended(sentence, near))

    def _line(self, path: Keys) -> str:
        return f"{self._file} line {self._lines[path]}: "


def _dotted(path: Keys) -> str:
    """A path as the operator knows it: without the numbers of [[tables]]."""
    return ".".join(part for part in path if isinstance(part, str))
