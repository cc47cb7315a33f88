"""Every setting there is: its form, its default, and why one would change it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from console.core.guard.kinds import Kind
from console.core.routing.language import LANGUAGES
from console.core.routing.policy import POLICIES
from console.core.routing.rule import DAYS, KINDS
from console.core.settings import API_DEFAULT, FALLBACKS, LOCAL_DEFAULT, Settings, TierSettings
from console.core.tier import Tier
from console.sources import settings_forms as form
from console.sources.settings_forms import Form
from console.sources.settings_rules import hours, pattern

PREFIX = "LLMCONSOLE_"
RESERVED = ("LLMCONSOLE_CONFIG", "LLMCONSOLE_REQUIRE_REAL")
"""Variables that are no settings: which file to read, and what the tests may not skip."""

KEYS_ARE_NO_SETTINGS = (
    'a key is never a setting: name its variable in "key_env", or its file in "key_file"'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting: `name` is dotted, `field` where it lands in the settings.

    `example` stands in the commented file where there is no default.
    """

    name: str
    field: str
    form: Form
    default: object
    why: str
    example: object = None

    @property
    def variable(self) -> str:
        """The environment variable that overrides it."""
        return PREFIX + self.name.upper().replace(".", "_")

    @property
    def section(self) -> str:
        """The table it stands in; "" is the top."""
        return self.name.rpartition(".")[0]

    @property
    def key(self) -> str:
        """Its name within its table."""
        return self.name.rpartition(".")[2]


def _tier(tier: Tier, default: TierSettings) -> tuple[Setting, ...]:
    api = tier is Tier.API
    rows: tuple[tuple[str, Form, str, object], ...] = (
        ("kind", form.choice(("ollama", "anthropic", "openai")),
         "the protocol; openai is any compatible server: vLLM, llama.cpp, LM Studio", None),
        ("base_url", form.url(), "where the server is; the default follows the kind", None),
        ("model", form.text("the name of a model"),
         "which model serves; only the default kind has a default", None),
        ("key_env", form.variable(), "the variable that holds the key; empty: none",
         "MY_API_KEY"),
        ("key_file", form.file(), "a file that holds the key, mode 0600, where no variable does",
         f"~/.config/llmconsole/{tier}.key"),
        ("max_tokens", form.whole(1, 1_000_000), "the longest reply"
         + ("" if api else "; without it the server decides"), 2048),
        ("num_ctx", form.whole(1, 10_000_000),
         "context window that Ollama is asked for; without it Ollama decides", 8192),
        ("connect_timeout_s", form.seconds("0.1", "600"), "wait for a connection", None),
        ("first_token_timeout_s", form.seconds("0.1", "3600"),
         "wait for the first token: loading a large model takes its time", None),
        ("idle_timeout_s", form.seconds("0.1", "3600"), "wait between two pieces of a reply", None),
        ("vision", form.flag(),
         "whether the model takes images; without it the server is asked, where it can tell", True),
    )  # fmt: skip
    return tuple(
        Setting(
            name=f"tiers.{tier}.{key}",
            field=key,
            form=kind,
            default=getattr(default, key),
            why=why,
            example=example,
        )
        for key, kind, why, example in rows
    )


_DEFAULT = Settings()

