"""The base `my-ledger`: a rig's assumptions, with everything replaced that was measured."""

from dataclasses import replace
from typing import Any

from console.core.whatif.bases import LEDGER_BASE, Base
from console.core.whatif.benchmark import Benchmark
from console.core.whatif.built_in import card_sources
from console.core.whatif.calibration import calibrated, uncalibrated
from console.core.whatif.distribution import Interval
from console.core.whatif.inputs import EnergyModel
from console.core.whatif.limits import Hardware
from console.core.whatif.measured import Measured, hourly, measure
from console.core.whatif.offer import Offer
from console.core.whatif.origin import Origin, Source
from console.core.whatif.presets import PRESETS, PRO_6000, RTX_4090
from console.core.whatif.traffic import ENOUGH_DAYS, Traffic

_KNOWN: tuple[tuple[str, Hardware], ...] = (("4090", RTX_4090), ("pro 6000", PRO_6000))


def ledger_base(
    traffic: Traffic,
    *,
    offer: Offer | None,
    usd_per_kwh: float,
    tariff_typed: bool,
    gpus: tuple[str, ...] = (),
    benchmark: Benchmark | None = None,
) -> Base | None:
    """The base of the operator's own traffic; None when the ledger has no complete day yet.

    `offer` is the API tier's model where the price list has it, `gpus` the names of the cards,
    `benchmark` the rig's load test: what it can do, where the ledger knows what was asked of it.
    """
    found = measure(traffic)
    if benchmark is not None:
        source = Source(Origin.MEASURED, benchmark.words)
        found["self_host.replica_rps"] = Measured(benchmark.requests_per_s, source)
    volume = found.get("workload.requests_per_day")
    if volume is None:
        return None
    start = PRESETS["homelab"]
    case, sources, model = start.case, dict(start.sources), start.model
    if offer is not None and offer.card is not None:
        model = offer.key
        case = replace(case, inputs=replace(case.inputs, api=offer.card))
        low, _, high = offer.ratio
        words = f"by its family; {uncalibrated(traffic.pairs, model)}"
        ratio = Source(Origin.ASSUMED, words, low, high)
        sources |= card_sources(model, offer.source, ratio)
    found |= calibrated(traffic.pairs, model)
    if "self_host.joules_per_output_token" in found:
        case = case.with_values({"self_host.energy_model": EnergyModel.JOULES_PER_TOKEN})
    values: dict[str, Any] = {name: measured.value for name, measured in found.items()}
    values["self_host.usd_per_kwh"] = usd_per_kwh
    if tariff_typed:
        sources["self_host.usd_per_kwh"] = Source(Origin.TYPED, "your settings")
    sources |= {name: measured.source for name, measured in found.items()}
    return Base(
        name=LEDGER_BASE,
        title="Your own traffic, from the ledger and the GPU meter",
        model=model,
        case=case.with_values(values),
        sources=sources,
        versus=tuple(key for key in (start.model, *start.versus) if key != model),
        caveats=(*start.caveats, *_caveats(traffic, found, benchmark, model)),
        hardware=_hardware(gpus),
        hours=hourly(traffic),
        here=_here(volume),
    )


def _here(volume: Measured) -> Interval:
    low, high = volume.source.low, volume.source.high
    return Interval(
        p5=volume.value if low is None else low,
        p50=volume.value,
        p95=volume.value if high is None else high,
    )


def _caveats(
    traffic: Traffic, found: dict[str, Measured], benchmark: Benchmark | None, model: str
) -> tuple[str, ...]:
    said = []
    if len(traffic.days) < ENOUGH_DAYS:
        count = len(traffic.days)
        days = "day" if count == 1 else "days"
        said.append(f"only {count} complete {days} in the ledger: what is measured is weak")
    if benchmark is not None and "workload.input_tokens" in found:
        caveat = benchmark.caveat(
            found["workload.input_tokens"].value, found["workload.output_tokens"].value
        )
        said += [caveat] if caveat else []
    elif "self_host.replica_rps" in found:
        said.append(
            "the throughput is observed, not saturated: it is what was asked of the rig, and "
            "less than it can do"
        )
    if "api.tokenizer_ratio_in" not in found:
        said.append(
            f"tokens × is assumed by the model's family; {uncalibrated(traffic.pairs, model)}"
        )
    return tuple(said)


def _hardware(gpus: tuple[str, ...]) -> Hardware | None:
    """The limits of the cards; None for several or unknown ones."""
    if len(gpus) != 1:
        return None
    return next((limits for part, limits in _KNOWN if part in gpus[0].lower()), None)
