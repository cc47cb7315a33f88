"""Which scenario the options of `whatif` name, its figures, and how a verb on it ends."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from console.cli.exits import Exit, Stop
from console.cli.invocation import Invocation

if TYPE_CHECKING:
    from console.core.whatif.alternatives import Results
    from console.core.whatif.scenario import Scenario
    from console.services.calculator import Calculator
    from console.services.figures import Figures


def scenario_options(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that choose the scenario."""
    for option in (
        click.option("--set", "others", multiple=True, metavar="NAME=VALUE",
                     help="Any input by name, as --json lists them; 8.4k, 12%, 1.3..4.3."),
        click.option("--scenario", metavar="NAME|FILE", help="A saved scenario."),
        click.option("--preset", metavar="NAME",
                     help="article, article-corrected, my-ledger, homelab, rented or team. "
                          "[default: my-ledger with 7 days of traffic, else article]"),
    ):  # fmt: skip
        verb = option(verb)
    return verb


def opened(invocation: Invocation) -> "Calculator":
    """The engine, with the price list and the ledger read."""
    from console.sources.host import SystemClock
    from console.sources.prices import Prices
    from console.wire.whatif import open_calculator

    settings, places = invocation.settings, invocation.places
    calculator = open_calculator(settings, places, SystemClock(), Prices(settings.prices))
    calculator.load()
    if calculator.trouble:
        click.echo(f"llmconsole: {calculator.trouble}", err=True)
    return calculator


def chosen(
    calculator: "Calculator",
    preset: str | None,
    scenario: str | None,
    others: tuple[str, ...],
    given: list[tuple[str, str]],
) -> "Scenario":
    """The scenario that the options state."""
    from console.core.whatif.scenario import Scenario

    try:
        if scenario is not None:
            found = calculator.shelf.load(scenario)
            found = found.on(preset) if preset is not None else found
        else:
            found = calculator.start() if preset is None else Scenario(preset)
    except (ValueError, OSError) as error:
        raise Stop(str(error), Exit.USAGE) from None
    if found.base not in calculator.bases():
        known = ", ".join(calculator.bases())
        hint = " (the ledger has no complete day yet)" if found.base == "my-ledger" else ""
        raise Stop(f"there is no preset {found.base}{hint}; there are {known}", Exit.USAGE)
    for pair in others:
        name, _, text = pair.partition("=")
        given = [*given, (name.strip(), text)]
    for name, text in given:
        found = stating(found, name, text)
    return found


def stating(scenario: "Scenario", name: str, text: str) -> "Scenario":
    """The scenario with an input stated as it was typed."""
    from console.core.whatif.scenario import parse_change

    try:
        return scenario.with_change(name, parse_change(scenario.base, name, text))
    except ValueError as error:
        raise Stop(str(error), Exit.USAGE) from None


def computed(calculator: "Calculator", scenario: "Scenario") -> "Figures":
    """The figures of a scenario."""
    from console.services.figures import compute

    try:
        return compute(calculator, scenario)
    except ValueError as error:
        raise Stop(str(error), Exit.USAGE) from None


def ending(results: "Results") -> Exit:
    """How the verb ends: infeasible, unpriced (told on stderr), or fine."""
    for text in results.unpriced:
        click.echo(f"llmconsole: not priced: {text}", err=True)
    if not results.own.feasible:
        click.echo(
            f"llmconsole: infeasible: the peak takes {results.own.replicas:,.0f} replicas", err=True
        )
        return Exit.REFUSED
    return Exit.UNPRICED if results.unpriced else Exit.FINE
