"""Runs a golden case of any kind through the engine."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

from console.core.whatif import article
from console.core.whatif.api import api_bill
from console.core.whatif.breakeven import breakeven
from console.core.whatif.card import Card
from console.core.whatif.distribution import Lognormal, Triangular, Uniform
from console.core.whatif.hybrid import hybrid_bill, spill, split
from console.core.whatif.inputs import Inputs, SelfHost, Workload
from console.core.whatif.investment import Outlook, investment
from console.core.whatif.limits import erlang_servers
from console.core.whatif.montecarlo import monte_carlo
from console.core.whatif.policy import Row, policy_from_mapping
from console.core.whatif.replay import replay
from console.core.whatif.rig import self_bill
from console.core.whatif.sensitivity import tornado

Case = Mapping[str, Any]
GROUPS = {"w": "workload", "card": "api", "self": "self_host", "s": "self_host"}
DISTRIBUTIONS = {"uniform": Uniform, "triangular": Triangular, "lognormal": Lognormal}


def run_case(kind: str, inputs: Case) -> dict[str, Any]:
    """The figures of one case under the keys of its `expected`; an impossible case says why."""
    if kind not in KINDS:
        return {"error": f"{kind} is no kind of case; there are {', '.join(KINDS)}"}
    try:
        return plain(KINDS[kind](inputs))
    except ValueError as error:
        return {"error": str(error)}
    except KeyError as error:
        return {"error": f"{error.args[0]} is missing or unknown"}
    except (TypeError, AttributeError, ArithmeticError) as error:
        # A text for a number, a list for a table: whatever the case holds, it is not possible.
        return {"error": f"the case is malformed: {error}"}


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float) and type(value) is not float:
        return float(value)
    return value


def all_inputs(case: Case) -> Inputs:
    return Inputs(
        workload=Workload.from_mapping(case["w"]),
        api=Card.from_mapping(case["card"]),
        self_host=own_rig(case["s"]),
    )


def own_rig(values: Case) -> SelfHost:
    """The rig of a case; whatever its facility keys end in, they are per replica or fixed."""
    known = {}
    for name, value in values.items():
        if name.startswith("facility_usd"):
            name = f"facility_usd_{'per_replica' if 'replica' in name else 'fixed'}"
        known[name] = value
    return SelfHost.from_mapping(known)


def long_names(values: Case) -> dict[str, Any]:
    named = {}
    for name, value in values.items():
        group, _, field = name.partition(".")
        named[f"{GROUPS.get(group, group)}.{field}"] = value
    return named


def article_workload(case: Case, requests: float) -> article.Workload:
    return article.Workload(
        requests,
        case.get("avg_input_tokens", 500),
        case.get("avg_output_tokens", 300),
        case.get("avg_inference_seconds", 3.0),
    )


def article_own(case: Case) -> article.SelfHosted:
    return article.SelfHosted(
        "self-hosted", case["gpu_hourly_cost"], case["throughput_rps"], case["setup_cost"]
    )


def article_paid(case: Case) -> article.ApiOption:
    return article.ApiOption("api", case["input_cost_per_1m"], case["output_cost_per_1m"])


def run_article_api(case: Case) -> dict[str, Any]:
    bill = article.monthly_usd(article_paid(case), article_workload(case, case["daily_requests"]))
    return {
        "monthly_requests": bill.requests,
        "input_cost": bill.line("input"),
        "output_cost": bill.line("output"),
        "total_monthly": bill.total_usd,
    }


def run_article_self(case: Case) -> dict[str, Any]:
    bill = article.monthly_usd(article_own(case), article_workload(case, case["daily_requests"]))
    return {
        "monthly_requests": bill.requests,
        "gpu_hours": bill.gpu_hours,
        "compute_cost": bill.line("compute"),
        "amortized_setup": bill.line("set-up"),
        "total_monthly": bill.total_usd,
    }


def run_article_print(case: Case) -> dict[str, Any]:
    return {"lines": article.printed_lines(case["daily_requests"])}


def run_article_breakeven(case: Case) -> dict[str, Any]:
    found = article.crossovers(article_paid(case), article_own(case), article_workload(case, 1))
    return {"requests_per_day": found[0].requests_per_day if found else None}


def run_api_cost(case: Case) -> dict[str, Any]:
    return api_bill(Workload.from_mapping(case["w"]), Card.from_mapping(case["card"]))._asdict()


def run_selfhost_cost(case: Case) -> dict[str, Any]:
    bill = self_bill(Workload.from_mapping(case["w"]), own_rig(case["s"]))
    figures = bill._asdict()
    if not bill.feasible:
        for name in figures:
            if name.endswith("_usd") or name in ("usd_per_request", "kgco2", "energy_kwh"):
                figures[name] = None
        figures["error"] = f"the peak takes {bill.replicas:g} replicas, more than there may be"
    return figures


def run_erlang(case: Case) -> dict[str, Any]:
    return {"servers": erlang_servers(**case)}


def run_breakeven(case: Case) -> dict[str, Any]:
    found = breakeven(all_inputs(case), case["q_max"], limit=1_000_000)
    return {
        "api_usd_per_unit_volume": found.lines.api_slope,
        "self_base_usd": found.lines.base,
        "self_step_usd": found.lines.step,
        "self_marginal_usd_per_unit_volume": found.lines.marginal,
        "requests_per_day_per_replica": found.lines.requests_per_replica,
        "crossovers": [crossover._asdict() for crossover in found.crossovers],
        "regions": [
            {"from": region.start, "to": region.end, "cheaper": region.cheaper}
            for region in found.regions
        ],
        "self_wins_at_scale": found.self_wins_at_scale,
        "first_crossover": found.first.requests_per_day if found.first else None,
    }


def run_hybrid(case: Case) -> dict[str, Any]:
    w = Workload.from_mapping(case["w"])
    parts = split(
        w.requests_per_day,
        case["share_self"],
        replace(w, **case.get("routine", {})),
        replace(w, **case.get("complex", {})),
        case.get("escalation_rate", 0.0),
    )
    bill = hybrid_bill(parts, Card.from_mapping(case["card"]), own_rig(case["s"]))
    return {**bill._asdict(), "replicas": bill.own.replicas}


def run_npv(case: Case) -> dict[str, Any]:
    outlook = {name: case[name] for name in Outlook.__dataclass_fields__ if name in case}
    return investment(all_inputs(case), Outlook(**outlook))._asdict()


def run_tornado(case: Case) -> dict[str, Any]:
    ranges = long_names(case["ranges"])
    given = {long: short for short, long in zip(case["ranges"], ranges, strict=True)}
    found = tornado(all_inputs(case), ranges)
    if found.impossible:
        raise ValueError(found.impossible[0])
    bars = [{**asdict(bar), "input": given[bar.input]} for bar in found.bars]
    return {"base_saving_usd": found.base_saving_usd, "bars": bars}


def run_monte_carlo(case: Case) -> dict[str, Any]:
    distributions = {}
    for name, given in long_names(case["dists"]).items():
        bounds = {key: value for key, value in given.items() if key != "kind"}
        distributions[name] = DISTRIBUTIONS[given["kind"]](**bounds)
    found = monte_carlo(all_inputs(case), distributions, n=case["n"], seed=int(case["seed"]))
    return {**asdict(found), **found.saving._asdict()}


def run_spill(case: Case) -> dict[str, Any]:
    w = Workload.from_mapping(case["w"])
    return spill(w, case["hourly_weights"], case["capacity_rps"])._asdict()


def run_replay(case: Case) -> dict[str, Any]:
    rows = [Row.from_mapping(row_names(row)) for row in case["rows"]]
    values, window = dict(case["policy"]), {}
    for place in ("t0", "t1"):
        stated = case.get(place, values.pop(place, None))
        window[place] = None if stated is None else moment(stated)
    policy = policy_from_mapping({**values, **fixed_costs(values)})
    return asdict(replay(rows, policy, since_ms=window["t0"], until_ms=window["t1"]))


def row_names(row: Case) -> dict[str, Any]:
    """A row whose time is `ts`, in milliseconds or as an ISO date with a time."""
    rest = dict(row)
    if "ts" in rest:
        rest["started_ms"] = moment(rest.pop("ts"))
    return rest


def moment(value: Any) -> int:
    if not isinstance(value, str):
        return int(value)
    at = datetime.fromisoformat(value)
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)


def fixed_costs(policy: Case) -> dict[str, Any]:
    """Targets and allocation of a policy whose rigs say for themselves whether all of them counts.

    A rig of marginal cost among others is one without fixed cost.
    """
    targets, stated = {}, [policy.get("allocation", "marginal")]
    for name, target in policy.get("targets", {}).items():
        rest = dict(target)
        own = rest.pop("allocation", None)
        if own not in (None, "full", "marginal"):
            raise ValueError(f"allocation of target {name} must be marginal or full, not {own}")
        if own == "marginal":
            rest.pop("fixed_usd_per_month", None)
        stated += [own] if own else []
        targets[name] = rest
    return {"targets": targets, "allocation": "full" if "full" in stated else stated[0]}


KINDS: dict[str, Callable[[Case], dict[str, Any]]] = {
    "article_api": run_article_api,
    "article_self": run_article_self,
    "article_print": run_article_print,
    "article_breakeven": run_article_breakeven,
    "api_cost": run_api_cost,
    "selfhost_cost": run_selfhost_cost,
    "erlang_servers": run_erlang,
    "breakeven": run_breakeven,
    "hybrid": run_hybrid,
    "npv": run_npv,
    "tornado": run_tornado,
    "monte_carlo": run_monte_carlo,
    "spill": run_spill,
    "replay": run_replay,
}
