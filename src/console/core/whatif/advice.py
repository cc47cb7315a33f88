"""What is to be said beside the figures: impossible inputs, risks, prices, differences."""

from console.core.whatif.alternatives import Results
from console.core.whatif.case import View
from console.core.whatif.curve import Side
from console.core.whatif.limits import Hardware, warnings
from console.core.whatif.origin import Origin


def advice(results: Results, today: str) -> list[str]:
    """Every warning about these results, the most serious first."""
    sheet = results.sheet
    w, s = sheet.case.inputs.workload, sheet.case.inputs.self_host
    said: list[str] = []
    if not results.own.feasible:
        said.append(
            f"the rig cannot carry the peak: it takes {results.own.replicas:,.0f} replicas, "
            f"and {s.max_replicas:,.0f} are the most"
        )
    if sheet.base.hardware is not None:
        said += _beyond_hardware(results, sheet.base.hardware)
    if results.own.feasible and results.own.replicas <= 1:
        said.append("a single replica has no spare: while it is down, nothing is served locally")
    for offer in (sheet.offer, *sheet.versus):
        said += offer.remarks
    said += results.unpriced
    said += _out_of_date(results, today)
    said += sheet.base.caveats
    if sheet.case.reading.view is View.RUNNING:
        said.append(
            "running cost only: capital and set-up count as already paid, the API's bill does not"
        )
    tier = sheet.case.inputs.api.long_context
    prompt = w.input_tokens * sheet.case.inputs.api.tokenizer_ratio_in
    if tier is not None and prompt > tier.threshold_tokens / 4:
        said.append(
            f"prompts over {tier.threshold_tokens:,.0f} tokens pay the long-context price, and a "
            "mean hides them: replay the ledger to price each request"
        )
    said += _designs(results)
    first = results.duels[0]
    regions = first.breakeven.regions
    if regions and regions[0].cheaper is Side.SELF and results.low > regions[0].start:
        said.append(f"below {first.name}'s commitment the rig is cheaper at the lowest volumes")
    return list(dict.fromkeys(said))


def _designs(results: Results) -> list[str]:
    """What a split and a burst rest on that the sheet does not show at once."""
    sheet, said = results.sheet, []
    w, plan = sheet.case.inputs.workload, sheet.case.hybrid
    routine, complex_ = plan.mix(w, "routine"), plan.mix(w, "complex")
    for kind in ("input_tokens", "output_tokens") if sheet.shows("hybrid") else ():
        mean = getattr(routine, kind) * plan.share_self
        mean += getattr(complex_, kind) * (1 - plan.share_self)
        whole = getattr(w, kind)
        if abs(mean - whole) > 0.05 * max(mean, whole):
            words = kind.replace("_", " ")
            said.append(
                f"the split's requests have {mean:,.0f} {words} on the mean, the workload's "
                f"{whole:,.0f}: they are not the same traffic"
            )
    if sheet.shows("burst") and sheet.hours is not sheet.base.hours:
        said.append(
            "the burst's overflow rests on an assumed day: one smooth peak of "
            f"{w.peak_to_mean:.3g} times the mean"
        )
    return said


def _out_of_date(results: Results, today: str) -> list[str]:
    """The prices and the assumptions that are too old to be relied on."""
    sheet, said = results.sheet, []
    for offer in (sheet.offer, *sheet.versus):
        source = offer.source.on(today)
        if source.old:
            said.append(f"the price of {offer.key} is of {source.as_of}: out of date")
    old = [
        f"{row.label} ({source.as_of})"
        for row in sheet.fields()
        if (source := sheet.source(row.name)).old and source.origin is Origin.ASSUMED
    ]
    if old:
        said.append(f"assumptions over a year old: {', '.join(old)}")
    return said


def _beyond_hardware(results: Results, hardware: Hardware) -> list[str]:
    """What the sheet asks of a replica that no such hardware can do.

    One stream and the room for caches are looked at where the operator said how many requests a
    replica serves at once, or how long one takes.
    """
    case = results.sheet.case
    w, s, rps = case.inputs.workload, case.inputs.self_host, results.own.replica_rps
    given = w.input_tokens * s.tokenizer_ratio_in
    taken = w.output_tokens * s.tokenizer_ratio_out + s.reasoning_tokens_per_request
    stated = case.queue.slots > 1 or case.queue.service_s is not None
    each = case.queue.service_s or case.queue.slots / rps
    return warnings(
        hardware,
        input_tok_s=rps * given,
        output_tok_s=rps * taken,
        single_stream_tok_s=taken / each if stated else None,
        concurrency=int(case.queue.slots) if stated else None,
        tokens_per_sequence=given + taken,
    )
