"""What `compare` prints: a report as text, Markdown or JSON, and the win rates of verdicts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click

from console.cli.output import UNKNOWN, count, print_table, usd
from console.core.comparison import Compared, Report, TierSums, WinRate
from console.core.proportion import wilson
from console.core.text import one_line
from console.core.tier import Tier
from console.core.verdict import Verdict

_TITLES = (
    "tier", "<model", "done", "failed", "median", "first", "in", "out", "energy", "$", "right",
)  # fmt: skip


def print_report(report: Report) -> None:
    """Print a report as aligned text."""
    print_table(_TITLES, _rows(report))
    for sentence in _sentences(report):
        click.echo(sentence)


def report_markdown(report: Report) -> str:
    """A report as a Markdown table and a few sentences."""
    titles = [title.removeprefix("<") for title in _TITLES]
    right = ["---" if at < 2 else "---:" for at in range(len(titles))]
    rows = [titles, right, *([_escaped(cell) for cell in row] for row in _rows(report))]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return "\n".join([table, "", *(f"- {sentence}" for sentence in _sentences(report))])


def report_json(
    report: Report, results: Iterable[Compared], kept_back: Mapping[str, str], path: str
) -> dict[str, Any]:
    """A report with every result but the replies, which are in the results file."""
    return {
        "tasks": report.tasks,
        "tiers": {tier: _sums_json(sums, report) for tier, sums in report.tiers.items()},
        "graded": report.graded,
        "only_local": report.only[Tier.LOCAL],
        "only_api": report.only[Tier.API],
        "both": report.both,
        "neither": report.neither,
        "agreed": report.agreed,
        "comparable": report.comparable,
        "agreement_interval": wilson(report.agreed, report.comparable),
        "kept_back": dict(kept_back),
        "results_file": path,
        "results": [_result_json(result) for result in results],
    }


def print_verdicts(rates: Sequence[WinRate], said: Sequence[Verdict] | None) -> None:
    """Print win rates, and the verdicts themselves where they are asked for."""
    if not rates:
        click.echo("No verdicts yet: F6 in the chat puts a prompt to both tiers, blind.")
        return
    titles = ("local", "<api", "verdicts", "local wins", "api wins", "tie", "both bad")
    print_table(
        titles,
        [
            (
                one_line(rate.local),
                one_line(rate.api),
                f"{rate.verdicts:,}",
                _share(rate.won[Tier.LOCAL], rate.verdicts),
                _share(rate.won[Tier.API], rate.verdicts),
                f"{rate.ties:,}",
                f"{rate.both_bad:,}",
            )
            for rate in rates
        ],
        left=2,
    )
    if said is not None:
        click.echo()
        rows = [
            (_utc(v.at_ms), v.winner or str(v.judgement), v.a, v.b, v.prompt_hash) for v in said
        ]
        print_table(("time (UTC)", "<better", "<row A", "<row B", "<prompt"), rows)


def verdicts_json(rates: Iterable[WinRate], said: Iterable[Verdict]) -> dict[str, Any]:
    """Win rates with their intervals, and every verdict."""
    return {
        "rates": [
            {
                **asdict(rate),
                "intervals": {tier: wilson(rate.won[tier], rate.verdicts) for tier in Tier},
            }
            for rate in rates
        ],
        "verdicts": [{**asdict(verdict), "winner": verdict.winner} for verdict in said],
    }


def _rows(report: Report) -> list[tuple[str, ...]]:
    return [
        (
            str(tier),
            one_line(", ".join(sums.models)) or UNKNOWN,
            f"{sums.answered:,}",
            f"{sums.failed:,}",
            _seconds(sums.median_ms),
            _seconds(sums.median_ttft_ms),
            count(sums.prompt_tokens),
            count(sums.output_tokens),
            _with(None if sums.energy_j is None else f"{sums.energy_j:,.1f} J", sums.unmetered)
            if tier is Tier.LOCAL
            else UNKNOWN,
            _with(None if sums.spent_nano is None else usd(sums.spent_nano), sums.unpriced),
            _share(sums.right, report.graded),
        )
        for tier, sums in report.tiers.items()
    ]


def _sentences(report: Report) -> list[str]:
    said = []
    if report.comparable:
        said.append(f"one answer from both: {_share(report.agreed, report.comparable)}")
    if report.graded:
        said.append(
            f"of {report.graded:,} graded: both right {report.both:,}, only local "
            f"{report.only[Tier.LOCAL]:,}, only api {report.only[Tier.API]:,}, neither "
            f"{report.neither:,}"
        )
    said.append("median: time of a reply, and to its first token; in, out: tokens")
    said.append("in brackets: the 95 % interval (Wilson); + n: tasks whose figure is not known")
    return said


def _sums_json(sums: TierSums, report: Report) -> dict[str, Any]:
    dollars = None if sums.spent_nano is None else sums.spent_nano / 1e9
    interval = wilson(sums.right, report.graded)
    return {**asdict(sums), "spent_usd": dollars, "right_interval": interval}


def _result_json(result: Compared) -> dict[str, Any]:
    grades = result.grades
    return {
        "id": result.task.id,
        "agree": result.agree,
        "right": None if grades is None else {tier: grades[tier] for tier in Tier},
        "answers": {
            tier: {k: v for k, v in asdict(answer).items() if k != "reply"}
            for tier, answer in result.answers.items()
        },
    }


def _share(hits: int, trials: int) -> str:
    interval = wilson(hits, trials)
    if interval is None:
        return UNKNOWN
    low, high = interval
    return f"{hits:,} ({hits / trials:.0%}) [{low:.0%}–{high:.0%}]"


def _with(figure: str | None, missing: int) -> str:
    if figure is None:
        return UNKNOWN
    return f"{figure} + {missing}" if missing else figure


def _seconds(ms: float | None) -> str:
    return UNKNOWN if ms is None else f"{ms / 1000:.2f} s"


def _utc(ms: int) -> str:
    return f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d %H:%M}"


def _escaped(cell: str) -> str:
    return cell.replace("|", "\\|")
