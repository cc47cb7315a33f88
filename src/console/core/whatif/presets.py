"""Starting points for a comparison, each input with the assumption it rests on and its range.

The preset `article` is `article.py`; it alone bypasses the model.
"""

from dataclasses import replace

from console.core.whatif.bases import Base
from console.core.whatif.built_in import (
    CARDS,
    HAIKU,
    RATIO_HIGH,
    RATIO_LOW,
    SONNET,
    card_sources,
    listed,
)
from console.core.whatif.case import Case
from console.core.whatif.inputs import Inputs, Ownership, SelfHost, Workload
from console.core.whatif.limits import Hardware
from console.core.whatif.origin import Source, assumed

RATIO = assumed(
    "25–60 % more tokens than o200k, derived from a vendor's “approximately 30 %” on top of an "
    "older public tokenizer",
    RATIO_LOW,
    RATIO_HIGH,
    as_of="2026-11",
)
TARIFF = assumed(
    "US residential average, EIA through aggregators; by state 12.35–46.62 ¢",
    0.1235,
    0.4662,
    as_of="2026-04",
)
OPS = assumed("a rule of thumb: 4 hours a month at $60; 0–12 h", 0.0, 12.0)
PEAK = assumed("a rule of thumb: the peak hour is three times the mean", 1.5, 6.0)
UNEQUAL = "the rig's model and the API's are not equal in quality; enter an escalation rate"

LLAMA_70B = 70.6e9
LLAMA_8B = 8.03e9
KV_70B, KV_8B = 327_680.0, 131_072.0
"""Bytes of cache for a token in 16 bits: layers × 8 heads × 128 × keys and values × 2."""
RTX_3090_PAIR = Hardware(
    name="two RTX 3090",
    peak_tflops=142,
    bandwidth_gb_s=1872,
    vram_gb=48,
    active_parameters=LLAMA_70B,
    weight_bytes=40e9,
    kv_bytes_per_token=KV_70B,
)
RTX_4090 = Hardware(
    name="an RTX 4090",
    peak_tflops=330,
    bandwidth_gb_s=1008,
    vram_gb=24,
    active_parameters=LLAMA_8B,
    weight_bytes=LLAMA_8B * 2,
    kv_bytes_per_token=KV_8B,
)
PRO_6000 = Hardware(
    name="an RTX PRO 6000",
    peak_tflops=2000,
    bandwidth_gb_s=1792,
    vram_gb=96,
    active_parameters=LLAMA_70B,
    weight_bytes=40e9,
    kv_bytes_per_token=KV_70B,
)
H100_PAIR = Hardware(
    name="two H100",
    peak_tflops=3958,
    bandwidth_gb_s=6700,
    vram_gb=160,
    active_parameters=LLAMA_70B,
    weight_bytes=LLAMA_70B,
    kv_bytes_per_token=KV_70B,
)

OPEN_70B = "groq/llama-3.3-70b-versatile"
OPEN_8B = "groq/llama-3.1-8b-instant"


