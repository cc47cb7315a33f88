"""Both stand-ins together, and the settings that point the console at them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal

from console.core.settings import API_DEFAULT, LOCAL_DEFAULT, Settings
from console.sources.demo.anthropic import AnthropicStandIn
from console.sources.demo.ollama import OllamaStandIn

KEY_ENV = "LLMCONSOLE_DEMO_KEY"
"""The variable the demo's key stands under: never the one that a real key may be in."""

LOCAL_TOKENS_PER_S = 45.0
API_TOKENS_PER_S = 80.0
"""The pace of the demo's replies: an 8B model on a desktop card, and a hosted one."""


HARDWARE_USD = Decimal(2500)
"""What the demo's box is taken to have cost, where the operator has not said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIns:
    """The open servers of both tiers."""

    local: OllamaStandIn
    api: AnthropicStandIn

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables that the console reads in place of the process's own."""
        return {KEY_ENV: self.api.key}

    def settings(self, base: Settings | None = None) -> Settings:
        """`base`, or the defaults, with both tiers pointing at the stand-ins."""
        base = base or Settings()
        return replace(
            base,
            hardware_usd=base.hardware_usd or HARDWARE_USD,
            local=replace(LOCAL_DEFAULT, base_url=self.local.url),
            api=replace(API_DEFAULT, base_url=self.api.url, key_env=KEY_ENV),
        )


@contextmanager
def open_stand_ins(
    opened_ms: int,
    *,
    local_tokens_per_s: float = LOCAL_TOKENS_PER_S,
    api_tokens_per_s: float = API_TOKENS_PER_S,
) -> Iterator[StandIns]:
    """Both servers, listening until the context ends; `opened_ms` is the UTC time now."""
    local = OllamaStandIn(
        models=(LOCAL_DEFAULT.model,), tokens_per_s=local_tokens_per_s, opened_ms=opened_ms
    )
    api = AnthropicStandIn(tokens_per_s=api_tokens_per_s, opened_ms=opened_ms)
    with local, api:
        yield StandIns(local=local, api=api)
