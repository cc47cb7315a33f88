"""A stand-in NVML library and the control file that orders its faults."""

import asyncio
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from console.sources.gpu.patience import Patience
from console.sources.gpu.process import NvmlSource
from tests import processes
from tests.patience import PATIENCE_S
from tests.require import need_program

TICK = 0.02


class Driver:
    """The stand-in driver's control file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.order()

    def order(self, *lines: str) -> None:
        """Replace all orders at once."""
        fresh = self.path.with_suffix(".new")
        fresh.write_text("".join(f"{line}\n" for line in lines))
        fresh.replace(self.path)


async def until(snapshots, wanted):
    """The first snapshot that is as wanted, and all before it."""
    seen = []
    async with asyncio.timeout(PATIENCE_S):
        async for snapshot in snapshots:
            seen.append(snapshot)
            if wanted(snapshot):
                return seen
    raise AssertionError("the stream ended")


def healthy(snapshot):
    """Whether there are cards and all are well."""
    return snapshot.cards and not any(card.fault for card in snapshot.cards)


class Now:
    """A clock that tests set."""

    def __init__(self, ms: int = 1_770_000_000_000) -> None:
        self.ms = ms

    def now_ms(self) -> int:
        return self.ms


@pytest.fixture(scope="session")
def fakenvml(tmp_path_factory) -> Path:
    """The folder of a freshly compiled libnvidia-ml.so.1."""
    compiler = need_program("cc", "gcc")
    folder = tmp_path_factory.mktemp("fakenvml")
    source = Path(__file__).with_name("fakenvml.c")
    command = [compiler, "-Wall", "-Wextra", "-Werror", "-O1", "-shared", "-fPIC", str(source)]
    subprocess.run([*command, "-o", str(folder / "libnvidia-ml.so.1"), "-lm"], check=True)
    return folder


class Calls:
    """The NVML functions that were called, without "nvml", in order."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._from = 0

    def lines(self) -> list[str]:
        """Each call with the index of its card, "-" for none."""
        text = self._path.read_text() if self._path.exists() else ""
        return [line.partition(" ")[2] for line in text.splitlines()[self._from :]]

    def __call__(self) -> list[str]:
        return [line.split()[1] for line in self.lines()]

    def forget(self) -> None:
        """Leave out what was called until now."""
        self._from += len(self.lines())


@pytest.fixture
def calls(tmp_path, monkeypatch) -> Calls:
    """Counts what is called from now on."""
    path = tmp_path / "calls"
    monkeypatch.setenv("FAKENVML_CALLS", str(path))
    return Calls(path)


@pytest.fixture
def driver(fakenvml, tmp_path, monkeypatch) -> Driver:
    """The stand-in driver, which child processes will load instead of NVIDIA's."""
    control = tmp_path / "control"
    monkeypatch.setenv("LD_LIBRARY_PATH", str(fakenvml))
    monkeypatch.setenv("FAKENVML_CONTROL", str(control))
    return Driver(control)


@pytest.fixture
def source(tmp_path) -> NvmlSource:
    """The real source with the patience of a test."""
    return NvmlSource(
        Now(),
        Patience(
            silent_s=10,
            opening_s=20,
            wait_s=0.05,
            wait_most_s=0.2,
            again_s=0.5,
            again_most_s=0.5,
        ),
        sysfs=str(tmp_path / "sys"),
    )


@pytest.fixture
def children() -> Callable[[], list[int]]:
    """Tells the NVML children of this process that live or wait to be reaped."""

    return lambda: processes.children(os.getpid(), b"gpu.child")
