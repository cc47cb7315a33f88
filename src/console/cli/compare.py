"""`compare`: a set of prompts on both tiers, resumable, and what was said of compared replies."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from console.cli.exits import Exit, Stop
from console.cli.groups import Defaulting
from console.cli.invocation import Invocation, json_option, pass_invocation, run_async
from console.cli.output import print_json, usd
from console.cli.upgrading import upgrade_ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from console.core.comparison import Compared, Report, Task
    from console.services.console import Console
    from console.services.estimate import SetEstimate
    from console.sources.compared import ResultLog

_FEW = 5
"""API requests in the ledger below which their mean output says little."""


class _Compare(Defaulting):
    default = "run"


@click.group(cls=_Compare)
def compare() -> None:
    """Put prompts to both tiers and report time, tokens, dollars, energy and quality of each."""


@compare.command("run")
@click.option(
    "--file",
    "source",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help='JSON lines: {"prompt": …}, and perhaps "id", "expected", "grade" (number, choice, '
    "literal, exact).",
)
@click.option(
    "--results",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where results are kept; the same command goes on there.  [default: FILE.results]",
)
@click.option(
    "--labels",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Also write the graded results as labels for `router fit`.",
)
@click.option("--yes", is_flag=True, help="Do not ask before the API is paid.")
@click.option("--markdown", is_flag=True, help="The report as Markdown.")
@json_option
@pass_invocation
def run(
    invocation: Invocation,
    source: Path,
    results: Path | None,
    labels: Path | None,
    yes: bool,
    markdown: bool,
    as_json: bool,
) -> int:
    """Put each prompt of FILE to both tiers; stopped at any point, it goes on where it was.

    Says first what the API will cost, and asks. Prompts that must stay on the box are left out.
    Replies are kept in the results file, for your eyes only (0600).
    """
    from console.sources.compared import ResultLog, read_tasks

    try:
        tasks = read_tasks(source)
    except (OSError, ValueError) as error:
        raise Stop(_sentence(error, source), Exit.USAGE) from None
    log = ResultLog(results or source.with_name(f"{source.name}.results"))
    upgrade_ledger(invocation.places.ledger)

    async def verb() -> int:
        async with invocation.services() as console:
            return await _Set(console, tasks, log, source).run(
                yes=yes, labels=labels, markdown=markdown, as_json=as_json
            )

    return run_async(verb)


@compare.command()
@click.option("--list", "one_by_one", is_flag=True, help="Each verdict, oldest first.")
@json_option
@pass_invocation
def verdicts(invocation: Invocation, one_by_one: bool, as_json: bool) -> int:
    """What was said in blind comparisons: win rates by pair of models, with 95 % intervals."""
    from console.cli.compare_print import print_verdicts, verdicts_json
    from console.core.comparison import win_rates

    upgrade_ledger(invocation.places.ledger)

    async def verb() -> int:
        async with invocation.services() as console:
            said = await console.books.verdicts()
            models = {}
            for id in {id for verdict in said for id in (verdict.a, verdict.b)}:
                entry = await console.books.get(id)
                if entry is not None:
                    models[id] = entry.model_reported or entry.model
        rates = win_rates(said, models)
        if as_json:
            print_json(verdicts_json(rates, said))
        else:
            print_verdicts(rates, said if one_by_one else None)
        return Exit.FINE

    return run_async(verb)


def _sentence(error: OSError | ValueError, path: Path) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{path} cannot be read: {error.strerror}."
    return str(error)


class _Set:
    """One run over a set: what is left of it, what it will cost, and how it goes."""

    def __init__(
        self, console: "Console", tasks: "Sequence[Task]", log: "ResultLog", source: Path
    ) -> None:
        from console.core.tier import Tier
        from console.services.comparisons import Comparisons

        self._console = console
        self._tasks = tasks
        self._log = log
        settings = console.settings
        self._models: dict[Tier, str] = {
            Tier.LOCAL: settings.local.model,
            Tier.API: settings.api.model,
        }
        self._comparisons: Comparisons = Comparisons(
            console.comparer,
            log,
            self._models,
            paths=(str(source.absolute()), str(source.resolve())),
        )

    async def run(self, *, yes: bool, labels: Path | None, markdown: bool, as_json: bool) -> int:
        from console.cli.compare_print import print_report, report_json, report_markdown
        from console.cli.progress import Progress
        from console.core.comparison import report
        from console.sources.compared import write_labels

        done = self._read()
        kept_back = self._comparisons.kept_back(self._tasks)
        pending = [t for t in self._tasks if t.id not in done and t.id not in kept_back]
        for id, why in kept_back.items():
            click.echo(f"llmconsole: {_shown(id)} is left out: {_shown(why)}.", err=True)
        if pending and not self._agreed(await self._estimate(pending), yes, len(done)):
            return Exit.FINE
        failed: dict[str, Compared] = {}
        total_tasks = len(self._tasks) - len(kept_back) if pending else 0
        with Progress(total_tasks, len(done)) as progress:

            def tell(result: "Compared") -> None:
                (done if result.whole else failed)[result.task.id] = result
                progress.step(len(done), len(failed), self._spent(result))

            await self._with_energy(pending, tell)
        if self._comparisons.given_up:
            click.echo(f"llmconsole: stopped: {_shown(self._comparisons.given_up)}", err=True)
        found = [r for t in self._tasks if (r := done.get(t.id) or failed.get(t.id))]
        total = report(found)
        if labels is not None:
            try:
                count = write_labels(labels, found)
            except OSError as error:
                raise Stop(f"{labels} cannot be written: {error.strerror}.") from None
            click.echo(f"llmconsole: {count} labels in {labels}", err=True)
        if as_json:
            print_json(report_json(total, found, kept_back, str(self._log.path)))
        elif markdown:
            click.echo(report_markdown(total))
        else:
            print_report(total)
        return self._code(len(done) + len(kept_back) < len(self._tasks), total, bool(kept_back))

    def _read(self) -> "dict[str, Compared]":
        try:
            return self._log.read(self._tasks, self._models)
        except (OSError, ValueError) as error:
            raise Stop(_sentence(error, self._log.path), Exit.USAGE) from None

    async def _with_energy(
        self, pending: "Sequence[Task]", tell: "Callable[[Compared], None]"
    ) -> None:
        # What the cards draw meanwhile is the local replies' electricity.
        sampling = asyncio.create_task(self._console.sampler.run())
        try:
            await self._comparisons.run(pending, tell)
        except asyncio.CancelledError:
            where = _shown(str(self._log.path))
            click.echo(f"\nllmconsole: stopped; what is done is kept in {where}, and the same "
                       "command goes on from there.", err=True)  # fmt: skip
            raise
        except OSError as error:
            raise Stop(f"{self._log.path} cannot be written: {error.strerror or error}.") from None
        finally:
            sampling.cancel()
            await asyncio.wait([sampling])

    async def _estimate(self, pending: "Sequence[Task]") -> "SetEstimate":
        from console.core.chat import Prompt, Turn
        from console.core.tier import Tier
        from console.services.estimate import TYPICAL_REPLY_TOKENS

        month = (await self._console.books.page(0)).month30[Tier.API]
        known = month.requests >= _FEW
        output = month.output_tokens // month.requests if known else TYPICAL_REPLY_TOKENS
        prompts = [Prompt(turns=(Turn("user", task.prompt),)) for task in pending]
        return await self._console.estimator.of_set(prompts, output)

    def _agreed(self, expected: "SetEstimate", yes: bool, done: int) -> bool:
        """Say what the API will cost, and whether the operator wants that."""
        more = f", {done} are there already" if done else ""
        most = "" if expected.most_nano is None else f", at most {usd(expected.most_nano)}"
        cost = (
            "no price is known"
            if expected.expected_nano is None
            else (f"about {usd(expected.expected_nano)} of API{most}")
        )
        click.echo(
            f"{expected.prompts} prompts to ask{more}: {cost} "
            f"(~{expected.prompt_tokens:,} tokens in, {expected.output_tokens:,} out a reply)",
            err=True,
        )
        if yes:
            return True
        if not sys.stdin.isatty():
            raise Stop("nothing was sent: add --yes to agree to that cost.", Exit.USAGE)
        return click.confirm("Go on?", default=False, err=True)

    @staticmethod
    def _spent(result: "Compared") -> int | None:
        from console.core.tier import Tier

        return result.answers[Tier.API].spent_nano

    @staticmethod
    def _code(unfinished: bool, total: "Report", refused: bool) -> int:
        from console.core.tier import Tier

        if unfinished:
            return Exit.FAILED
        if refused:
            return Exit.REFUSED
        return Exit.UNPRICED if total.tiers[Tier.API].unpriced else Exit.FINE


def _shown(text: str) -> str:
    from console.core.text import one_line

    return one_line(text)
