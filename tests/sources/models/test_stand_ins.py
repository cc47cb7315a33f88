"""The demo's stand-ins, heard through the sources that the console uses."""

from console.core.tier import Tier
from console.core.usage import normalise
from console.sources.demo.servers import open_stand_ins
from console.sources.models import model_source
from tests.sources.models.replies import collect


async def test_both_tiers_of_the_demo():
    with open_stand_ins(0, local_tokens_per_s=2_000, api_tokens_per_s=2_000) as servers:
        settings = servers.settings()
        for tier, chosen in ((Tier.LOCAL, settings.local), (Tier.API, settings.api)):
            source = model_source(chosen, servers.environment, tier)
            probe = await source.probe()
            reply = await collect(source)
            await source.aclose()
            assert (probe.ok, probe.trouble) == (True, None)
            assert reply.text and reply.final and reply.model == chosen.model
            usage = normalise(source.shape, reply.usage)
            assert usage.prompt and usage.output
            assert (reply.digest is not None) is (tier is Tier.LOCAL)
