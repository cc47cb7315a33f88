"""`whatif`: what serving the traffic costs at APIs and on the rig, by the same engine as the pane.

Text goes to stdout; what could not be priced goes to stderr, with exit code 4.
"""

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from console.cli.exits import Exit, Stop
from console.cli.groups import Defaulting
from console.cli.invocation import Invocation, json_option, pass_invocation
from console.cli.output import print_json
from console.cli.whatif_replay import replay
from console.cli.whatif_scenario import (
    chosen,
    computed,
    ending,
    opened,
    scenario_options,
    stating,
)

if TYPE_CHECKING:
    from console.core.whatif.alternatives import Results
    from console.core.whatif.scenario import Scenario
    from console.core.whatif.spread import Spread


@click.group(cls=Defaulting)
def whatif() -> None:
    """Monthly cost of API and self-hosting, and where they cross."""


whatif.add_command(replay)


@whatif.command("show")
@click.option("-n", "--requests-per-day", "volumes", multiple=True, metavar="N",
              help="A volume, like 2500 or 8.4k; repeatable with article.")  # fmt: skip
@click.option("--input-tokens", metavar="N", help="Prompt tokens of a request.")
@click.option("--output-tokens", metavar="N", help="Reply tokens of a request.")
@scenario_options
@click.option("--vs", "versus", multiple=True, metavar="MODEL",
              help="Another model to compare, provider/model; repeatable.")  # fmt: skip
@click.option("--breakeven", is_flag=True, help="All crossovers, each with its interval.")
@click.option("--tornado", is_flag=True, help="Which uncertain input moves the answer most.")
@click.option("--mc", "draws", type=click.IntRange(1, 1_000_000), default=2000, metavar="N",
              help="Draws behind every interval. [default: 2000]")  # fmt: skip
@click.option("--seed", type=int, default=1, metavar="S", help="Seed of the draws. [default: 1]")
@click.option("--markdown", is_flag=True, help="Tables in Markdown.")
@click.option("--csv", "as_csv", is_flag=True, help="One row for each volume.")
@click.option("--print", "printed", is_flag=True, help="What the article's own code prints.")
@json_option
@pass_invocation
def show(
    invocation: Invocation,
    volumes: tuple[str, ...],
    input_tokens: str | None,
    output_tokens: str | None,
    others: tuple[str, ...],
    scenario: str | None,
    preset: str | None,
    versus: tuple[str, ...],
    breakeven: bool,
    tornado: bool,
    draws: int,
    seed: int,
    markdown: bool,
    as_csv: bool,
    printed: bool,
    as_json: bool,
) -> int:
    """Monthly cost of every alternative, crossovers with their intervals, and warnings.

    With the preset article: its formulae as published, and the figures it prints that they do
    not give.
    """
    stated = [("workload.input_tokens", input_tokens), ("workload.output_tokens", output_tokens)]
    given = [(name, text) for name, text in stated if text is not None]
    calculator = opened(invocation)
    found = chosen(calculator, preset, scenario, others, given)
    if found.base == "article":
        return _article(found, volumes, printed=printed, as_json=as_json)
    if printed:
        raise Stop("--print is for --preset article.", Exit.USAGE)
    if len(volumes) > 1:
        raise Stop("give --requests-per-day once; --csv has every volume.", Exit.USAGE)
    for volume in volumes:
        found = stating(found, "workload.requests_per_day", volume)
    for model in versus:
        try:
            found = found.with_change(f"versus.{calculator.offer(model).key}", "yes")
        except ValueError as error:
            raise Stop(f"--vs: {error}", Exit.USAGE) from None
    figures = computed(calculator, found)
    results = figures.results
    assert results is not None
    known = _spread(results, draws, seed)
    from console.cli import whatif_shown as out

    if as_json or markdown:
        document = out.document(figures, results, known, tornado=tornado)
        if as_json:
            print_json(document)
        else:
            click.echo(out.markdown(document), nl=False)
    elif as_csv:
        click.echo(out.csv(results), nl=False)
    else:
        asked = breakeven or tornado
        out.print_results(figures, results, known, breakeven=breakeven or not asked)
        if tornado:
            out.print_tornado(results)
    return ending(results)


