"""What a request will take, before it is sent."""

import asyncio
from collections.abc import Callable, Sequence
from typing import NamedTuple

from console.core.chat import Prompt
from console.core.picture import tokens as image_tokens
from console.core.pricing import PriceCard, charged
from console.core.routing.capability import CHARS_PER_TOKEN
from console.core.tier import Tier
from console.core.usage import Usage
from console.services.ports import Clock, PriceList
from console.services.tiers import Tiers

MOST_REPLY_TOKENS = 1_024
"""The longest reply that the Messages API is asked for where the settings say nothing."""

TYPICAL_REPLY_TOKENS = 300
"""A reply whose length nobody knows yet: the founding article's figure."""


class Estimate(NamedTuple):
    """Tokens that go in, tokens that may come out, and what the API will charge for both.

    `low_nano` is the input alone, `high_nano` with the longest reply; None is unknown, also while
    the price list is read. A local reply has no price. `window` is the context that was set for
    the tier, None where the server decides.
    """

    tier: Tier
    model: str
    prompt_tokens: int
    most_tokens: int | None
    low_nano: int | None = None
    high_nano: int | None = None
    window: int | None = None

    @property
    def overflows(self) -> bool:
        """Whether the prompt is longer than the window that was set."""
        return self.window is not None and self.prompt_tokens > self.window


class SetEstimate(NamedTuple):
    """What the API will charge for a set of prompts, in nano-dollars; None is unknown.

    `expected_nano` takes `output_tokens` a reply, `most_nano` the longest that is allowed.
    """

    prompts: int
    prompt_tokens: int
    output_tokens: int
    expected_nano: int | None
    most_nano: int | None


class Estimator:
    """Counts and prices requests; prices are learned in a thread at first need."""

    def __init__(self, tiers: Tiers, prices: PriceList, clock: Clock) -> None:
        self._tiers = tiers
        self._prices = prices
        self._clock = clock
        self._cards: dict[tuple[str, str], PriceCard | None] = {}
        self._learning: dict[tuple[str, str], asyncio.Future[None]] = {}

    def look(
        self, prompt: Prompt, tier: Tier, model: str | None, learned: Callable[[], None]
    ) -> Estimate:
        """An estimate with what is known now; `learned` is called when a price has come."""
        source = self._tiers.source(tier, model)
        key = (source.provider, source.model)
        if tier is Tier.API and key not in self._cards and key not in self._learning:
            self._learning[key] = asyncio.ensure_future(self._learn(key, learned))
        return self._estimate(prompt, tier, model)

    async def estimate(self, prompt: Prompt, tier: Tier, model: str | None = None) -> Estimate:
        """An estimate for which the price list has been asked."""
        source = self._tiers.source(tier, model)
        if tier is Tier.API:
            await self._learn((source.provider, source.model), lambda: None)
        return self._estimate(prompt, tier, model)

    def forget(self) -> None:
        """Ask for prices anew: they have changed."""
        self._cards.clear()
        self._learning.clear()

    async def of_set(self, prompts: Sequence[Prompt], output_tokens: int) -> SetEstimate:
        """What the API will charge for prompts whose replies have about so many tokens each."""
        source, most = self._tiers.source(Tier.API), self._most_tokens(Tier.API)
        key = (source.provider, source.model)
        await self._learn(key, lambda: None)
        card, given = self._cards[key], [prompt_tokens(prompt) for prompt in prompts]
        output_tokens = output_tokens if most is None else min(output_tokens, most)

        def dollars(output: int | None) -> int | None:
            if card is None or output is None:
                return None
            charges = [charged(Usage(uncached=tokens, output=output), card)[0] for tokens in given]
            return None if None in charges else sum(filter(None, charges))

        return SetEstimate(
            prompts=len(prompts),
            prompt_tokens=sum(given),
            output_tokens=output_tokens,
            expected_nano=dollars(output_tokens),
            most_nano=dollars(most),
        )

    def _most_tokens(self, tier: Tier) -> int | None:
        """The longest reply of a tier; None where the server decides."""
        settings = self._tiers.settings(tier)
        if settings.max_tokens is None and settings.kind == "anthropic":
            return MOST_REPLY_TOKENS
        return settings.max_tokens

    def _estimate(self, prompt: Prompt, tier: Tier, model: str | None) -> Estimate:
        source, settings = self._tiers.source(tier, model), self._tiers.settings(tier)
        given, most = prompt_tokens(prompt), self._most_tokens(tier)
        card = self._cards.get((source.provider, source.model)) if tier is Tier.API else None
        low = high = None
        if card is not None:
            low, _ = charged(Usage(uncached=given, output=0), card)
            if most is not None:
                high, _ = charged(Usage(uncached=given, output=most), card)
        return Estimate(
            tier=tier,
            model=source.model,
            prompt_tokens=given,
            most_tokens=most,
            low_nano=low,
            high_nano=high,
            window=settings.num_ctx,
        )

    async def _learn(self, key: tuple[str, str], learned: Callable[[], None]) -> None:
        if key not in self._cards:
            self._cards[key] = await asyncio.to_thread(
                self._prices.card, *key, self._clock.now_ms()
            )
            learned()


def prompt_tokens(prompt: Prompt) -> int:
    """About how many tokens a prompt has: four characters each, images by their size."""
    pictures = (image_tokens(image.data) for turn in prompt.turns for image in turn.images)
    return -(-len(prompt.text) // CHARS_PER_TOKEN) + sum(pictures)
