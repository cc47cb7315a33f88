"""The operator's settings, as plain values; every field states its default."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from console.core.tier import Tier

if TYPE_CHECKING:
    from console.core.hardware import Hardware
    from console.core.pricing import PriceCard, Terms
    from console.core.routing.policy import Policy
    from console.core.routing.rule import Rule
    from console.core.tariff import Tariff, TimeOfUse

Fallback = Literal["off", "local", "both"]
FALLBACKS: Mapping[str, tuple[Tier, ...]] = MappingProxyType(
    {"off": (), "local": (Tier.LOCAL,), "both": tuple(Tier)}
)
"""The tiers that may step in for the other, by the setting's value."""

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
    vision: bool | None = None
    """Whether the model takes images; None asks the server."""


LOCAL_DEFAULT = TierSettings(kind="ollama", base_url="http://127.0.0.1:11434", model="llama3.1:8b")
API_DEFAULT = TierSettings(
    kind="anthropic",
    base_url="https://api.anthropic.com",
    model="claude-sonnet-5-5",
    key_env="ANTHROPIC_API_KEY",
    max_tokens=1024,
)

# llama.cpp's server: where an OpenAI-compatible or Anthropic-compatible server of one's own is.
_OWN_SERVER = "http://127.0.0.1:8080"

TIER_DEFAULTS: Mapping[tuple[Tier, TierKind], TierSettings] = MappingProxyType(
    {
        (Tier.LOCAL, "ollama"): LOCAL_DEFAULT,
        (Tier.LOCAL, "openai"): TierSettings(kind="openai", base_url=_OWN_SERVER, model=""),
        (Tier.LOCAL, "anthropic"): TierSettings(
            kind="anthropic", base_url=_OWN_SERVER, model="", max_tokens=1024
        ),
        (Tier.API, "anthropic"): API_DEFAULT,
        (Tier.API, "openai"): TierSettings(
            kind="openai",
            base_url="https://api.openai.com",
            model="",
            key_env="OPENAI_API_KEY",
        ),
        (Tier.API, "ollama"): TierSettings(
            kind="ollama", base_url="https://ollama.com", model="", key_env="OLLAMA_API_KEY"
        ),
    }
)
"""A tier's defaults by its kind; an empty model is one the operator must name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings. `typed` holds the dotted names the operator set, for provenance."""

    local: TierSettings = LOCAL_DEFAULT
    api: TierSettings = API_DEFAULT
    policy: str = "article"
    fallback: Fallback = "local"
    """Which tiers may step in when the chosen one fails."""
    retries: int = 2
    retry_within_s: float = 30.0
    """How often a tier is asked again after a passing failure, and the longest wait for it."""
    cascade_model: str | None = None
    """A second local model, asked where replies can be compared; None leaves that off."""
    target_api_share: Decimal = Decimal("0.3")
    router_usd_per_day: Decimal | None = None
    """Policy `score`: the share of calls the API gets, or what it may cost in a local day."""
    rules: "tuple[Rule, ...]" = ()
    """The operator's own rules for the router; the first match decides."""
    stay_words: tuple[str, ...] = ()
    stay_paths: tuple[str, ...] = ()
    stay_tags: tuple[str, ...] = ()
    stay_images: bool = False
    """What keeps a request on the box, beside what the guard finds."""
    unguarded: tuple[str, ...] = ()
    """Kinds that the guard leaves alone."""
    fine_tuning: bool = False
    inspection: bool = False
    prototyping: bool = False
    """What the operator says of the workload, for policy `table`."""
    price_terms: "tuple[Terms, ...]" = ()
    """What was negotiated on the list's prices; matched like the operator's own."""
    prices: "tuple[PriceCard, ...]" = ()
    """The operator's own prices. Of the cards in force whose provider ("*" is any) and model glob
    match, the latest wins, and of those the first."""
    usd_per_kwh: Decimal = Decimal("0.188")
    """Electricity; the default is the US residential average of April 2026."""
    tariff_periods: "tuple[TimeOfUse, ...]" = ()
    """Times at which electricity costs something else; the first that holds wins."""
    wall_factor: Decimal = Decimal(1)
    """What the wall delivers for each watt of the boards."""
    hardware_usd: Decimal | None = None
    """What the box cost; without it a local request has no fully loaded dollars."""
    hardware_years: Decimal = Decimal(3)
    hardware_hours_per_day: Decimal = Decimal(8)
    budget_day_usd: Decimal | None = None
    budget_month_usd: Decimal | None = None
    """The most the operator wants to pay for the API in a local day, and in a month."""
    gpu_interval_s: float = 1.0
    gpu_release_after_min: float = 10.0
    """Minutes without a key after which idle cards are released; 0 is never."""
    chat_store: bool = False
    """Whether conversations outlive the console."""
    chat_confirm_above_usd: Decimal | None = None
    """What an API call may cost at most before the operator is asked."""
    chat_system: str | None = None
    """The name of the system prompt that a new conversation begins with."""
    theme: str = "slate"
    keys: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Remapped keys: action id to keys, comma-separated."""
    mouse: bool = False
    own_hosts: tuple[str, ...] = ()
    """Hosts the operator declares as theirs: what is served there does not leave the box."""
    typed: frozenset[str] = frozenset()

    @property
    def tariff(self) -> "Tariff":
        """What electricity costs."""
        from console.core.tariff import Tariff

        return Tariff(
            usd_per_kwh=self.usd_per_kwh,
            periods=self.tariff_periods,
            wall_factor=self.wall_factor,
        )

    @property
    def router(self) -> "Policy":
        """What the operator laid down for the router."""
        from console.core.guard.kinds import Kind
        from console.core.routing.policy import Marks, Policy, Workload

        return Policy(
            name=self.policy,
            rules=self.rules,
            marks=Marks(
                words=self.stay_words,
                paths=self.stay_paths,
                tags=self.stay_tags,
                images=self.stay_images,
                ignored=frozenset(map(Kind, self.unguarded)),
            ),
            workload=Workload(
                fine_tuning=self.fine_tuning,
                inspection=self.inspection,
                prototyping=self.prototyping,
            ),
            fallback=FALLBACKS[self.fallback],
            cascade=self.cascade_model,
        )

    @property
    def hardware(self) -> "Hardware | None":
        """The rule of the hardware's share; None when the operator did not say what it cost."""
        if self.hardware_usd is None:
            return None
        from console.core.hardware import Hardware

        return Hardware(
            usd=self.hardware_usd,
            years=self.hardware_years,
            hours_per_day=self.hardware_hours_per_day,
        )
