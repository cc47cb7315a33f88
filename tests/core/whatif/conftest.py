import pytest

from console.core.whatif.card import Card, Rates
from console.core.whatif.inputs import Inputs, SelfHost, Workload


@pytest.fixture
def inputs():
    return Inputs(
        workload=Workload(
            requests_per_day=10_000, input_tokens=500, output_tokens=300, peak_to_mean=2
        ),
        api=Card(input=2, output=10, cache_read=0.1, batch=Rates(input=1, output=5)),
        self_host=SelfHost(
            replica_rps=5,
            capex_per_replica=3200,
            idle_w=70,
            busy_w=480,
            usd_per_kwh=0.188,
            ops_hours_fixed=2,
            ops_usd_per_hour=60,
        ),
    )
