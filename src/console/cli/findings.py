"""What `doctor` looks at: each finding with its state, and what to do about it."""

import os
import platform
import shutil
import stat
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from console import __version__
from console.cli.config import load_checked, settings_warnings
from console.cli.exits import Stop
from console.cli.gpu import first_snapshot
from console.cli.invocation import Invocation
from console.core.text import one_line

if TYPE_CHECKING:
    from console.core.settings import Settings, TierSettings
    from console.core.tier import Tier
    from console.services.console import Console
    from console.sources.places import Places

LITTLE_SPACE_B = 100_000_000
PACKAGES = (
    *("anthropic", "click", "genai-prices", "httpx", "nvidia-ml-py", "ollama", "platformdirs"),
    *("rich", "sqlite-utils", "textual"),
)
"""What the program needs; a copy that runs without being installed cannot be asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at; `do` is what to do, `blocks` that nothing can be served without it."""

    subject: str
    state: Literal["ok", "warn", "missing"]
    what: str
    do: str = ""
    blocks: bool = False

    @property
    def sentence(self) -> str:
        """What was found and what to do, on one line."""
        return one_line(f"{self.what} {self.do}")

    def as_json(self) -> dict[str, Any]:
        """The finding's fields."""
        return asdict(self)


async def examine(invocation: Invocation) -> list[Finding]:
    """Look at everything, from the program outwards."""
    from console.cli.router_findings import router_findings

    findings = [*_program(), _terminal()]
    settings = None
    try:
        settings = load_checked(invocation)
    except ValueError as error:
        findings.append(_blocking("settings", str(error), "`llmconsole config check` reads it."))
    else:
        findings += _settings(invocation.places, settings)
    findings += _places(invocation.places)
    if settings is None:
        return findings
    try:
        async with invocation.services() as console:
            findings += [await _gpus(console), *await _tiers(console)]
            findings += [each async for each in router_findings(console, invocation.places)]
    except Stop as trouble:
        findings.append(_blocking("services", str(trouble)))
    return findings


def _blocking(subject: str, what: str, do: str = "") -> Finding:
    return Finding(subject=subject, state="missing", what=what, do=do, blocks=True)


def _program() -> Iterator[Finding]:
    yield Finding(
        subject="llmconsole",
        state="ok",
        what=f"{__version__} on Python {platform.python_version()}, {sys.platform}",
    )
    wanted = _requirements()
    for name in PACKAGES:
        needs = wanted.get(name, "")
        try:
            found = metadata.version(name)
        except metadata.PackageNotFoundError:
            yield _blocking(name, f"is not installed (needed: {name}{needs}).", "Install it.")
            continue
        yield Finding(
            subject=name, state="ok", what=f"{found}{f' (needed: {needs})' * bool(needs)}"
        )


def _requirements() -> dict[str, str]:
    """The versions the installed program asks for, by package."""
    try:
        lines = metadata.requires("llmconsole") or []
    except metadata.PackageNotFoundError:
        return {}
    plain = [line for line in lines if ";" not in line]
    names = {name: line for line in plain for name in PACKAGES if line.startswith(name)}
    return {name: line.removeprefix(name) for name, line in names.items()}


def _terminal() -> Finding:
    term = os.environ.get("TERM", "")
    encoding = (sys.stdout.encoding or "").lower()
    size = shutil.get_terminal_size()
    colours = "16 million colours" if os.environ.get("COLORTERM") else "256 colours or fewer"
    what = f"TERM={one_line(term) or '(unset)'}, {size.columns}×{size.lines}, {colours}, {encoding}"
    if term in ("", "dumb", "unknown"):
        do = "The console needs more: set TERM, for example to xterm-256color."
    elif encoding.replace("-", "") != "utf8":
        do = "Set a UTF-8 locale, for example LANG=C.UTF-8."
    else:
        return Finding(subject="terminal", state="ok", what=what)
    return Finding(subject="terminal", state="warn", what=f"{what}.", do=do)


