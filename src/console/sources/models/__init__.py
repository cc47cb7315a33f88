"""Model servers: one module per wire protocol, chosen by configuration alone."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from console.core.settings import TierSettings
from console.core.tier import Tier
from console.sources.models.keys import key_getter, missing_key

if TYPE_CHECKING:
    from console.sources.models.anthropic import AnthropicSource
    from console.sources.models.ollama import OllamaSource
    from console.sources.models.openai_compatible import OpenAICompatibleSource

__all__ = ["missing_key", "model_source"]


def model_source(
    settings: TierSettings, environment: Mapping[str, str], tier: Tier | None = None
) -> "OllamaSource | AnthropicSource | OpenAICompatibleSource":
    """The source for a tier, by its kind; `tier` lets hints name the setting to change."""
    key = key_getter(settings, environment)
    if settings.kind == "ollama":
        from console.sources.models.ollama import OllamaSource

        return OllamaSource(settings, key, tier)
    if settings.kind == "anthropic":
        from console.sources.models.anthropic import AnthropicSource

        return AnthropicSource(settings, key, tier)
    from console.sources.models.openai_compatible import OpenAICompatibleSource

    return OpenAICompatibleSource(settings, key, tier)
