"""The comparison: what the rig saves against the API for the same traffic."""

from console.core.whatif.api import api_bill
from console.core.whatif.inputs import Inputs
from console.core.whatif.rig import self_bill
from console.core.whatif.term import named


def monthly_saving(inputs: Inputs) -> float:
    """What the rig saves a month against the API; negative when it costs more.

    Raises ValueError when the rig's limit of replicas cannot carry the peak.
    """
    own = self_bill(inputs.workload, inputs.self_host)
    if not own.feasible:
        raise ValueError(
            f"max_replicas {inputs.self_host.max_replicas:g} cannot carry the peak: "
            f"it takes {own.replicas:g}"
        )
    return named(api_bill(inputs.workload, inputs.api).total_usd - own.total_usd, "saving_usd", "$")
