"""One sample of the GPUs as text for eyes."""

from collections.abc import Sequence

import click

from console.cli.output import UNKNOWN, print_table
from console.core.gpu import Card, Instance, Snapshot
from console.core.text import one_line
from console.ui.draw.gpu_notes import held_shares, note_lines, stretch
from console.ui.draw.line import plain
from console.ui.draw.number import per_second

_WIDE = 1000


def print_cards(snapshot: Snapshot) -> None:
    """Print what the cards say, what holds them back, their links, and what is wrong with them."""
    cards = snapshot.cards
    print_table(
        ("gpu", "<name", "util", "power", "cap", "memory", "of", "temp", "<"),
        [
            row
            for card in cards
            for row in (_card(card), *(_instance(card, each) for each in card.instances or ()))
        ],
    )
    answering = [card for card in cards if not card.fault]
    if answering:
        click.echo()
        titles = ("gpu", "<held back", "<PCIe", "in", "out", "NVLink in", "out", "<")
        print_table(titles, [_link(card) for card in answering])
    remarks = note_lines(cards, snapshot.at_ms, _WIDE, len(cards) + _WIDE)
    if remarks:
        click.echo()
    for line in remarks:
        click.echo(plain(line).rstrip())
    click.echo()
    facts = [
        f"driver {snapshot.driver}" if snapshot.driver else "",
        f"CUDA {snapshot.cuda}" if snapshot.cuda else "",
        _over(answering),
    ]
    source = f"from {one_line(snapshot.origin)}{', simulated' if snapshot.simulated else ''}"
    click.echo(" · ".join([*filter(None, facts), source]))


def _card(card: Card) -> list[str]:
    return [
        str(card.index),
        card.name,
        _unit(card.util_pct, "%"),
        _unit(card.power_w, " W"),
        _unit(card.power_limit_w, " W"),
        _gib(card.memory_used_b),
        _gib(card.memory_total_b),
        _unit(card.temperature_c, " °C"),
        card.fault or "",
    ]


def _instance(card: Card, instance: Instance) -> list[str]:
    """A MIG instance, which tells how busy it is only where that is profiled."""
    ids = (instance.gpu_instance, instance.compute_instance)
    return [
        ":".join(str(UNKNOWN if each is None else each) for each in (card.index, *ids)),
        f"MIG {instance.profile or UNKNOWN}",
        _unit(instance.engine_active_pct, "%"),
        UNKNOWN,
        UNKNOWN,
        _gib(instance.memory_used_b),
        _gib(instance.memory_total_b),
        UNKNOWN,
        "",
    ]


def _link(card: Card) -> list[str]:
    """What holds a card's clocks back, and its links."""
    return [
        str(card.index),
        _held(card),
        f"gen{_known(card.pcie_gen)} x{_known(card.pcie_width)}"
        f" of gen{_known(card.pcie_gen_max)} x{_known(card.pcie_width_max)}",
        per_second(card.pcie_rx_bps),
        per_second(card.pcie_tx_bps),
        per_second(card.nvlink_rx_bps),
        per_second(card.nvlink_tx_bps),
        "down-trained" if card.down_trained else "",
    ]


def _held(card: Card) -> str:
    if card.held_over_s is None or not card.held_s:
        return UNKNOWN
    return ", ".join(f"{why} {share:.0f}%" for why, share in held_shares(card)) or "nothing"


def _over(cards: Sequence[Card]) -> str:
    """Of what stretch of time the shares are."""
    over_s = max((card.held_over_s or 0.0 for card in cards), default=0.0)
    return f"held back: in {stretch(over_s)}" if over_s else ""


def _known(value: int | None) -> str:
    return UNKNOWN if value is None else str(value)


def _unit(value: float | None, unit: str) -> str:
    return UNKNOWN if value is None else f"{value:.0f}{unit}"


def _gib(value: int | None) -> str:
    return UNKNOWN if value is None else f"{value / 2**30:.1f} GiB"