SETTINGS: tuple[Setting, ...] = (
    Setting(name="theme", field="theme", form=form.text("the name of a theme"),
            default=_DEFAULT.theme, why="colours; your own lie in themes/ beside this file"),
    Setting(name="mouse", field="mouse", form=form.flag(), default=_DEFAULT.mouse,
            why="take the mouse; off leaves selecting text to your terminal"),
    *_tier(Tier.LOCAL, LOCAL_DEFAULT),
    *_tier(Tier.API, API_DEFAULT),
    Setting(name="router.policy", field="policy", form=form.choice(POLICIES),
            default=_DEFAULT.policy,
            why="who decides which tier serves what no rule of yours decides"),
    Setting(name="router.fallback", field="fallback", form=form.choice(tuple(FALLBACKS)),
            default=_DEFAULT.fallback,
            why="who may step in when the chosen tier fails; the api never with what must stay"),
    Setting(name="router.retries", field="retries", form=form.whole(0, 10),
            default=_DEFAULT.retries,
            why="how often a tier is asked again when it is busy, limiting or broken"),
    Setting(name="router.retry_within_s", field="retry_within_s", form=form.seconds("0", "3600"),
            default=_DEFAULT.retry_within_s,
            why="the longest wait for that; a server that asks for a longer one is not waited for"),
    Setting(name="router.cascade_model", field="cascade_model",
            form=form.text("the name of a model"), default=_DEFAULT.cascade_model,
            why="a second local model, asked too where a number, a choice or code's value is "
            "wanted; the api is asked if they disagree. Without it: off", example="qwen3:8b"),
    Setting(name="router.target_api_share", field="target_api_share", form=form.factor("0", "1"),
            default=_DEFAULT.target_api_share,
            why="policy score: the share of calls that go to the API, held whatever is asked"),
    Setting(name="router.budget_usd_per_day", field="router_usd_per_day",
            form=form.dollars(1_000_000), default=_DEFAULT.router_usd_per_day, example=Decimal(5),
            why="policy score: instead of a share, dollars a day spent where they gain most"),
    Setting(name="router.fine_tuning", field="fine_tuning", form=form.flag(),
            default=_DEFAULT.fine_tuning, why="policy table: you need fine-tuning"),
    Setting(name="router.inspection", field="inspection", form=form.flag(),
            default=_DEFAULT.inspection, why="policy table: you inspect weights"),
    Setting(name="router.prototyping", field="prototyping", form=form.flag(),
            default=_DEFAULT.prototyping, why="policy table: you are prototyping, in a small team"),
    Setting(name="tariff.usd_per_kwh", field="usd_per_kwh", form=form.dollars(100),
            default=_DEFAULT.usd_per_kwh,
            why="your electricity; the default is the US residential average of April 2026"),
    Setting(name="tariff.wall_factor", field="wall_factor", form=form.factor("1", "3"),
            default=_DEFAULT.wall_factor,
            why="what the wall delivers for each watt of the boards; in every dollar, in no joule"),
    Setting(name="hardware.usd", field="hardware_usd", form=form.dollars(100_000_000),
            default=_DEFAULT.hardware_usd, example=Decimal(4000),
            why="what the box cost; a local request bears it for the time it took: "
            "usd ÷ (years × 365.25 × hours_per_day) an hour"),
    Setting(name="hardware.years", field="hardware_years", form=form.factor("0.1", "50"),
            default=_DEFAULT.hardware_years, why="how long the box lasts"),
    Setting(name="hardware.hours_per_day", field="hardware_hours_per_day",
            form=form.factor("0.1", "24"), default=_DEFAULT.hardware_hours_per_day,
            why="how many hours a day it is expected to serve"),
    Setting(name="budget.day_usd", field="budget_day_usd", form=form.dollars(1_000_000_000),
            default=_DEFAULT.budget_day_usd, example=Decimal(10),
            why="the most the API may cost in a day of yours; told at 80 % and loud when passed"),
    Setting(name="budget.month_usd", field="budget_month_usd", form=form.dollars(1_000_000_000),
            default=_DEFAULT.budget_month_usd, example=Decimal(200),
            why="the same for a month; also told when the month is heading above it"),
    Setting(name="chat.store", field="chat_store", form=form.flag(), default=_DEFAULT.chat_store,
            why="keep conversations in a file; off, they end with the console"),
    Setting(name="chat.confirm_above_usd", field="chat_confirm_above_usd",
            form=form.dollars(1_000_000), default=_DEFAULT.chat_confirm_above_usd,
            example=Decimal("0.25"),
            why="ask before an API call that may cost more than this, or whose price is unknown"),
    Setting(name="chat.system", field="chat_system", form=form.text("the name of a prompt"),
            default=_DEFAULT.chat_system, example="terse",
            why="the system prompt of new conversations: a file in prompts/ beside this one"),
    Setting(name="gpu.interval_s", field="gpu_interval_s", form=form.seconds("0.1", "3600"),
            default=_DEFAULT.gpu_interval_s, why="how often the GPUs are read"),
    Setting(name="gpu.release_after_min", field="gpu_release_after_min",
            form=form.seconds("0", "100000", "minutes"), default=_DEFAULT.gpu_release_after_min,
            why="minutes without a key after which idle cards are let go, but for one look a "
            "minute; 0 is never"),
    Setting(name="privacy.own_hosts", field="own_hosts", form=form.hosts(),
            default=_DEFAULT.own_hosts,
            why="hosts that are yours: a model served there counts as local",
            example=("gpu-box.lan",)),
    Setting(name="privacy.words", field="stay_words", form=form.texts("words or phrases"),
            default=_DEFAULT.stay_words, example=("project aurora",),
            why="a request with one of these whole words or phrases stays on the box"),
    Setting(name="privacy.paths", field="stay_paths", form=form.texts("paths or patterns"),
            default=_DEFAULT.stay_paths, example=("/home/me/clients",),
            why="so does one with a file from here attached"),
    Setting(name="privacy.tags", field="stay_tags", form=form.texts("tags or patterns"),
            default=_DEFAULT.stay_tags, example=("client-*",), why="so does one with such a tag"),
    Setting(name="privacy.images", field="stay_images", form=form.flag(),
            default=_DEFAULT.stay_images,
            why="so does one with an image, into which the guard cannot look"),
    Setting(name="privacy.unguarded", field="unguarded", form=form.choices(tuple(Kind)),
            default=_DEFAULT.unguarded, example=("ip", "mac"),
            why="kinds that the guard leaves alone"),
)  # fmt: skip
"""The settings of one value each."""

