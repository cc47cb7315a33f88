"""What is known of a tier, and what a failed request does not say of it."""

from console.core.chat import Probe
from console.core.tier import Tier
from console.services.health import Health
from console.services.tiers import Tiers
from tests.services.fakes import ScriptedModel

MISSING = "The server does not have this model."


class Probed(ScriptedModel):
    def __init__(self, probe):
        super().__init__()
        self.answer = probe

    async def probe(self):
        return self.answer


def health(probe):
    return Health(Tiers.of({Tier.LOCAL: Probed(probe), Tier.API: ScriptedModel()}), None)


async def test_a_model_that_is_not_listed_is_missing():
    watched = health(Probe(ok=False, models=("other",), trouble=MISSING))
    watched._saw(Tier.LOCAL, await watched.probe(Tier.LOCAL))
    assert watched.footing(Tier.LOCAL).missing == MISSING
    watched.met(Tier.LOCAL, None)
    assert watched.footing(Tier.LOCAL).missing is None, "it has just answered"


async def test_one_failed_request_does_not_make_a_model_missing():
    watched = health(Probe(ok=True, models=("llama3.1:8b",)))
    watched._saw(Tier.LOCAL, await watched.probe(Tier.LOCAL))
    watched.met(Tier.LOCAL, "It answered, but not as Ollama does.")
    assert watched.standings[Tier.LOCAL].ok is False
    assert watched.footing(Tier.LOCAL).missing is None
