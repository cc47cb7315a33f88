"""`route`: where a request would go, and every step of why."""

from typing import TYPE_CHECKING

import click

from console.cli.ask import (
    files_option,
    marked,
    pin_option,
    request_of,
    routed_line,
    task_argument,
    tier_option,
)
from console.cli.exits import Exit, Stop
from console.cli.invocation import Invocation, json_option, pass_invocation, run_async
from console.cli.output import decision_json, print_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from console.core.routing.decision import Decision
    from console.core.routing.request import Request
    from console.core.settings import Settings


@click.command()
@task_argument
@files_option
@tier_option
@pin_option
@click.option("--tag", metavar="TAG", help="The tag that rules and marks may look at.")
@click.option("--explain", is_flag=True, help="Every step, the score's parts, and what if not.")
@json_option
@pass_invocation
def route(
    invocation: Invocation,
    text: str | None,
    files: tuple[str, ...],
    tier: str | None,
    pin: bool,
    tag: str | None,
    explain: bool,
    as_json: bool,
) -> int:
    """Say where TEXT would go and why; nothing is sent or written."""
    request = request_of(text, files, tier, "--pin" if pin else marked(invocation))

    def show(decision: "Decision", settings: "Settings") -> int:
        model = decision.model
        if model is None and decision.tier is not None:
            model = (settings.local if decision.tier == "local" else settings.api).model
        if as_json:
            print_json({**decision_json(decision), "model": model})
        elif explain:
            click.echo("\n".join(explained(decision, model)))
        elif decision.tier is not None:
            click.echo(routed_line(decision.tier, model or "", decision.reason))
        if decision.tier is None:
            if not as_json:
                raise Stop(decision.reason, Exit.REFUSED)
            return Exit.REFUSED
        return Exit.FINE

    settings = invocation.settings
    if settings.policy == "score" or (
        _asks_the_ledger(settings) and invocation.places.ledger.exists()
    ):
        return run_async(lambda: _with_the_ledger(invocation, request, tag, show))
    return show(decide_now(request, settings, tag), settings)


async def _with_the_ledger(
    invocation: Invocation,
    request: "Request",
    tag: str | None,
    show: "Callable[[Decision, Settings], int]",
) -> int:
    async with invocation.services() as console:
        dispatcher = console.dispatcher
        await dispatcher.outlook.refresh(dispatcher.live())
        return show(dispatcher.decide(request, tag=tag), dispatcher.live())


def _asks_the_ledger(settings: "Settings") -> bool:
    """Whether what was spent or asked before can change a decision."""
    limits = (settings.budget_day_usd, settings.budget_month_usd)
    spend = any(rule.month_usd_over is not None for rule in settings.rules)
    return spend or settings.policy == "table" or limits != (None, None)


def decide_now(request: "Request", settings: "Settings", tag: str | None) -> "Decision":
    """Where a request would go by the settings and the time of day alone."""
    from console.core.period import local_minute
    from console.core.privacy import elsewhere
    from console.core.routing.decide import decide
    from console.core.routing.situation import Footing, Situation
    from console.sources.host import SystemClock

    clock = SystemClock()
    weekday, minute = local_minute(clock.now_ms(), clock.zone())
    tiers = (settings.local, settings.api)
    local, api = (
        Footing(model=each.model, sees=each.vision, context_tokens=each.num_ctx) for each in tiers
    )
    now = Situation(
        local=local,
        api=api,
        local_elsewhere=elsewhere(settings.local, settings.own_hosts),
        minute=minute,
        weekday=weekday,
        tag=tag,
    )
    return decide(request, settings.router, now)


def explained(decision: "Decision", model: str | None) -> list[str]:
    """A decision for reading: where to, the steps in order, the score's parts, and what if not."""
    from console.core.routing.article import WORTH
    from console.core.routing.report import told
    from console.core.text import one_line

    lines = []
    if decision.tier is not None:
        lines += [routed_line(decision.tier, model or "", decision.reason), ""]
    lines += [f"{name:<10}  {one_line(words)}" for name, words in told(decision)]
    if decision.policy == "article":
        lines += ["", f"policy article is {WORTH}."]
    return lines