RULE: tuple[Setting, ...] = (
    Setting(name="router.rules.name", field="name", form=form.text("a name"), default=None,
            why="what reasons call the rule", example="night"),
    Setting(name="router.rules.tier", field="tier", form=form.choice(tuple(Tier)), default=None,
            why="who then serves; local also rules out a fallback to the api", example="local"),
    Setting(name="router.rules.model", field="model", form=form.text("the name of a model"),
            default=None, why="another model of that tier", example="qwen3:32b"),
    Setting(name="router.rules.longer_than", field="longer_than", form=form.whole(0, 100_000_000),
            default=None, why="characters of task, attachments and history", example=8_000),
    Setting(name="router.rules.shorter_than", field="shorter_than",
            form=form.whole(0, 100_000_000), default=None, why="the same", example=200),
    Setting(name="router.rules.words", field="words", form=form.texts("words or phrases"),
            default=(), why="one of these whole words or phrases, in any case",
            example=("contract", "NDA")),
    Setting(name="router.rules.regex", field="regex", form=pattern(), default=None,
            why="matches the message; (?i) at its start makes case irrelevant",
            example="ticket-[0-9]+"),
    Setting(name="router.rules.attachment", field="attachment", form=form.choices(KINDS),
            default=(), why="a kind of what is attached", example=("image",)),
    Setting(name="router.rules.path", field="path", form=form.texts("paths or patterns"),
            default=(), why="an attached file from there", example=("*/src/*",)),
    Setting(name="router.rules.language", field="language", form=form.choices(LANGUAGES),
            default=(), why="the message is in one of these", example=("de", "fr")),
    Setting(name="router.rules.tag", field="tag", form=form.texts("tags or patterns"), default=(),
            why="the request's tag", example=("batch-*",)),
    Setting(name="router.rules.between", field="between", form=hours(), default=None,
            why="time of your day, past midnight too", example="22:00-06:00"),
    Setting(name="router.rules.days", field="days", form=form.choices(DAYS), default=(),
            why="days of the week", example=("sat", "sun")),
    Setting(name="router.rules.month_usd_over", field="month_usd_over",
            form=form.dollars(1_000_000_000), default=None,
            why="this month's API dollars are over", example=Decimal(100)),
    Setting(name="router.rules.gpu_over", field="gpu_over", form=form.factor("0", "100"),
            default=None, why="the busiest GPU's utilisation in % is over", example=90),
    Setting(name="router.rules.queue_over", field="queue_over", form=form.whole(0, 10_000),
            default=None, why="local requests under way are more than", example=1),
)  # fmt: skip
"""The keys of one [[router.rules]] table: a name and a tier, and conditions that all must hold."""

