"""One card in full: every value it tells, and why the others are missing."""

from collections.abc import Iterator, Sequence

from console.core.gpu import PROFILED, Card, Snapshot
from console.ui.draw.gpu_instances import instance_rows
from console.ui.draw.gpu_notes import held_shares, is_hot, notes, stretch
from console.ui.draw.gpu_value import LABEL, Part, Reader
from console.ui.draw.line import Line, Run
from console.ui.draw.number import UNKNOWN, ago, gib, per_second, whole

_UTIL = ("util_pct", "memory_util_pct", "encoder_pct", "decoder_pct")
_ENGINES = dict(zip(PROFILED, ("busy", "SM active", "tensor", "DRAM bandwidth"), strict=True))
_TOO_OLD = "not supported"


def fact_lines(
    card: Card, snapshot: Snapshot, now_ms: int, interval_s: float, width: int
) -> list[Line]:
    """What a card tells, by subject, in lines of `width` cells."""
    if card.fault:
        return [
            *_row("state", [[(card.fault, "bad")]], width),
            *(_row("errors", [_xid(card, now_ms)], width) if card.xid is not None else ()),
            *_row("card", [[(text, "dim")] for text in (card.uuid, card.pci) if text], width),
        ]
    reader = Reader(card, now_ms, interval_s, width)
    lines: list[Line] = []
    for label, parts in (
        ("util", _util(reader)),
        ("engines", _engines(reader)),
        ("power", _power(reader)),
        ("memory", _memory(reader)),
        *instance_rows(reader),
        ("heat", _heat(reader)),
        ("clocks", _clocks(reader)),
        ("held", _held(reader)),
        ("PCIe", _pcie(reader)),
        ("NVLink", _nvlink(reader)),
        ("errors", _errors(reader)),
        ("driver", _driver(reader, snapshot)),
        ("card", [[(card.uuid, "dim")], [(card.pci or UNKNOWN, "dim")]]),
    ):
        if parts:
            lines += _row(label, parts, width)
    return lines


def _row(label: str, parts: Sequence[Part], width: int) -> Iterator[Line]:
    """Parts behind a label, as many in a row as fit whole."""
    runs: list[Run] = [(f" {label}".ljust(LABEL), "dim")]
    used, first = LABEL, True
    for part in parts:
        size = sum(len(text) for text, _ in part)
        if not first and used + 3 + size > width:
            yield runs
            runs, used, first = [(" " * LABEL, "")], LABEL, True
        if not first:
            runs.append((" · ", "faint"))
            used += 3
        runs += part
        used += size
        first = False
    yield runs


def _util(reader: Reader) -> list[Part]:
    card = reader.card
    share = None if card.util_pct is None else card.util_pct / 100
    if card.mig and all(getattr(card, name) is None for name in _UTIL):
        return [[(f"{UNKNOWN} not supported in MIG mode", "dim")]]
    return [
        [
            *reader.value("util_pct", f"{whole(card.util_pct):>3} %", after=" SM"),
            *reader.bar(share),
        ],
        reader.value("memory_util_pct", whole(card.memory_util_pct), after=" % memory bus"),
        reader.value("encoder_pct", whole(card.encoder_pct), "encoder ", " %"),
        reader.value("decoder_pct", whole(card.decoder_pct), "decoder ", " %"),
    ]


def _power(reader: Reader) -> list[Part]:
    card = reader.card
    drawn, limit = card.power_w, card.power_limit_w
    share = drawn / limit if drawn is not None and limit else None
    kind = f" {card.power_kind}" if card.power_kind else ""
    parts: list[Part] = [
        [
            *reader.value("power_w", f"{whole(drawn):>3} W", after=kind),
            *reader.bar(share),
        ],
        reader.value("power_limit_w", f"{whole(limit)} W", "limit "),
        reader.value("power_limit_default_w", f"{whole(card.power_limit_default_w)} W", "default "),
    ]
    if card.power_instant_w is not None:
        instant = f"{whole(card.power_instant_w)} W"
        parts.insert(1, reader.value("power_instant_w", instant, after=" instant"))
    return parts


def _memory(reader: Reader) -> list[Part]:
    card = reader.card
    used, total = card.memory_used_b, card.memory_total_b
    share = used / total if used is not None and total else None
    return [
        [
            *reader.value("memory_used_b", f"{gib(used)} GiB", after=f" of {gib(total)}"),
            *reader.bar(share),
        ]
    ]


def _heat(reader: Reader) -> list[Part]:
    card = reader.card
    heat = reader.value("temperature_c", f"{whole(card.temperature_c):>3} °C")
    if is_hot(card):
        heat = [(text, "warn" if style == "" else style) for text, style in heat]
    margin: list[Part] = []
    if card.margin_c is not None:
        side = "below" if card.margin_c >= 0 else "above"
        words = f"{whole(abs(card.margin_c))} °C"
        margin = [reader.value("margin_c", words, after=f" {side} its limit")]
    return [
        heat,
        *margin,
        reader.value("slowdown_c", f"{whole(card.slowdown_c)} °C", "slows down at "),
        reader.value("memory_temperature_c", f"{whole(card.memory_temperature_c)} °C", "memory "),
        reader.value("fan_pct", f"{whole(card.fan_pct)} %", "fan "),
    ]


