"""`doctor` and `where`: what is found, what is missing, what to do, and where the files are."""

import click

from console.cli.exits import Exit
from console.cli.invocation import Invocation, json_option, pass_invocation, run_async
from console.cli.output import print_json, print_table


@click.command()
@json_option
@pass_invocation
def doctor(invocation: Invocation, as_json: bool) -> int:
    """Say what is found, what is missing, and what to do.

    Both tiers are asked how they are, without a prompt; keys are never shown.
    """
    from console.cli.findings import examine

    async def verb() -> int:
        findings = await examine(invocation)
        usable = not any(finding.blocks for finding in findings)
        if as_json:
            rows = [finding.as_json() for finding in findings]
            print_json({"usable": usable, "findings": rows})
        else:
            print_table(
                ("<", "<", "<"),
                [(finding.state, finding.subject, finding.sentence) for finding in findings],
            )
        return Exit.FINE if usable else Exit.FAILED

    return run_async(verb)


@click.command()
@json_option
@pass_invocation
def where(invocation: Invocation, as_json: bool) -> int:
    """Print where the program keeps its files."""
    places = {name: str(path) for name, path in invocation.places._asdict().items()}
    if as_json:
        print_json(places)
    else:
        for name, path in places.items():
            click.echo(f"{name:<13} {path}")
    return Exit.FINE
