"""Starting points for a comparison, each input with the assumption it rests on.

The preset `article` is `article.py`; it alone bypasses the model.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from console.core.whatif.card import Card, Rates
from console.core.whatif.inputs import Inputs, Ownership, SelfHost, Workload

_LIST = "price list genai-prices 0.2.3, 2026-11-09"
_TARIFF = "assumption: US residential average, April 2026 (12.35–46.62 ¢ by state)"
_RATIO = (
    "assumption: about 25–60 % more tokens than o200k, derived from a published “approximately”"
)
_OPS = "assumption: 4 hours a month at $60"
_PEAK = "assumption: the peak hour is three times the mean"

SONNET = Card(
    input=2.0,
    output=10.0,
    cache_read=0.10,
    cache_write=2.50,
    cache_write_1h=4.0,
    batch=Rates(input=1.0, output=5.0, cache_read=0.05, cache_write=1.25, cache_write_1h=2.0),
    tokenizer_ratio_in=1.36,
    tokenizer_ratio_out=1.36,
)
HAIKU = replace(
    SONNET,
    input=0.10,
    output=0.50,
    cache_read=0.01,
    cache_write=0.125,
    cache_write_1h=0.20,
    batch=Rates(input=0.05, output=0.25, cache_read=0.005, cache_write=0.0625, cache_write_1h=0.1),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """Inputs ready to compare, and where each one comes from, by input name.

    `api_model` is the API model the card is of; `caveats` are sentences to show beside results.
    """

    name: str
    title: str
    api_model: str
    inputs: Inputs
    sources: Mapping[str, str]
    caveats: tuple[str, ...] = field(default=())


_UNEQUAL = "the rig's model and the API's are not equal in quality; enter an escalation rate"
_ONE = "a single replica has no spare: while it is down, nothing is served locally"


def _preset(
    name: str,
    title: str,
    requests_per_day: float,
    api: tuple[str, Card],
    own: SelfHost,
    capacity: str,
    capital: str,
    *,
    caveats: tuple[str, ...],
) -> Preset:
    model, card = api
    own = replace(own, ops_hours_fixed=4.0, ops_usd_per_hour=60.0)
    sources = {
        "workload.requests_per_day": "assumption: yours to replace",
        "workload.input_tokens": "assumption: the article's default",
        "workload.output_tokens": "assumption: the article's default",
        "workload.peak_to_mean": _PEAK,
        **{
            f"api.{price}": f"{_LIST}: {model}"
            for price in ("input", "output", "cache_read", "cache_write", "cache_write_1h", "batch")
        },
        "api.tokenizer_ratio_in": _RATIO,
        "api.tokenizer_ratio_out": _RATIO,
        "self_host.replica_rps": capacity,
        "self_host.target_utilisation": "assumption: headroom for queueing",
        "self_host.ops_hours_fixed": _OPS,
        "self_host.ops_usd_per_hour": _OPS,
    }
    if own.ownership is Ownership.OWNED:
        own = replace(own, residual_share=0.2, usd_per_kwh=0.188)
        sources |= {
            "self_host.capex_per_replica": capital,
            "self_host.life_months": "assumption: three years",
            "self_host.residual_share": "assumption: a fifth of the price is left",
            "self_host.usd_per_kwh": _TARIFF,
            "self_host.idle_w": "assumption: at the wall, host included",
            "self_host.busy_w": "assumption: at the wall, host included",
        }
    else:
        sources["self_host.rent_usd_per_replica_hour"] = capital
    if own.spare_replicas:
        sources["self_host.spare_replicas"] = "assumption: one replica may fail unnoticed"
    return Preset(
        name=name,
        title=title,
        api_model=model,
        inputs=Inputs(
            workload=Workload(
                requests_per_day=requests_per_day,
                input_tokens=500,
                output_tokens=300,
                peak_to_mean=3.0,
            ),
            api=card,
            self_host=own,
        ),
        sources=sources,
        caveats=(_UNEQUAL, *caveats),
    )


PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        _preset(
            "article-corrected",
            "The article's 70B on two RTX 3090, with whole replicas, power and people",
            10_000,
            ("claude-sonnet-5-5", SONNET),
            SelfHost(replica_rps=0.45, capex_per_replica=3000.0, idle_w=90.0, busy_w=760.0),
            "estimate: no raw benchmark found for this rig",
            "assumption: two used cards at $900 and a host, 2026 posts",
            caveats=(_ONE, "the article's 2 requests a second need 159 % of these cards' peak"),
        ),
        _preset(
            "homelab",
            "An 8B on one RTX 4090 at home",
            10_000,
            ("claude-haiku-5-5", HAIKU),
            SelfHost(replica_rps=5.0, capex_per_replica=2800.0, idle_w=70.0, busy_w=480.0),
            "assumption: half of a published load test of 9.7 requests a second",
            "assumption: a used card at $1,500 and a host, 2026 posts",
            caveats=(_ONE,),
        ),
        _preset(
            "rented",
            "A 70B on two rented H100",
            50_000,
            ("claude-sonnet-5-5", SONNET),
            SelfHost(ownership=Ownership.RENTED, replica_rps=9.0, rent_usd_per_replica_hour=5.38),
            "assumption: below the vendor's saturated tables",
            "assumption: 2 × $2.69 an hour, September to November 2026",
            caveats=(_ONE,),
        ),
        _preset(
            "team",
            "A 70B in FP4 on one RTX PRO 6000, with a spare",
            30_000,
            ("claude-sonnet-5-5", SONNET),
            SelfHost(
                replica_rps=3.0,
                capex_per_replica=10_500.0,
                idle_w=140.0,
                busy_w=750.0,
                spare_replicas=1,
            ),
            "assumption: below the vendor's saturated table",
            "assumption: a card at $8,500 and a host, 2026 posts",
            caveats=(),
        ),
    )
}