@whatif.command("diff")
@click.argument("one")
@click.argument("other")
@click.option("--markdown", is_flag=True, help="A table in Markdown.")
@json_option
@pass_invocation
def diff(invocation: Invocation, one: str, other: str, markdown: bool, as_json: bool) -> int:
    """Two scenarios side by side: only the inputs that differ, the months, the difference.

    Each is a saved scenario, a file, or a preset by name.
    """
    from console.cli import whatif_print as out

    calculator = opened(invocation)
    pair = []
    for name in (one, other):
        preset = name in calculator.bases() and name not in calculator.shelf.names()
        found = chosen(calculator, name if preset else None, None if preset else name, (), [])
        pair.append(computed(calculator, found))
    out.print_diff(one, other, *pair, markdown=markdown, as_json=as_json)
    codes = [ending(each.results) for each in pair if each.results is not None]
    return max(codes, default=Exit.FINE)


@whatif.command("explain")
@click.argument("figure")
@scenario_options
@json_option
@pass_invocation
def explain(
    invocation: Invocation,
    figure: str,
    others: tuple[str, ...],
    scenario: str | None,
    preset: str | None,
    as_json: bool,
) -> int:
    """Why a figure is what it is: the tree of its terms, down to inputs and their sources.

    FIGURE is a name like total_usd, saving_usd, self_host.energy_usd or crossover.1.MODEL.
    """
    from console.cli import whatif_print as out

    calculator = opened(invocation)
    figures = computed(calculator, chosen(calculator, preset, scenario, others, []))
    try:
        trees = out.trees(figures, figure)
    except ValueError as error:
        raise Stop(str(error), Exit.USAGE) from None
    if as_json:
        print_json({name: out.tree_json(term, figures) for name, term in trees.items()})
    else:
        out.print_trees(trees, figures)
    return Exit.FINE if figures.results is None else ending(figures.results)


@whatif.command("benchmark")
@click.argument("file", required=False)
@click.option("--forget", is_flag=True, help="Go back to what the ledger observed.")
@json_option
@pass_invocation
def benchmark(invocation: Invocation, file: str | None, forget: bool, as_json: bool) -> int:
    """What the rig can do at most, from a load test: AIPerf's or GuideLLM's JSON.

    my-ledger then has it for the rig's throughput, where the ledger only knows what was asked of
    it. Without FILE: the load test that is in use.
    """
    from console.sources.scenarios import Shelf

    shelf = Shelf(invocation.places.ledger.parent / "whatif")
    try:
        if forget:
            click.echo("Forgotten." if shelf.forget_benchmark() else "There was none.")
            return Exit.FINE
        found = shelf.benchmark() if file is None else shelf.keep_benchmark(file)
    except (ValueError, OSError) as error:
        raise Stop(str(error), Exit.USAGE) from None
    if as_json:
        print_json(None if found is None else asdict(found))
    else:
        click.echo("No load test is in use." if found is None else f"The rig's throughput is "
                   f"{found.words}.")  # fmt: skip
    return Exit.FINE


def _spread(results: "Results", draws: int, seed: int) -> "Spread | None":
    from console.core.whatif.spread import spread

    try:
        return spread(results, n=draws, seed=seed)
    except ValueError:
        return None


def _article(
    scenario: "Scenario", volumes: tuple[str, ...], *, printed: bool, as_json: bool
) -> int:
    from console.cli import whatif_article as out
    from console.core.whatif.article_sheet import ArticleSheet
    from console.core.whatif.parse import parse_number

    try:
        numbers = [parse_number(volume) for volume in volumes]
        sheet = ArticleSheet()
        for name, value in scenario.changes.items():
            assert isinstance(value, int | float)
            sheet = sheet.with_value(name, value)
        if not numbers and "workload.requests_per_day" in scenario.changes:
            numbers = [sheet.value("workload.requests_per_day")]
        shown = out.sheets(sheet, numbers)
    except ValueError as error:
        raise Stop(str(error), Exit.USAGE) from None
    if printed:
        out.print_lines(numbers)
    elif as_json:
        print_json(out.article_json(shown))
    else:
        out.print_sheets(shown)
    return Exit.FINE
