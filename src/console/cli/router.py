"""`router`: fit the score to labels, score prompts in bulk, measure what a score is worth."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from console.cli.exits import Exit, Stop
from console.cli.groups import Verbs
from console.cli.invocation import Invocation, json_option, pass_invocation, run_async
from console.cli.output import print_json

if TYPE_CHECKING:
    from console.core.score.dollars import CallPrice
    from console.core.score.label import Label
    from console.core.score.model import Model

_FORMAT = """\b
A label is one JSON object a line, or one row of a parquet file:
  id, prompt      text
  weak, strong    quality of the local and of the API's answer, 0 to 1
  group           optional: what belongs together, such as copies of a question
  strong_output   optional: the API's reply, or strong_out_chars, its length
  weak_output, weak_answer, weak2_answer
                  optional: the local reply, what it comes to, and what a
                  second local model's reply comes to, for --cascade
Prompts to score need id and prompt only."""

_files = click.Path(path_type=Path)


@click.group(cls=Verbs, epilog=_FORMAT)
def router() -> None:
    """The router's score: fit it to graded answers, measure it, score prompts with it."""


def prices(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Add the API's prices to a verb, as `input_price` and `output_price`."""
    for name in ("output", "input"):
        verb = click.option(
            f"--{name}-price",
            type=click.FloatRange(min=0, max=1_000_000),
            metavar="USD",
            help=f"API dollars per 1M {name} tokens; else those of the model you set.",
        )(verb)
    return verb


@router.command("fit", epilog=_FORMAT)
@click.argument("labels", nargs=-1, type=_files)
@click.option("--from-ledger", is_flag=True, help="Learn from your blind verdicts instead.")
@click.option("--model", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Where the model goes; else where the router looks for it.")  # fmt: skip
@prices
@json_option
@pass_invocation
def router_fit(
    invocation: Invocation,
    labels: tuple[Path, ...],
    from_ledger: bool,
    model: Path | None,
    input_price: float | None,
    output_price: float | None,
    as_json: bool,
) -> int:
    """Fit the score to labels; without a clear gain over the prior, the prior stays."""
    from console.cli.router_print import print_fit, report_json
    from console.core.score.evaluation import evaluate
    from console.sources.router.model_file import ModelFile
    from console.wire.score import open_fitter

    if from_ledger == bool(labels):
        raise Stop("Name files of labels, or --from-ledger.", Exit.USAGE)
    with _sentences():
        if from_ledger:
            found = run_async(lambda: _verdicts(invocation))
        else:
            found = [label for path in labels for label in _labels(path)]
        price = _price(invocation, input_price, output_price)
        fitted = open_fitter(price).fit(found)
        kept = ModelFile(model or invocation.places.model)
        kept.save(fitted.model)
    report = evaluate("labels", fitted)
    if as_json:
        print_json({"model": str(kept.path), **report_json(report)})
    else:
        print_fit(report, kept.path)
    return Exit.FINE


@router.command("score", epilog=_FORMAT)
@click.argument("prompts", type=_files)
@click.option("--model", type=_files, metavar="FILE", help="Another model than the router's own.")
@click.option("--cold", is_flag=True, help="The prior, as before any fit.")
@click.option("--cascade", "by_agreement", is_flag=True,
              help="Use what two local models answered (weak_answer, weak2_answer).")  # fmt: skip
@click.option("--share", type=click.FloatRange(0, 1), metavar="SHARE",
              help="Share of API calls that the decisions hold; else your setting.")  # fmt: skip
@click.option("--csv", "as_csv", is_flag=True, help="CSV: id,score,value_per_usd.")
@prices
@json_option
@pass_invocation
def router_score(
    invocation: Invocation,
    prompts: Path,
    model: Path | None,
    cold: bool,
    by_agreement: bool,
    share: float | None,
    as_csv: bool,
    input_price: float | None,
    output_price: float | None,
    as_json: bool,
) -> int:
    """Score each prompt of a file: predicted gain, gain per dollar, decision."""
    from console.cli.router_print import print_csv, print_scores, scores_json
    from console.services.scoring import score_all
    from console.sources.router.labels import read_questions

    if cold and model is not None:
        raise Stop("--cold scores without a model: leave out one of --cold and --model.",
                   Exit.USAGE)  # fmt: skip
    if as_csv and as_json:
        raise Stop("Choose one of --csv and --json.", Exit.USAGE)
    with _sentences():
        questions = read_questions(prompts)
        used = None if cold else _model(invocation, model)
        price = _price(invocation, input_price, output_price)
    share = float(invocation.settings.target_api_share) if share is None else share
    scored = score_all(questions, used, price, share, by_agreement=by_agreement)
    if as_csv:
        print_csv(scored)
    elif as_json:
        print_json(scores_json(scored, used))
    else:
        print_scores(list(scored), used)
    return Exit.FINE


@router.command("eval", epilog=_FORMAT)
@click.argument("labels", nargs=-1, required=True, type=_files)
@prices
@json_option
@pass_invocation
def router_eval(
    invocation: Invocation,
    labels: tuple[Path, ...],
    input_price: float | None,
    output_price: float | None,
    as_json: bool,
) -> int:
    """Measure the score by cross-validation on each file of labels, one set a file."""
    from console.cli.router_print import print_reports, published_json, report_json
    from console.core.score.evaluation import evaluate
    from console.wire.score import open_fitter

    reports = []
    with _sentences():
        fitter = open_fitter(_price(invocation, input_price, output_price))
        for path in labels:
            reports.append(evaluate(path.stem, fitter.fit(_labels(path))))
    if as_json:
        print_json({"sets": [report_json(one) for one in reports], "published": published_json()})
    else:
        print_reports(reports)
    return Exit.FINE


@contextmanager
def _sentences() -> Iterator[None]:
    """A sentence and exit code 2 for what is wrong with a file, its values or what is installed."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise Stop(str(error), Exit.USAGE) from None
    except ModuleNotFoundError as error:
        raise Stop(
            f"{error.msg}" if error.name is None else
            f"This needs {error.name}: pip install 'llmconsole[router]'.", Exit.USAGE,
        ) from None  # fmt: skip


def _labels(path: Path) -> "list[Label]":
    from console.sources.router.labels import read_labels

    return read_labels(path)


async def _verdicts(invocation: Invocation) -> "list[Label]":
    from console.services.scoring import labels_of

    async with invocation.services() as console:
        return labels_of(await console.books.verdicts())


def _model(invocation: Invocation, path: Path | None) -> "Model | None":
    """The named model, else the router's own, else none yet."""
    from console.sources.router.model_file import ModelFile

    if path is not None:
        return ModelFile(path).load()
    try:
        return ModelFile(invocation.places.model).load()
    except FileNotFoundError:
        return None


def _price(invocation: Invocation, input: float | None, output: float | None) -> "CallPrice":
    """The prices given, and for those not given the API model's."""
    from console.core.score.dollars import CallPrice
    from console.wire.score import call_price

    if input is not None and output is not None:
        return CallPrice(input, output)
    listed = call_price(invocation.settings)
    return CallPrice(
        listed.input if input is None else input, listed.output if output is None else output
    )
