"""A settings file that changes while the services run: prices and budgets follow at once."""

import os

from console.core.chat import Prompt, Turn
from console.core.tier import Tier
from console.sources.places import find_places
from console.sources.settings import load_settings
from console.wire.opening import open_console
from console.wire.world import World

PRICED = """
[tiers.api]
model = "house-model"
[[prices]]
provider = "*"
model = "house-*"
input = {price}
output = {price}
[budget]
day_usd = {price}
"""
PROMPT = Prompt(turns=(Turn("user", "hello " * 1000),))


async def test_prices_and_budgets_follow_the_file(own_home):
    places = find_places()

    def write(price):
        places.config.parent.mkdir(parents=True, exist_ok=True)
        places.config.write_text(PRICED.format(price=price))
        places.config.chmod(0o600)

    write(1)
    settings = load_settings(places.config, os.environ)
    world = World(settings=settings, places=places, environment={})
    async with open_console(world) as console:
        before = await console.estimator.estimate(PROMPT, Tier.API)
        [day] = [each for each in (await console.books.page(1)).limits if "day" in each.name]
        write(20)
        console.dispatcher.live()
        after = await console.estimator.estimate(PROMPT, Tier.API)
        [later] = [each for each in (await console.books.page(1)).limits if "day" in each.name]
    assert after.low_nano == 20 * before.low_nano > 0
    assert later.limit_nano == 20 * day.limit_nano
