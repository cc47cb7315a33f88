"""`whatif replay`: the ledger's last days under another policy, price, model or rig."""

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import click

from console.cli.exits import Exit, Stop
from console.cli.invocation import Invocation, json_option, pass_invocation
from console.cli.output import print_json, print_table
from console.cli.progress import Doing
from console.cli.whatif_scenario import chosen, computed, opened, scenario_options
from console.core.text import one_line

if TYPE_CHECKING:
    from console.services.replays import Replayed


@click.command("replay")
@click.option("--days", type=click.IntRange(1, 3660), default=30, metavar="N",
              help="The ledger's last days, today included. [default: 30]")  # fmt: skip
@click.option("--policy", default="all-api", metavar="NAME|FILE",
              help="recorded, all-api, all-local, short-local, one of your own by name, or a "
                   "TOML file. [default: all-api]")  # fmt: skip
@click.option("--price-at", default="now", metavar="now|row|DATE",
              help="Prices of now, of each row's day, or of a date, for every listed model. "
                   "[default: now]")  # fmt: skip
@click.option("--queue", is_flag=True, help="Whether the rig keeps up, by the rows' real times.")
@click.option("--patience", type=click.FloatRange(0, 3600), default=1.0, metavar="S",
              help="Seconds of waiting after which a request overflows. "
                   "[default: 1]")  # fmt: skip
@scenario_options
@json_option
@pass_invocation
def replay(
    invocation: Invocation,
    days: int,
    policy: str,
    price_at: str,
    queue: bool,
    patience: float,
    others: tuple[str, ...],
    scenario: str | None,
    preset: str | None,
    as_json: bool,
) -> int:
    """What the ledger's last days would have cost under another policy, price, model or rig."""
    with Doing() as doing:
        try:
            doing.now("reading the ledger")
            calculator = opened(invocation)
            found = chosen(calculator, preset, scenario, others, [])
            if found.base == "article":
                # The article has no rig to replay on; its corrected form has.
                found = found.on("article-corrected")
            results = computed(calculator, found).results
            assert results is not None
            replays = calculator.replays
            try:
                parsed = replays.named(policy, results.sheet)
            except OSError as error:
                raise Stop(str(error), Exit.USAGE) from None
            replayed = replays.run(
                results,
                parsed,
                policy,
                days=days,
                price_at=price_at,
                progress=lambda share: doing.now("replaying", share),
            )
            if queue:
                waits = replays.check(
                    parsed,
                    results.sheet,
                    days=days,
                    patience_s=patience,
                    progress=lambda share: doing.now("queueing", share),
                )
                replayed = replace(replayed, queueing=waits)
        except KeyboardInterrupt:
            raise Stop("stopped before the replay was done; nothing is kept of it, and nothing "
                       "was changed.", Exit.INTERRUPTED) from None  # fmt: skip
        except ValueError as error:
            raise Stop(str(error), Exit.USAGE) from None
        except OSError as error:
            raise Stop(str(error)) from None
    _print(replayed, as_json=as_json)
    return Exit.UNPRICED if replayed.replay.unpriced_count else Exit.FINE


def _print(found: "Replayed", *, as_json: bool) -> None:
    """Print a replay; what could not be priced goes to stderr."""
    from console.core.whatif.distribution import percent

    told = found.replay
    if as_json:
        print_json({**asdict(found), "priced_rows_share": told.priced_rows_share})
    else:
        fixed = "with" if found.full else "without"
        click.echo(
            f"The last {found.days} days again: {one_line(found.policy)}; prices of "
            f"{found.price_at}, {fixed} the rig's fixed cost.\n"
        )
        rows = [
            (name, *(f"{usd:,.4f}" for usd in asdict(case).values()))
            for name, case in (("low", told.lo), ("middle", told.mid), ("high", told.hi))
        ]
        print_table(("", "total $", "kept $", "API $", "energy $", "fixed $"), rows)
        click.echo(
            f"\nrecorded ${told.recorded_usd:,.4f}; {told.rows_kept:,} rows kept, "
            f"{told.rows_moved:,} moved, {told.rows_excluded:,} errors left out; "
            f"{percent(told.priced_rows_share)} of the rows and {percent(told.priced_share)} of "
            "the recorded dollars priced"
        )
        waits = found.queueing
        if isinstance(waits, str):
            if waits:
                click.echo(f"\nqueueing not checked: {waits}")
        else:
            rig = "1 replica" if waits.replicas == 1 else f"{waits.replicas:,} replicas"
            click.echo(
                f"\n{waits.requests:,} requests through {rig}: P95 wait "
                f"{waits.p95_wait_s:,.2f} s, longest {waits.longest_wait_s:,.2f} s, "
                f"{percent(waits.utilisation)} busy, {percent(waits.overflow_share)} would have "
                f"overflowed (over {waits.patience_s:g} s)"
            )
    if told.unpriced_count:
        click.echo(
            f"llmconsole: {told.unpriced_count:,} rows could not be priced: "
            f"{'; '.join(told.reasons)}; among them "
            f"{', '.join(one_line(str(row)) for row in told.unpriced_rows[:20])}",
            err=True,
        )
