"""Scenario files: TOML that states only what differs from a base; exports beside them."""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from console.core.text import one_line
from console.core.whatif.benchmark import Benchmark, benchmark_of
from console.core.whatif.scenario import Scenario, from_document, to_document
from console.sources.places import write_whole

_NAME = re.compile(r"[\w][\w .-]{0,60}")
_POLICIES = "policies"
_BENCHMARK = "benchmark.json"
_LARGEST_FILE = 64 * 2**20
"""A load test with every request in it is large; nothing larger is read."""
_LARGEST = 256 * 1024
"""No scenario is longer; what is, is another kind of file."""


class Shelf:
    """A folder of scenarios by name; a name with a slash or a suffix is a path of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def names(self) -> list[str]:
        """The saved scenarios."""
        return sorted(path.stem for path in self.folder.glob("*.toml"))

    def load(self, name: str) -> Scenario:
        """A scenario by name, or from any file by path.

        Raises OSError when there is none, ValueError when it is not one; each is a sentence.
        """
        path = self._path(name, ".toml")
        try:
            return from_document(self.document(str(path)))
        except ValueError as error:
            sentence = str(error)
            if sentence.startswith(str(path)):
                raise
            raise ValueError(f"{path}: {sentence}") from None

    def save(self, name: str, scenario: Scenario) -> str:
        """Write a scenario, 0600; the path it has now."""
        import tomlkit

        path = self._path(name, ".toml")
        self._written(path, tomlkit.dumps(to_document(scenario)))
        return str(path)

    def export(self, name: str, text: str) -> str:
        """Write an export, 0600; the path it has now."""
        path = self._path(name, "")
        self._written(path, text)
        return str(path)

    def benchmark(self) -> Benchmark | None:
        """The load test that was imported last."""
        path = self.folder / _BENCHMARK
        if not path.exists():
            return None
        try:
            return Benchmark(**json.loads(self._read(str(path))))
        except (TypeError, ValueError) as error:
            raise ValueError(f"{path}: {one_line(str(error))}") from None

    def keep_benchmark(self, path: str) -> Benchmark:
        """Import the load test in a file of AIPerf or GuideLLM."""
        raw = self._read(str(Path(path).expanduser()))
        try:
            found = benchmark_of(json.loads(raw))
        except ValueError as error:
            raise ValueError(f"{one_line(path)}: {one_line(str(error))}") from None
        self._written(self.folder / _BENCHMARK, json.dumps(asdict(found)) + "\n")
        return found

    def forget_benchmark(self) -> bool:
        """Forget the load test; false when there was none."""
        path = self.folder / _BENCHMARK
        known = path.exists()
        path.unlink(missing_ok=True)
        return known

    def policies(self) -> list[str]:
        """The operator's own replay policies, in a folder of their own beside the scenarios."""
        return sorted(path.stem for path in (self.folder / _POLICIES).glob("*.toml"))

    def policy(self, name: str) -> Mapping[str, Any]:
        """The tables of a replay policy, by name or from any file by path."""
        named = self.folder / _POLICIES / f"{name}.toml"
        if _NAME.fullmatch(name) and not name.endswith(".toml"):
            if not named.exists():
                raise FileNotFoundError(f"There is no replay policy {name}: {named} is not there.")
            return self.document(str(named))
        return self.document(str(Path(name).expanduser()))

    def document(self, path: str) -> Mapping[str, Any]:
        """The tables of a TOML file."""
        raw = self._read(path)
        if len(raw) > _LARGEST:
            raise ValueError(f"{path} is larger than any scenario")
        try:
            return tomllib.loads(raw.decode("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ValueError(f"{path} is not TOML: {one_line(str(error))}") from None

    def _read(self, path: str) -> bytes:
        try:
            with Path(path).open("rb") as file:
                raw = file.read(_LARGEST_FILE + 1)
        except FileNotFoundError:
            raise FileNotFoundError(f"There is no file {one_line(path)}.") from None
        except OSError as error:
            raise OSError(f"{one_line(path)} cannot be read: {error.strerror}.") from error
        if len(raw) > _LARGEST_FILE:
            raise ValueError(f"{path} is larger than {_LARGEST_FILE // 2**20} MB")
        return raw

    def _path(self, name: str, suffix: str) -> Path:
        if "/" in name or (suffix and name.endswith(suffix)):
            return Path(name).expanduser()
        if not _NAME.fullmatch(name):
            raise ValueError(f"{one_line(name)!r} is no name for a file; use letters and digits")
        return self.folder / f"{name}{suffix}"

    def _written(self, path: Path, text: str) -> None:
        try:
            write_whole(path, text)
        except OSError as error:
            raise OSError(f"{path} cannot be written: {error.strerror}.") from error
