"""What the router's verbs print."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from console.cli.output import UNKNOWN, print_table
from console.core.score.evaluation import PUBLISHED, Report
from console.core.score.model import Model
from console.core.score.quality import Quality
from console.core.text import one_line
from console.services.scoring import Scored

_TITLES = ("<set", "labels", "score", "APGR", "95 %", "prior", "CPT50", "CPT80", "by cost",
           "article at", "vs coin", "z", "<")  # fmt: skip


def print_fit(report: Report, path: Path) -> None:
    """What was fitted, how good it is, and where it lies."""
    quality, prior = report.quality, report.prior
    if report.source == "fitted":
        click.echo(
            f"Fitted on {quality.count:,} labels: APGR {_interval(quality)} on labels left out, "
            f"the prior {prior.apgr:.3f}{_coin(quality)}."
        )
    else:
        click.echo(
            f"The prior stays: no fit on these {quality.count:,} labels beats its APGR of "
            f"{_interval(prior)} by 0.01{_coin(prior)}."
        )
    click.echo(
        f"Half of the API's gain takes {quality.cpt50:.0%} of calls, 80 % takes "
        f"{quality.cpt80:.0%}; a coin needs 50 % and 80 %."
    )
    click.echo(f"Model: {one_line(str(path))}")


def print_reports(reports: Sequence[Report]) -> None:
    """A table of sets, and what others publish."""
    print_table(_TITLES, [_row(report) for report in reports])
    click.echo()
    click.echo(
        "Each label is scored by a fit that did not see it. A coin has APGR 0.5, CPT50 50 %,"
    )
    click.echo(
        "CPT80 80 %. “vs coin” is the article's rule against a coin at its own share of calls."
    )
    for one in PUBLISHED:
        click.echo(
            f"{one.router}, on {one.on}: APGR {one.apgr:.3f}, CPT50 {one.cpt50:.1%}, "
            f"CPT80 {one.cpt80:.1%} (published)"
        )


def print_scores(scored: Sequence[Scored], model: Model | None) -> None:
    """A table of prompts, and what scored them."""
    rows = [
        (one_line(one.id), f"{one.score.value:+.3f}", f"{one.value_per_usd:+,.1f}", one.decision)
        for one in scored
    ]
    print_table(("<id", "score", "gain per $", "<tier"), rows)
    click.echo(f"scored by {source_words(model)}")


def print_csv(scored: Iterable[Scored]) -> None:
    """Rows of id, score and value per dollar."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("id", "score", "value_per_usd"))
    writer.writerows((one.id, one.score.value, one.value_per_usd) for one in scored)
    click.echo(text.getvalue(), nl=False)


def scores_json(scored: Iterable[Scored], model: Model | None) -> dict[str, Any]:
    """Scores by id, and what gave them."""
    return {
        "source": "prior" if model is None else model.source,
        "quality": None if model is None else quality_json(model.quality),
        "scores": {
            one.id: {
                "score": one.score.value,
                "value_per_usd": one.value_per_usd,
                "decision": one.decision,
            }
            for one in scored
        },
    }


def report_json(report: Report) -> dict[str, Any]:
    """A set's figures."""
    return {
        "set": report.name,
        "source": report.source,
        "quality": quality_json(report.quality),
        "prior": quality_json(report.prior),
        "article": asdict(report.article),
    }


def published_json() -> list[Mapping[str, Any]]:
    """What others publish."""
    return [asdict(one) for one in PUBLISHED]


def quality_json(quality: Quality) -> dict[str, Any]:
    """Measures, and whether they are those of a coin."""
    return {**asdict(quality), "random": quality.random}


def source_words(model: Model | None) -> str:
    """What scores, and how good it is."""
    if model is None:
        return "the prior (length and numbers); `llmconsole router fit` learns a better one"
    return (
        f"the {'fit' if model.source == 'fitted' else 'prior'} on {model.labels:,} labels, "
        f"APGR {_interval(model.quality)}{_coin(model.quality)}"
    )


def _row(report: Report) -> list[str]:
    quality, article = report.quality, report.article
    cost = quality.cost_apgr
    return [
        one_line(report.name),
        f"{quality.count:,}",
        report.source,
        f"{quality.apgr:.3f}",
        f"{quality.low:.3f}–{quality.high:.3f}",
        f"{report.prior.apgr:.3f}",
        f"{quality.cpt50:.1%}",
        f"{quality.cpt80:.1%}",
        UNKNOWN if cost is None else f"{cost:.3f}",
        f"{article.share:.1%}",
        f"{100 * article.delta:+.2f} pt",
        f"{article.z:+.1f}",
        "≈ random" if quality.random else "",
    ]


def _interval(quality: Quality) -> str:
    return f"{quality.apgr:.3f} ({quality.low:.3f}–{quality.high:.3f})"


def _coin(quality: Quality) -> str:
    return ", ≈ random" if quality.random else ""
