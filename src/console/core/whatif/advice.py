"""What is to be said beside the figures: impossible inputs, risks, prices, differences."""

from datetime import date

from console.core.whatif.alternatives import Results
from console.core.whatif.case import View
from console.core.whatif.curve import Side
from console.core.whatif.limits import Hardware, warnings
from console.core.whatif.origin import Origin
from console.core.whatif.presets import BUILT_IN_DATE

STALE_DAYS = 60
"""Days after which a price that is kept here is called out of date."""


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
    source = sheet.source("api.input")
    if source.origin is Origin.LISTED and source.text.startswith("built in"):
        age = (date.fromisoformat(today) - date.fromisoformat(BUILT_IN_DATE)).days
        if age > STALE_DAYS:
            said.append(f"the price of {sheet.offer.key} is {age} days old: out of date")
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
    first = results.duels[0]
    regions = first.breakeven.regions
    if regions and regions[0].cheaper is Side.SELF and results.low > regions[0].start:
        said.append(f"below {first.name}'s commitment the rig is cheaper at the lowest volumes")
    return list(dict.fromkeys(said))


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