def _preset(
    name: str,
    title: str,
    requests_per_day: float,
    model: str,
    versus: tuple[str, ...],
    own: SelfHost,
    capacity: Source,
    capital: Source,
    watts: Source,
    hardware: Hardware,
) -> Base:
    own = replace(own, ops_hours_fixed=4.0, ops_usd_per_hour=60.0)
    sources = {
        "workload.requests_per_day": assumed(
            "yours to replace", requests_per_day / 2, requests_per_day * 2
        ),
        "workload.input_tokens": assumed("the article's default"),
        "workload.output_tokens": assumed("the article's default"),
        "workload.peak_to_mean": PEAK,
        **card_sources(model, listed(model), RATIO),
        "self_host.replica_rps": capacity,
        "self_host.target_utilisation": assumed("a rule of thumb: headroom for queueing"),
        "self_host.ops_hours_fixed": OPS,
        "self_host.ops_usd_per_hour": assumed("a rule of thumb: 4 hours a month at $60"),
        "hybrid.share_self": assumed("yours to replace", 0.6, 0.9),
        "hybrid.escalation_rate": assumed("yours to replace, from your own evaluations", 0.0, 0.2),
    }
    if own.ownership is Ownership.OWNED:
        own = replace(
            own,
            residual_share=0.2,
            usd_per_kwh=0.188,
            gco2_per_kwh=369.0,
            embodied_kgco2_per_replica=273.0,
        )
        sources |= {
            "self_host.capex_per_replica": capital,
            "self_host.life_months": assumed("a rule of thumb: three years", 24.0, 48.0),
            "self_host.residual_share": assumed("a rule of thumb: a fifth of the price is left"),
            "self_host.usd_per_kwh": TARIFF,
            "self_host.idle_w": watts,
            "self_host.busy_w": watts,
            "self_host.gco2_per_kwh": assumed("the US grid, CodeCarbon 3.3.2", as_of="2023"),
            "self_host.embodied_kgco2_per_replica": assumed(
                "one GPU, EcoLogits 0.11", as_of="2026"
            ),
        }
    else:
        sources["self_host.rent_usd_per_replica_hour"] = capital
    if own.spare_replicas:
        sources["self_host.spare_replicas"] = assumed("one replica may fail unnoticed")
    workload = Workload(
        requests_per_day=requests_per_day, input_tokens=500, output_tokens=300, peak_to_mean=3.0
    )
    return Base(
        name=name,
        title=title,
        model=model,
        case=Case(inputs=Inputs(workload=workload, api=CARDS[model], self_host=own)),
        sources=sources,
        versus=versus,
        caveats=(UNEQUAL,),
        hardware=hardware,
    )


PRESETS: dict[str, Base] = {
    preset.name: preset
    for preset in (
        _preset(
            "article-corrected",
            "The article's 70B on two RTX 3090, with whole replicas, power and people",
            10_000,
            SONNET,
            (HAIKU, OPEN_70B),
            SelfHost(replica_rps=0.45, capex_per_replica=3000.0, idle_w=90.0, busy_w=760.0),
            assumed(
                "an estimate: no log of this rig was found; two RTX 4090 took 0.23, and a 32B "
                "model on this rig 0.26",
                0.2,
                0.6,
                as_of="2026",
                grade="C",
            ),
            assumed(
                "two used cards at $900 and a host",
                2100.0,
                4000.0,
                as_of="2026-09",
                grade="C",
            ),
            assumed("such a box at the wall, host included", as_of="2026", grade="C"),
            RTX_3090_PAIR,
        ),
        _preset(
            "homelab",
            "An 8B on one RTX 4090 at home",
            10_000,
            HAIKU,
            (SONNET, OPEN_8B),
            SelfHost(replica_rps=5.0, capex_per_replica=2800.0, idle_w=70.0, busy_w=480.0),
            assumed(
                "half of a load test of 9.7 requests a second, mushfiqrahman.dev",
                3.0,
                9.7,
                as_of="2026",
                grade="C",
            ),
            assumed("a used card at $1,500 and a host", 2300.0, 3700.0, as_of="2026-09", grade="C"),
            assumed("a card at work and its host, at the wall", as_of="2026", grade="C"),
            RTX_4090,
        ),
        _preset(
            "rented",
            "A 70B on two rented H100",
            50_000,
            SONNET,
            (HAIKU, OPEN_70B),
            SelfHost(ownership=Ownership.RENTED, replica_rps=9.0, rent_usd_per_replica_hour=5.38),
            assumed(
                "below a vendor's saturated tables of 70B in FP8",
                5.0,
                14.0,
                as_of="2026",
                grade="B",
            ),
            assumed("2 × $2.69 an hour", 4.8, 8.58, as_of="2026-11", grade="C"),
            assumed("in the rent"),
            H100_PAIR,
        ),
        _preset(
            "team",
            "A 70B in FP4 on one RTX PRO 6000, with a spare",
            30_000,
            SONNET,
            (HAIKU, OPEN_70B),
            SelfHost(
                replica_rps=3.0,
                capex_per_replica=10_500.0,
                idle_w=140.0,
                busy_w=750.0,
                spare_replicas=1,
            ),
            assumed(
                "below NVIDIA's saturated table of 70B in NVFP4", 1.3, 4.3, as_of="2026", grade="B"
            ),
            assumed("a card at $8,500 and a host", 9500.0, 13_000.0, as_of="2026-09", grade="C"),
            assumed("a card at work and its host, at the wall", as_of="2026", grade="C"),
            PRO_6000,
        ),
    )
}