PRICE: tuple[Setting, ...] = (
    Setting(name="prices.provider", field="provider", form=form.text("a provider's name or *"),
            default="*", why="anthropic, openai, …; * is any", example="anthropic"),
    Setting(name="prices.model", field="model", form=form.text("a model's name, * for any part"),
            default=None, why="a model, or a pattern", example="claude-sonnet-*"),
    Setting(name="prices.input", field="input", form=form.dollars(1_000_000), default=None,
            why="$ per 1M tokens; so are all rates", example=Decimal("1.80")),
    Setting(name="prices.output", field="output", form=form.dollars(1_000_000), default=None,
            why="what the model writes", example=Decimal("9.00")),
    Setting(name="prices.cache_read", field="cache_read", form=form.dollars(1_000_000),
            default=None, why="without it, as input", example=Decimal("0.18")),
    Setting(name="prices.cache_write_5m", field="cache_write_5m", form=form.dollars(1_000_000),
            default=None, why="without it, as input", example=Decimal("2.25")),
    Setting(name="prices.cache_write_1h", field="cache_write_1h", form=form.dollars(1_000_000),
            default=None, why="without it, as input", example=Decimal("3.60")),
    Setting(name="prices.web_search", field="web_search", form=form.dollars(1_000_000),
            default=None, why="$ per 1,000 searches of the server's own tool",
            example=Decimal("10")),
    Setting(name="prices.discount", field="discount", form=form.factor("0", "1"), default=None,
            why="share off the whole bill; without rates, off the list's", example=Decimal("0.15")),
    Setting(name="prices.batch", field="batch", form=form.factor("0", "10"), default=None,
            why="factor of a batch", example=Decimal("0.5")),
    *(
        Setting(name=f"prices.{key}", field=key, form=form.factor("0", "100"), default=None,
                why=why, example=Decimal(example))
        for key, why, example in (
            ("us", "factor where the reply says inference was kept in the US", "1.1"),
            ("fast", "factor where it says the fast speed", "6"),
            ("priority", "factor where it says the priority tier", "1"),
            ("flex", "factor where it says the flex tier", "0.5"),
        )
    ),
    Setting(name="prices.effective", field="effective", form=form.day(), default=None,
            why="the first day; the latest in force wins", example=date(2026, 11, 1)),
    Setting(name="prices.source", field="source", form=form.text(), default="your config",
            why="what the ledger calls this price"),
)  # fmt: skip
"""The keys of one [[prices]] table: model, with input and output or with factors on the list's."""

PERIOD: tuple[Setting, ...] = (
    Setting(name="tariff.periods.usd_per_kwh", field="usd_per_kwh", form=form.dollars(100),
            default=None, why="what a kilowatt-hour costs then", example=Decimal("0.42")),
    Setting(name="tariff.periods.from", field="start", form=form.clock(), default=None,
            why="when it begins, by your clock; without it at midnight", example="16:00"),
    Setting(name="tariff.periods.to", field="end", form=form.clock(), default=None,
            why="when it ends; before it begins is on the next day", example="21:00"),
    Setting(name="tariff.periods.days", field="days", form=form.weekdays(), default=None,
            why="on which days it begins; without it on all", example="mon-fri"),
)  # fmt: skip
"""The keys of one [[tariff.periods]] table; the first that holds comes before the flat price."""

CIRCUMSTANCES = ("us", "fast", "priority", "flex")
"""Keys of a price that are factors where a reply says so."""
