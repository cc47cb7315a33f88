"""What `doctor` says of the router: privacy, the policy, its score and the cascade."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from console.cli.findings import Finding
from console.core.privacy import elsewhere
from console.core.tier import Tier

if TYPE_CHECKING:
    from console.core.settings import Settings
    from console.services.console import Console
    from console.sources.places import Places


async def router_findings(console: "Console", places: "Places") -> AsyncIterator[Finding]:
    """The findings, in the order in which the router decides."""
    settings = console.settings
    yield await _privacy(console, settings)
    yield _policy(settings)
    yield _score(settings, places)
    yield await _cascade(console, settings)


async def _privacy(console: "Console", settings: "Settings") -> Finding:
    """Whether what must stay can be served at all."""
    source = console.dispatcher.tiers.source(Tier.LOCAL)
    away = elsewhere(settings.local, settings.own_hosts) or await source.residence()
    if away is not None:
        return Finding(subject="privacy", state="warn", what=f"what must stay is refused: {away}.")
    what = "what must stay is served by the local tier, and by nothing else"
    return Finding(subject="privacy", state="ok", what=what)


def _policy(settings: "Settings") -> Finding:
    rules = f"{len(settings.rules)} rule{'s' if len(settings.rules) != 1 else ''} of yours"
    goal = ""
    if settings.policy == "score":
        usd = settings.router_usd_per_day
        goal = (
            f", {settings.target_api_share:.0%} of calls to the api"
            if usd is None
            else (f", ${usd:,.2f} a day")
        )
    what = f"policy {settings.policy}{goal}, {rules}, fallback: {settings.fallback}"
    return Finding(subject="router", state="ok", what=what)


def _score(settings: "Settings", places: "Places") -> Finding:
    from console.cli.router_print import source_words
    from console.sources.router.model_file import ModelFile

    try:
        model = ModelFile(places.model).load()
    except FileNotFoundError:
        model = None
    except (OSError, ValueError) as error:
        return Finding(subject="score", state="warn", what=f"the prior holds: {error}")
    unused = "" if settings.policy == "score" else f" (unused by policy {settings.policy})"
    return Finding(subject="score", state="ok", what=f"{source_words(model)}{unused}")


async def _cascade(console: "Console", settings: "Settings") -> Finding:
    second = settings.cascade_model
    if second is None:
        return Finding(subject="cascade", state="ok", what="off (router.cascade_model)")
    if second == settings.local.model:
        return Finding(
            subject="cascade",
            state="warn",
            what=f"{second} is the local tier's own model, so nothing is checked.",
            do="Set router.cascade_model to another.",
        )
    probe = await console.dispatcher.tiers.source(Tier.LOCAL, second).probe()
    if not probe.ok or probe.trouble is not None:
        return Finding(subject="cascade", state="warn", what=probe.trouble or "no answer.")
    what = f"{second} checks local replies that close with a number, a choice or a literal"
    return Finding(subject="cascade", state="ok", what=what)
