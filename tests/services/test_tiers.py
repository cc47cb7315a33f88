"""A tier's model or vendor changes while requests run."""

from dataclasses import replace

from console.core.settings import Settings
from console.core.tier import Tier
from console.services.tiers import Tiers
from tests.services.fakes import ScriptedModel


class Source(ScriptedModel):
    def __init__(self, settings):
        super().__init__(model=settings.model)
        self.is_closed = False

    async def aclose(self):
        self.is_closed = True


def opened():
    return Tiers(Settings(), lambda settings, tier: Source(settings))


async def test_a_source_that_was_replaced_is_closed_when_its_last_request_ends():
    tiers, heard = opened(), []
    tiers.subscribe(heard.append)
    before = tiers.source(Tier.LOCAL)
    async with tiers.use(before):
        tiers.switch(Tier.LOCAL, replace(tiers.settings(Tier.LOCAL), model="qwen3:8b"))
        async with tiers.use(tiers.source(Tier.LOCAL)):
            pass
        assert not before.is_closed
    assert before.is_closed and heard == [Tier.LOCAL]
    assert tiers.source(Tier.LOCAL).model == "qwen3:8b"


async def test_the_same_settings_change_nothing():
    tiers = opened()
    before = tiers.source(Tier.API)
    tiers.switch(Tier.API, Settings().api)
    assert tiers.source(Tier.API) is before


async def test_another_model_of_a_tier_has_a_source_of_its_own_that_goes_with_the_tier():
    tiers = opened()
    other = tiers.source(Tier.LOCAL, "qwen3:8b")
    assert other.model == "qwen3:8b" and other is tiers.source(Tier.LOCAL, "qwen3:8b")
    assert tiers.source(Tier.LOCAL, Settings().local.model) is tiers.source(Tier.LOCAL)
    tiers.switch(Tier.LOCAL, replace(Settings().local, base_url="http://127.0.0.1:1"))
    assert tiers.source(Tier.LOCAL, "qwen3:8b") is not other
    await tiers.aclose()
    assert other.is_closed
