"""`config`: write a settings file, or say what is wrong with one."""

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from console.cli.exits import Exit, Stop
from console.cli.groups import Verbs
from console.cli.invocation import Invocation, json_option, pass_invocation
from console.cli.output import print_json
from console.core.text import one_line

if TYPE_CHECKING:
    from console.core.settings import Settings


@click.group(cls=Verbs)
def config() -> None:
    """The settings file: write one, check one."""


@config.command()
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@pass_invocation
def init(invocation: Invocation, force: bool) -> int:
    """Write a settings file with everything explained and commented out."""
    from console.sources.places import write_whole
    from console.sources.settings_text import commented

    path = invocation.places.config
    if path.exists() and not force:
        raise Stop(f"{path} is already there; --force replaces it.")
    try:
        write_whole(path, commented())
    except OSError as error:
        raise Stop(f"{path} cannot be written: {error.strerror}.") from None
    click.echo(str(path))
    return Exit.FINE


@config.command()
@json_option
@pass_invocation
def check(invocation: Invocation, as_json: bool) -> int:
    """Say whether the settings can be used, and what in them will not do what it seems to."""
    from console.sources.settings import ConfigError

    path = invocation.places.config
    report: dict[str, object] = {"path": str(path), "exists": path.exists(), "valid": True}
    try:
        settings = load_checked(invocation)
    except ConfigError as error:
        if as_json:
            print_json({**report, "valid": False, "trouble": str(error), "warnings": []})
        raise Stop(str(error), Exit.USAGE) from None
    warnings = settings_warnings(settings)
    if as_json:
        print_json({**report, "trouble": None, "warnings": warnings, "set": sorted(settings.typed)})
        return Exit.FINE
    for warning in warnings:
        click.echo(f"warning: {warning}", err=True)
    click.echo(f"{path}: {'fine' if path.exists() else 'not there, so the defaults hold'}")
    return Exit.FINE


def load_checked(invocation: Invocation) -> "Settings":
    """The settings, the ids under [keys] held to the console's actions too; raises ConfigError."""
    from console.sources.settings import load_settings
    from console.ui.keys import ACTIONS

    return load_settings(
        invocation.places.config,
        os.environ,
        required=invocation.config is not None,
        known_actions=[action.id for action in ACTIONS],
    )


def settings_warnings(settings: "Settings") -> list[str]:
    """What is allowed in the settings but will not do what it seems to."""
    from console.core.retirement import retired
    from console.core.tier import Tier
    from console.sources.models import model_source
    from console.sources.prices import Prices

    now = datetime.now(UTC)
    warnings = []
    for tier, tier_settings in ((Tier.LOCAL, settings.local), (Tier.API, settings.api)):
        end = retired(tier_settings.model, now.date())
        if end:
            warnings.append(f"tiers.{tier}.model: {end}")
    warnings += _unreached(settings)
    api = model_source(settings.api, os.environ)
    if Prices(settings.prices).card(api.provider, api.model, int(now.timestamp() * 1000)) is None:
        warnings.append(
            f"tiers.api.model: no price is known for {api.model} of {api.provider}; "
            "add one under [[prices]], or its cost stays unknown."
        )
    return warnings


def _unreached(settings: "Settings") -> list[str]:
    """Rules that an earlier one leaves nothing for."""
    always = next((rule for rule in settings.rules if not rule.conditions), None)
    if always is None:
        return []
    after = settings.rules[settings.rules.index(always) + 1 :]
    return [
        f"router.rules: {one_line(rule.name)} is never looked at: {one_line(always.name)} above it "
        "has no condition."
        for rule in after
    ]