def _clocks(reader: Reader) -> list[Part]:
    card = reader.card
    sm, memory = whole(card.clock_sm_mhz), whole(card.clock_memory_mhz)
    return [
        reader.value("clock_sm_mhz", sm, "SM ", _of_mhz(card.clock_sm_max_mhz)),
        reader.value("clock_memory_mhz", memory, "memory ", _of_mhz(card.clock_memory_max_mhz)),
        reader.value("pstate", f"P{card.pstate}"),
    ]


def _of_mhz(most: float | None) -> str:
    return " MHz" if most is None else f" of {most:.0f} MHz"


def _held(reader: Reader) -> list[Part]:
    card = reader.card
    if not card.held_pct and not card.held_s:
        word = card.missing.get("held_s")
        return [[(f"{UNKNOWN} {word}" if word else "nothing told yet", "dim")]]
    over = stretch(card.held_over_s)
    loud = any(note.about == "held" and note.loud for note in notes(card, reader.now_ms))
    parts: list[Part] = [
        [(f"{why} {share:.0f} %", "warn" if loud else "")] for why, share in held_shares(card)
    ]
    if not parts:
        return [[(f"nothing in {over}", "dim")]]
    return [*parts[:-1], [*parts[-1], (f" of {over}", "dim")]]


def _pcie(reader: Reader) -> list[Part]:
    card = reader.card
    link = f"gen{card.pcie_gen} x{card.pcie_width if card.pcie_width is not None else UNKNOWN}"
    most = f"gen{card.pcie_gen_max or UNKNOWN} x{card.pcie_width_max or UNKNOWN}"
    known = card.pcie_gen_max is not None or card.pcie_width_max is not None
    down: list[Part] = [[("down-trained", "warn")]] if card.down_trained else []
    return [
        reader.value("pcie_gen", link, after=f" of {most}" if known else ""),
        *down,
        reader.value("pcie_rx_bps", per_second(card.pcie_rx_bps), "in "),
        reader.value("pcie_tx_bps", per_second(card.pcie_tx_bps), "out "),
    ]


def _nvlink(reader: Reader) -> list[Part]:
    card = reader.card
    if same := reader.lacking("nvlink_rx_bps", "nvlink_tx_bps"):
        return [[(same, "dim")]]
    return [
        reader.value("nvlink_rx_bps", per_second(card.nvlink_rx_bps), "in "),
        reader.value("nvlink_tx_bps", per_second(card.nvlink_tx_bps), "out "),
    ]


def _errors(reader: Reader) -> list[Part]:
    card = reader.card
    wrong = reader.value("ecc_uncorrected", f"{card.ecc_uncorrected or 0:,}", after=" uncorrected")
    if card.ecc_uncorrected:
        wrong = [(text, "bad") for text, _ in wrong]
    xid = _xid(card, reader.now_ms)
    broken: list[Part] = [
        [(note.text, note.style)]
        for note in notes(card, reader.now_ms)
        if note.about in ("recovery", "rows")
    ]
    if same := reader.lacking("ecc_corrected", "ecc_uncorrected"):
        return [[(f"ECC {same}", "dim")], xid, *broken]
    ecc = reader.value("ecc_corrected", f"{card.ecc_corrected or 0:,}", "ECC ", " corrected")
    return [ecc, wrong, xid, *broken]


def _xid(card: Card, now_ms: int) -> Part:
    """The last error event that was heard of."""
    if card.xid is not None:
        when = "" if card.xid_ms is None else f", {ago((now_ms - card.xid_ms) / 1000)}"
        times = f", {card.xids} in all" if card.xids and card.xids > 1 else ""
        return [(f"Xid {card.xid}{when}{times}", "bad")]
    word = card.missing.get("xid")
    return [(f"Xid {UNKNOWN} {word}" if word else "no Xid seen", "dim")]


def _engines(reader: Reader) -> list[Part]:
    """What only recent cards tell, and only while it is looked at."""
    told: list[Part] = [
        reader.value(name, whole(value), f"{word} ", " %")
        for name, word in _ENGINES.items()
        if (value := getattr(reader.card, name)) is not None
    ]
    # That a card is too old for them needs no row; another reason can be mended.
    why = {reader.card.missing.get(name, _TOO_OLD) for name in _ENGINES} - {_TOO_OLD}
    return told or [[(f"{UNKNOWN} {word}", "dim")] for word in sorted(why)]


def _driver(reader: Reader, snapshot: Snapshot) -> list[Part]:
    card = reader.card
    switches: list[Part] = []
    for name, word in (("persistence", "persistence"), ("mig", "MIG")):
        on = getattr(card, name)
        if on is not None or name == "persistence":
            switches.append(reader.value(name, _switch(on), f"{word} "))
    if card.mig is not None and card.mig_pending not in (None, card.mig):
        switches[-1] = [*switches[-1], (f", {_switch(card.mig_pending)} after a reset", "warn")]
    return [
        [(snapshot.driver or UNKNOWN, "")],
        [("CUDA ", "dim"), (snapshot.cuda or UNKNOWN, "")],
        *switches,
    ]


def _switch(on: bool | None) -> str:
    return "on" if on else "off"
