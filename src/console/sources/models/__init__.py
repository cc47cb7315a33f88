"""Model servers: one module per wire protocol, chosen by configuration alone."""

from collections.abc import Mapping

from console.core.settings import TierSettings
from console.core.tier import Tier
from console.sources.models.anthropic import AnthropicSource
from console.sources.models.keys import key_getter, missing_key
from console.sources.models.ollama import OllamaSource
from console.sources.models.openai_compatible import OpenAICompatibleSource

__all__ = ["missing_key", "model_source"]

_KINDS: Mapping[str, type[OllamaSource | AnthropicSource | OpenAICompatibleSource]] = {
    "ollama": OllamaSource,
    "anthropic": AnthropicSource,
    "openai": OpenAICompatibleSource,
}


def model_source(
    settings: TierSettings, environment: Mapping[str, str], tier: Tier | None = None
) -> OllamaSource | AnthropicSource | OpenAICompatibleSource:
    """The source for a tier, by its kind; `tier` lets hints name the setting to change."""
    return _KINDS[settings.kind](settings, key_getter(settings, environment), tier)