def _settings(places: "Places", settings: "Settings") -> Iterator[Finding]:
    found = places.config.exists()
    yield Finding(
        subject="settings",
        state="ok",
        what=f"{places.config}, valid" if found else f"none at {places.config}: defaults hold",
    )
    for warning in settings_warnings(settings):
        yield Finding(subject="settings", state="warn", what=warning)


def _places(places: "Places") -> Iterator[Finding]:
    for subject, path in (("ledger", places.ledger), ("log", places.log), ("state", places.state)):
        folder = next(parent for parent in path.parents if parent.exists())
        blocks = subject == "ledger"
        if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
            what, do = f"{folder} cannot be written to.", "Make it yours, or set XDG_*_HOME."
            yield Finding(subject=subject, state="missing", what=what, do=do, blocks=blocks)
        elif path.exists() and (not path.is_file() or not os.access(path, os.R_OK | os.W_OK)):
            what, do = f"{path} is no file that you can read and write.", "Move it away."
            yield Finding(subject=subject, state="missing", what=what, do=do, blocks=blocks)
        else:
            yield _kept(subject, path, shutil.disk_usage(folder).free)


def _kept(subject: str, path: Path, free_b: int) -> Finding:
    space = f"{free_b / 1e9:,.1f} GB free"
    open_to_others = [
        (each, mode)
        for each, mode in ((path.parent, 0o700), (path, 0o600))
        if each.exists() and stat.S_IMODE(each.stat().st_mode) & 0o077
    ]
    if open_to_others:
        each, mode = open_to_others[0]
        what = f"{each} is open to others (mode {stat.S_IMODE(each.stat().st_mode):04o})."
        return Finding(subject=subject, state="warn", what=what, do=f"chmod {mode:o} {each}")
    if free_b < LITTLE_SPACE_B:
        what = f"{path}: only {space}."
        return Finding(subject=subject, state="warn", what=what, do="Make room.")
    there = "for your eyes only" if path.exists() else "not there yet"
    return Finding(subject=subject, state="ok", what=f"{path}, {there}, {space}")


async def _gpus(console: "Console") -> Finding:
    snapshot = await first_snapshot(console)
    if snapshot.trouble:
        return Finding(subject="GPUs", state="missing", what=snapshot.trouble)
    names = ", ".join(f"{card.index} {card.name}" for card in snapshot.cards)
    driver = f"driver {snapshot.driver or '-'}, from {snapshot.origin}"
    return Finding(subject="GPUs", state="ok", what=f"{names} ({driver})")


async def _tiers(console: "Console") -> list[Finding]:
    from console.core.tier import Tier

    by_tier = {Tier.LOCAL: console.settings.local, Tier.API: console.settings.api}
    found = [await _tier(console, tier, settings) for tier, settings in by_tier.items()]
    if all(tier.state == "missing" for tier in found):
        found.append(_blocking("tiers", "neither tier can serve a request.", "Start or set one."))
    return found


async def _tier(console: "Console", tier: "Tier", settings: "TierSettings") -> Finding:
    from console.sources.models import missing_key

    subject = f"{tier} tier"
    at = f"{settings.kind} at {settings.base_url}, {settings.model}"
    no_key = missing_key(settings, os.environ)
    if no_key:
        return Finding(subject=subject, state="missing", what=f"{at}: {no_key}")
    probe = await console.health.probe(tier)
    if not probe.ok:
        return Finding(subject=subject, state="missing", what=f"{at}: {probe.trouble}")
    key = f", key from {_key_place(settings)}" if _key_place(settings) else ""
    version = f", version {probe.version}" if probe.version else ""
    return Finding(subject=subject, state="ok", what=f"{at}: answers{version}{key}")


def _key_place(settings: "TierSettings") -> str | None:
    """Where the tier's key was found; never the key."""
    if settings.key_env and os.environ.get(settings.key_env, "").strip():
        return f"the variable {settings.key_env}"
    return settings.key_file
