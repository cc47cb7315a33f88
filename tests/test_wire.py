"""What the composition root joins that no part does alone."""

from console.core.routing.request import Request
from console.sources.places import find_places
from console.sources.settings import load_settings
from console.wire.opening import open_console
from console.wire.world import World


async def test_budgets_follow_the_settings_file(own_home):
    places = find_places()
    places.config.parent.mkdir(parents=True, exist_ok=True)
    places.config.write_text("[budget]\nmonth_usd = 100\n")
    world = World(settings=load_settings(places.config, {}), places=places, environment={})
    async with open_console(world) as console:
        before = (await console.books.page(1)).limits
        places.config.write_text("[budget]\nmonth_usd = 7\n")
        console.dispatcher.decide(Request(task="hello"))
        after = (await console.books.page(1)).limits
    found = [limit.limit_nano / 1e9 for limits in (before, after) for limit in limits]
    assert 100 in found and 7 in found and found.count(100) == 1


async def test_policy_score_opens_its_scales_when_it_first_decides(own_home):
    places = find_places()
    settings = load_settings(places.config, {"LLMCONSOLE_ROUTER_POLICY": "score"})
    world = World(settings=settings, places=places, environment={})
    async with open_console(world) as console:
        decision = console.dispatcher.decide(Request(task="hello"))
    assert decision.reason.startswith("score")
