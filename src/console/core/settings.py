"""The operator's settings, as plain values; every field states its default."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Literal

from console.core.pricing import PriceCard

TierKind = Literal["ollama", "anthropic", "openai"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TierSettings:
    """One tier: which protocol, where, which model, how long to wait.

    The key itself is never a setting: `key_env` names the environment variable, `key_file` a
    file that only its owner can read. Times are seconds.
    """

    kind: TierKind
    base_url: str
    model: str
    key_env: str | None = None
    key_file: str | None = None
    max_tokens: int | None = None
    num_ctx: int | None = None
    connect_timeout_s: float = 5.0
    first_token_timeout_s: float = 120.0
    idle_timeout_s: float = 60.0


LOCAL_DEFAULT = TierSettings(kind="ollama", base_url="http://127.0.0.1:11434", model="llama3.1:8b")
API_DEFAULT = TierSettings(
    kind="anthropic",
    base_url="https://api.anthropic.com",
    model="claude-sonnet-5-5",
    key_env="ANTHROPIC_API_KEY",
    max_tokens=1024,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings. `typed` holds the dotted names the operator set, for provenance."""

    local: TierSettings = LOCAL_DEFAULT
    api: TierSettings = API_DEFAULT
    policy: str = "article"
    prices: tuple[PriceCard, ...] = ()
    """The operator's own prices; the first card whose provider and model glob match wins."""
    usd_per_kwh: Decimal = Decimal("0.188")
    """Electricity; the default is the US residential average of April 2026."""
    gpu_interval_s: float = 1.0
    theme: str = "slate"
    keys: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Remapped keys: action id to keys, comma-separated."""
    mouse: bool = False
    typed: frozenset[str] = frozenset()
