"""The rig's capacity in whole replicas, and its monthly bill.

Every line is fixed + replicas × per replica + attempts × per attempt; the break-even uses the same
three parts. Dollars are per month unless the name says otherwise.
"""

from typing import NamedTuple

from console.core.whatif.inputs import Amortisation, EnergyModel, Ownership, SelfHost, Workload
from console.core.whatif.term import largest, named, power, rounded_up


class Capacity(NamedTuple):
    """How many replicas the peak hour needs; infeasible when that is more than the limit."""

    seconds_per_attempt: float
    replica_rps: float
    peak_rps: float
    replicas: float
    feasible: bool
    requests_per_day_per_replica: float


def capacity(w: Workload, s: SelfHost) -> Capacity:
    """Replicas for the peak hour at the target utilisation, never fewer than the minimum."""
    seconds = named(seconds_per_attempt(w, s), "GPU seconds per attempt", "s")
    hours = s.hours_on_per_day
    peak = w.requests_per_day * (1 + w.retry_rate) * w.peak_to_mean / (3600 * hours)
    peak = named(peak, "peak requests per second", "req/s")
    needed = rounded_up(peak * seconds / s.target_utilisation)
    replicas = named(largest(s.min_replicas, needed) + s.spare_replicas, "replicas")
    per_replica = 3600 * hours * s.target_utilisation
    per_replica = per_replica / ((1 + w.retry_rate) * w.peak_to_mean * seconds)
    return Capacity(
        seconds_per_attempt=seconds,
        replica_rps=1 / seconds,
        peak_rps=peak,
        replicas=replicas,
        feasible=s.max_replicas is None or replicas <= s.max_replicas,
        requests_per_day_per_replica=named(per_replica, "requests a day per replica"),
    )


def seconds_per_attempt(w: Workload, s: SelfHost) -> float:
    """Replica-seconds of one attempt: prefill and decode share the GPU.

    Raises ValueError when the attempt takes no time, as one without tokens would.
    """
    if s.replica_rps is not None:
        return 1 / s.replica_rps
    assert s.prefill_tok_s is not None and s.decode_tok_s is not None
    tokens_in, tokens_out = _own_tokens(w, s)
    seconds = tokens_in * (1 - s.prefix_cache_hit) / s.prefill_tok_s + tokens_out / s.decode_tok_s
    if seconds <= 0:
        raise ValueError("input_tokens and output_tokens are both 0: there is nothing to serve")
    return seconds


def _own_tokens(w: Workload, s: SelfHost) -> tuple[float, float]:
    return (
        w.input_tokens * s.tokenizer_ratio_in,
        w.output_tokens * s.tokenizer_ratio_out + s.reasoning_tokens_per_request,
    )


class Part(NamedTuple):
    """One line of the rig's bill in its three parts; capital and ops have no part per attempt."""

    fixed: float = 0.0
    per_replica: float = 0.0
    per_attempt: float = 0.0

    def at(self, replicas: float, attempts: float) -> float:
        """The line for so many replicas and attempts."""
        return self.fixed + replicas * self.per_replica + attempts * self.per_attempt


_NOTHING = Part()


class Rig(NamedTuple):
    """The rig's monthly lines by what they grow with; energy also in kWh."""

    capital: Part
    rent: Part
    setup: Part
    energy_kwh: Part
    energy: Part
    ops: Part
    facility: Part
    maintenance: Part

    @property
    def lines(self) -> tuple[Part, ...]:
        """The lines that are dollars, in the order of the bill."""
        return (
            self.capital,
            self.rent,
            self.setup,
            self.energy,
            self.ops,
            self.facility,
            self.maintenance,
        )


def rig(w: Workload, s: SelfHost, seconds: float) -> Rig:
    """The rig's lines for attempts of `seconds` replica-seconds each."""
    owned = s.ownership is Ownership.OWNED
    kwh = _energy(w, s, seconds) if owned else _NOTHING
    hours = s.hours_on_per_day * w.days_per_month
    capital = rate = _NOTHING
    if owned:
        share = named(capital_share(s), "capital share a month")
        capital = Part(fixed=s.capex_fixed * share, per_replica=s.capex_per_replica * share)
        year = s.maintenance_share_per_year
        rate = Part(fixed=year * s.capex_fixed / 12, per_replica=year * s.capex_per_replica / 12)
    return Rig(
        capital=capital,
        rent=_NOTHING if owned else Part(per_replica=hours * s.rent_usd_per_replica_hour),
        setup=Part(fixed=s.setup_usd / s.setup_months),
        energy_kwh=kwh,
        energy=Part(
            per_replica=kwh.per_replica * s.usd_per_kwh,
            per_attempt=kwh.per_attempt * s.usd_per_kwh,
        ),
        ops=Part(
            fixed=s.ops_hours_fixed * s.ops_usd_per_hour,
            per_replica=s.ops_hours_per_replica * s.ops_usd_per_hour,
        ),
        facility=Part(fixed=s.facility_usd_fixed, per_replica=s.facility_usd_per_replica),
        maintenance=rate,
    )


