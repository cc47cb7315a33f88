"""What a request will take: tokens by a rule, dollars from the list, both ends of the range."""

import asyncio

from console.core.chat import Image, Prompt, Turn
from console.core.settings import Settings, TierSettings
from console.core.tier import Tier
from console.core.usage import WireShape
from console.services.estimate import Estimator, prompt_tokens
from console.services.tiers import Tiers
from tests.services.fakes import SONNET, Clock, ListedPrices, ScriptedModel

PROMPT = Prompt(turns=(Turn("user", "x" * 4_000),), system="y" * 399)


def estimator(settings=None, prices=None):
    models = {
        Tier.LOCAL: ScriptedModel(),
        Tier.API: ScriptedModel((), "anthropic", "claude-sonnet-5-5", WireShape.ANTHROPIC),
    }
    return Estimator(Tiers.of(models, settings), prices or ListedPrices(), Clock())


async def test_the_api_costs_between_its_input_alone_and_the_longest_reply():
    told = await estimator().estimate(PROMPT, Tier.API)
    assert (told.prompt_tokens, told.most_tokens) == (1_100, 1_024)
    rate_in, rate_out = float(SONNET.input), float(SONNET.output)
    assert told.low_nano == round(1_100 * rate_in * 1_000)
    assert told.high_nano == round((1_100 * rate_in + 1_024 * rate_out) * 1_000)


async def test_a_local_reply_has_no_price_and_an_unknown_model_none_that_is_known():
    local = await estimator().estimate(PROMPT, Tier.LOCAL)
    assert (local.low_nano, local.high_nano, local.prompt_tokens) == (None, None, 1_100)

    class NoPrices:
        def card(self, provider, model, at_ms):
            return None

    assert (await estimator(prices=NoPrices()).estimate(PROMPT, Tier.API)).high_nano is None


async def test_without_a_longest_reply_the_range_has_no_upper_end():
    api = TierSettings(kind="openai", base_url="http://127.0.0.1:1", model="claude-sonnet-5-5")
    told = await estimator(Settings(api=api)).estimate(PROMPT, Tier.API)
    assert told.low_nano is not None and told.high_nano is told.most_tokens is None


async def test_looking_never_waits_and_says_when_a_price_has_come():
    learned = asyncio.Event()
    prices = estimator()
    assert prices.look(PROMPT, Tier.API, None, learned.set).low_nano is None
    await learned.wait()
    assert prices.look(PROMPT, Tier.API, None, learned.set).low_nano is not None


async def test_a_prompt_longer_than_the_window_is_seen():
    local = TierSettings(kind="ollama", base_url="http://127.0.0.1:1", model="m", num_ctx=1_099)
    assert (await estimator(Settings(local=local)).estimate(PROMPT, Tier.LOCAL)).overflows


def test_an_image_counts_by_its_size():
    png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (750).to_bytes(4) + (100).to_bytes(4)
    turn = Turn("user", "look", (Image("p", "image/png", png),))
    assert prompt_tokens(Prompt(turns=(turn,))) == 1 + 100


async def test_a_set_costs_what_its_prompts_do_and_no_more_than_the_longest_replies():
    prompts = [PROMPT, Prompt(turns=(Turn("user", "x" * 400),))]
    prices = estimator()
    told = await prices.of_set(prompts, 300)
    each = [await prices.estimate(prompt, Tier.API) for prompt in prompts]
    assert (told.prompts, told.prompt_tokens, told.output_tokens) == (2, 1_200, 300)
    assert told.most_nano == sum(one.high_nano for one in each)
    reply = round(300 * float(SONNET.output) * 1_000)
    assert told.expected_nano == sum(one.low_nano + reply for one in each)
    assert (await prices.of_set(prompts, 5_000)).expected_nano == told.most_nano


async def test_a_set_whose_longest_reply_the_server_decides_has_no_upper_end():
    api = TierSettings(kind="openai", base_url="http://127.0.0.1:1", model="claude-sonnet-5-5")
    told = await estimator(Settings(api=api)).of_set([PROMPT], 5_000)
    assert told.output_tokens == 5_000 and told.expected_nano and told.most_nano is None