def _energy(w: Workload, s: SelfHost, seconds: float) -> Part:
    on = s.hours_on_per_day * w.days_per_month
    off = (24 - s.hours_on_per_day) * w.days_per_month
    standing = s.pue * (on * s.idle_w + off * s.off_w) / 1000
    return Part(
        per_replica=named(standing, "kWh a month per replica, idle", "kWh"),
        per_attempt=kwh_per_attempt(w, s, seconds),
    )


def kwh_per_attempt(w: Workload, s: SelfHost, seconds: float) -> float:
    """What an attempt of `seconds` replica-seconds takes at the wall beyond an idle replica."""
    if s.energy_model is EnergyModel.POWER_CURVE:
        work = s.pue * (s.busy_w - s.idle_w) * seconds / 3.6e6
    else:
        tokens_in, tokens_out = _own_tokens(w, s)
        joules = tokens_in * s.joules_per_input_token + tokens_out * s.joules_per_output_token
        work = s.pue * joules / 3.6e6
    return named(work, "kWh per attempt, above idle", "kWh")


def capital_share(s: SelfHost) -> float:
    """The part of the capital that one month costs, straight line or with opportunity cost."""
    if s.amortisation is Amortisation.CRF and s.discount_rate_annual > 0:
        i = monthly_rate(s.discount_rate_annual)
        shrunk = power(1 + i, -s.life_months)
        return (1 - s.residual_share * shrunk) * i / (1 - shrunk)
    return (1 - s.residual_share) / s.life_months


def monthly_rate(annual: float) -> float:
    """The monthly rate that compounds to this annual one."""
    return power(1 + annual, 1 / 12) - 1


class SelfBill(NamedTuple):
    """A month of the rig, line by line.

    `running_usd` leaves out what is already paid for: capital and set-up. When `feasible` is
    False, the figures are those of the replicas it would take.
    """

    feasible: bool
    replica_rps: float
    peak_rps: float
    replicas: float
    utilisation: float
    busy_replica_hours: float
    energy_kwh: float
    capital_usd: float
    rent_usd: float
    setup_usd: float
    energy_usd: float
    ops_usd: float
    facility_usd: float
    maintenance_usd: float
    total_usd: float
    running_usd: float
    usd_per_request: float
    kgco2: float


def self_bill(w: Workload, s: SelfHost) -> SelfBill:
    """The month's bill of the workload on the rig, with as many replicas as its peak needs."""
    return bill_for(w, s, capacity(w, s))


def bill_for(w: Workload, s: SelfHost, size: Capacity) -> SelfBill:
    """The month's bill on a rig of the given size."""
    requests = named(w.requests_per_day * w.days_per_month, "requests a month")
    attempts = named(requests * (1 + w.retry_rate), "billed attempts a month")
    n = size.replicas
    busy = named(attempts * size.seconds_per_attempt / 3600, "busy replica-hours", "h")
    parts = rig(w, s, size.seconds_per_attempt)
    capital = named(parts.capital.at(n, attempts), "capital_usd", "$")
    rent = named(parts.rent.at(n, attempts), "rent_usd", "$")
    setup = named(parts.setup.at(n, attempts), "setup_usd", "$")
    kwh = named(parts.energy_kwh.at(n, attempts), "energy_kwh", "kWh")
    energy = named(kwh * s.usd_per_kwh, "energy_usd", "$")
    ops = named(parts.ops.at(n, attempts), "ops_usd", "$")
    facility = named(parts.facility.at(n, attempts), "facility_usd", "$")
    maintenance = named(parts.maintenance.at(n, attempts), "maintenance_usd", "$")
    running = rent + energy + ops + facility + maintenance
    total = named(capital + rent + setup + energy + ops + facility + maintenance, "total_usd", "$")
    hours = n * s.hours_on_per_day * w.days_per_month
    embodied = n * s.embodied_kgco2_per_replica / s.life_months
    return SelfBill(
        feasible=size.feasible,
        replica_rps=size.replica_rps,
        peak_rps=size.peak_rps,
        replicas=n,
        utilisation=busy / hours if hours else 0.0,
        busy_replica_hours=busy,
        energy_kwh=kwh,
        capital_usd=capital,
        rent_usd=rent,
        setup_usd=setup,
        energy_usd=energy,
        ops_usd=ops,
        facility_usd=facility,
        maintenance_usd=maintenance,
        total_usd=total,
        running_usd=named(running, "running_usd", "$"),
        usd_per_request=total / requests if requests else 0.0,
        kgco2=named(kwh * s.gco2_per_kwh / 1000 + embodied, "kgco2", "kg"),
    )
