"""Settings from a file and the environment, and the one sentence for what is wrong with them."""

import re
from dataclasses import fields, replace
from datetime import time
from decimal import Decimal

import pytest

from console.core.settings import API_DEFAULT, LOCAL_DEFAULT, Settings, TierSettings
from console.sources.settings import ConfigError, load_settings
from console.sources.settings_schema import PERIOD, PRICE, RULE, SETTINGS
from console.sources.settings_text import commented, markdown_table, rows


@pytest.fixture
def load(tmp_path):
    def load(text, environment=None, **options):
        path = tmp_path / "config.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load_settings(path, environment or {}, **options)

    return load


@pytest.fixture
def refusal(load):
    def refusal(text, environment=None, **options):
        with pytest.raises(ConfigError) as caught:
            load(text, environment, **options)
        sentence = str(caught.value)
        assert "\n" not in sentence and sentence[-1] in ".?"
        return sentence.partition("config.toml ")[2] if "config.toml line" in sentence else sentence

    return refusal


def test_without_a_file_the_defaults(tmp_path):
    assert load_settings(tmp_path / "none.toml", {}) == Settings()
    with pytest.raises(ConfigError, match=r"none.toml does not exist; `llmconsole config init`"):
        load_settings(tmp_path / "none.toml", {}, required=True)
    with pytest.raises(ConfigError, match="cannot be read"):
        load_settings(tmp_path, {})


def test_a_whole_file(load):
    settings = load(
        """
theme = "paper"
mouse = true
[tiers.local]
kind = "openai"
base_url = "http://127.0.0.1:9000/v1/"
model = "qwen3-8b"
idle_timeout_s = 90
[tiers]
api = { model = "claude-opus-5-5", key_env = "", key_file = "~/k" }
[router]
policy = "local-only"
[tariff]
usd_per_kwh = 0.10
[gpu]
interval_s = 0.5
[privacy]
own_hosts = ["GPU-box.lan", "fd00::1"]
[[prices]]
model = "claude-*"
input = 1.80
output = 9
effective = 2026-11-01
[[prices]]
provider = "openai"
model = "gpt-*"
input = 0.1
output = 0.2
cache_read = 0.01
source = "contract"
[keys]
"gpu.pause" = "p, space"
ledger.explain = ["x", "enter"]
quit = "Q"
"""
    )
    assert settings.theme == "paper" and settings.mouse is True
    assert settings.local == TierSettings(
        kind="openai", base_url="http://127.0.0.1:9000/v1", model="qwen3-8b", idle_timeout_s=90.0
    )
    assert settings.api == replace(
        API_DEFAULT, model="claude-opus-5-5", key_env=None, key_file="~/k"
    )
    assert settings.policy == "local-only"
    assert str(settings.usd_per_kwh) == "0.10"
    assert settings.gpu_interval_s == 0.5
    assert settings.own_hosts == ("gpu-box.lan", "fd00::1")
    first, second = settings.prices
    assert (first.provider, first.input, first.output) == ("*", Decimal("1.80"), 9)
    assert (first.effective, first.source) == ("2026-11-01", "your config")
    assert (second.provider, second.cache_read, second.source) == (
        "openai", Decimal("0.01"), "contract")  # fmt: skip
    assert settings.keys == {"gpu.pause": "p,space", "ledger.explain": "x,enter", "quit": "Q"}
    assert settings.typed >= {"theme", "tiers.local.model", "tiers.api.key_env", "prices",
                              "keys.gpu.pause", "router.policy"}  # fmt: skip
    assert "tiers.api.base_url" not in settings.typed


@pytest.mark.parametrize(
    ("tier", "kind", "base_url", "key_env"),
    [
        ("local", "ollama", "http://127.0.0.1:11434", None),
        ("local", "openai", "http://127.0.0.1:8080", None),
        ("local", "anthropic", "http://127.0.0.1:8080", None),
        ("api", "anthropic", "https://api.anthropic.com", "ANTHROPIC_API_KEY"),
        ("api", "openai", "https://api.openai.com", "OPENAI_API_KEY"),
        ("api", "ollama", "https://ollama.com", "OLLAMA_API_KEY"),
    ],
)
def test_a_kind_brings_its_own_defaults(load, tier, kind, base_url, key_env):
    settings = getattr(load(f'[tiers.{tier}]\nkind = "{kind}"\nmodel = "m"'), tier)
    assert (settings.kind, settings.base_url, settings.key_env) == (kind, base_url, key_env)
    assert (settings.max_tokens == 1024) is (kind == "anthropic")


def test_a_kind_without_a_default_model_needs_one(refusal, load):
    sentence = refusal('[tiers.api]\n\nkind = "openai"')
    assert sentence.startswith('line 3: tiers.api.kind is "openai", so tiers.api.model must be set')
    environment = {"LLMCONSOLE_TIERS_API_KIND": "openai", "LLMCONSOLE_TIERS_API_MODEL": "gpt-5"}
    assert load("", environment).api.model == "gpt-5"
    assert "tiers.api.model" in refusal("", {"LLMCONSOLE_TIERS_API_KIND": "openai"})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("# x\n\n[tiers.local]\n\n\n\nmodle = 'x'",
         'line 7: unknown setting "tiers.local.modle"; did you mean "model"?'),
        ("tiers.local.modle = 'x'",
         'line 1: unknown setting "tiers.local.modle"; did you mean "model"?'),
        ("[tiers]\nlocal = { kind = 'ollama', Modell = 'x' }",
         'line 2: unknown setting "tiers.local.Modell"; did you mean "model"?'),
        ("[tiers.locale]\nmodel = 'x'",
         'line 1: unknown setting "tiers.locale"; did you mean "local"?'),
        ("[tier.local]\nmodel = 'x'", 'line 1: unknown setting "tier"; did you mean "tiers"?'),
        ("policy = 'article'",
         'line 1: unknown setting "policy"; did you mean "router.policy"?'),
        ("[zzz]", 'line 1: unknown setting "zzz"; known here: theme, mouse, '
                  "budget, chat, gpu, hardware, privacy, router, tariff, tiers, prices, keys."),
        ("[[prices]]\nmodel = 'a'\ninput = 1\noutput = 1\n[[prices]]\nmodel = 'b'\nimput = 1",
         'line 7: unknown setting "prices.imput"; did you mean "input"?'),
        ("[router]\npolicy = 'articel'",
         'line 2: router.policy must be "article", "table", "score", "local-only" or "api-only", '
         'not "articel"; '
         'did you mean "article"?'),
        ("[tiers.api]\nkind = 'opnai'",
         'line 2: tiers.api.kind must be "ollama", "anthropic" or "openai", not "opnai"; '
         'did you mean "openai"?'),
        ("[tiers.api]\nmax_tokens = '9'",
         'line 2: tiers.api.max_tokens must be a whole number from 1 to 1,000,000, not "9".'),
        ("[tiers.api]\nmax_tokens = true",
         "line 2: tiers.api.max_tokens must be a whole number from 1 to 1,000,000, not true."),
        ("[gpu]\ninterval_s = 0",
         "line 2: gpu.interval_s must be seconds from 0.1 to 3600, not 0."),
        ("[gpu]\ninterval_s = nan",
         "line 2: gpu.interval_s must be seconds from 0.1 to 3600, not NaN."),
        ("[tariff]\nusd_per_kwh = -0.1",
         "line 2: tariff.usd_per_kwh must be dollars from 0 to 100, not -0.1."),
        ("mouse = 'on'", 'line 1: mouse must be true or false, not "on".'),
        ("theme = ' '", 'line 1: theme must be the name of a theme, not "".'),
        ("tiers = 3", "line 1: tiers must be a table, not 3."),
        ("[[tiers.local]]", "line 1: tiers.local must be a table, not [a table]."),
        ("[tiers.local.model]", "line 1: tiers.local.model must be the name of a model, "
                                "not a table."),
        ("[prices]\nmodel = 'a'", "line 1: prices must be tables: write [[prices]]."),
        ("prices = [1]", "line 1: prices must be a table, not 1."),
        ("\n[[prices]]\nmodel = 'a'\noutput = 1", "line 2: this price lacks input."),
        ("\n[[prices]]\nmodel = 'a'", "line 2: this price lacks input and output."),
        ("\n[[prices]]\ndiscount = 0.1", "line 2: this price lacks model."),
        ("[[prices]]\nmodel = 'a'\ndiscount = 15",
         "line 3: prices.discount must be a number from 0 to 1, not 15."),
        ("[[prices]]\nmodel = 'a'\ninput = 1\noutput = 1\neffective = 2026-11-01T00:00:00",
         "line 5: prices.effective must be a date like 2026-11-01, not 2026-11-01 00:00:00."),
        ("[privacy]\nown_hosts = ['http://x']",
         'line 2: privacy.own_hosts must be a list of hosts like ["gpu-box.lan", "10.0.0.5"], '
         'not ["http://x"].'),
        ("[keys]\nquit = ''", 'line 2: keys.quit must be keys like "ctrl+g,f6", not "".'),
        ("a = \n", "line 1: this is not TOML (Invalid value)."),
        (b"# ok\ntheme = '\xe9'", "line 2: this is not text in UTF-8."),
        ("\"a\\u001b[31mb\" = 1", 'line 1: unknown setting "a␛[31mb"; known here: theme, mouse, '
                                  "budget, chat, gpu, hardware, privacy, router, tariff, tiers, "
                                  "prices, keys."),
    ],
)  # fmt: skip
def test_what_is_wrong_in_one_sentence(refusal, text, sentence):
    assert refusal(text) == sentence


@pytest.mark.parametrize(
    "line",
    [
        'base_url = "https://user:sk-ant-secret@api.example"',
        'base_url = "https://api.example/?key=sk-ant-secret"',
        'key_env = "sk-ant-secret"',
        'key_file = "sk-ant-secret"',
        'api_key = "sk-ant-secret"',
        'key = "sk-ant-secret"',
        'ANTHROPIC_API_KEY = "sk-ant-secret"',
    ],
)
def test_a_key_in_the_wrong_place_is_never_repeated(refusal, line):
    sentence = refusal(f"[tiers.api]\n{line}")
    assert sentence.startswith("line 2: ")
    assert "secret" not in sentence
    if "key" in line.partition("=")[0].lower():
        assert "never" in sentence


@pytest.mark.parametrize(
    "url",
    ["", "127.0.0.1:11434", "ftp://x", "http://", "http://x:99999", "http://x y", "http://[x"],
)
def test_addresses_that_are_none(refusal, url):
    assert "tiers.local.base_url must be an address" in refusal(
        f'[tiers.local]\nbase_url = "{url}"'
    )


def test_keys_are_held_to_the_known_actions(load, refusal):
    known = frozenset({"gpu.pause", "quit"})
    assert load("[keys]\ngpu.pause = 'p'", known_actions=known).keys == {"gpu.pause": "p"}
    assert refusal("[keys]\nquit = 'q'\ngpu.pauze = 'p'", known_actions=known) == (
        'line 3: unknown setting "keys.gpu.pauze"; did you mean "gpu.pause"?'
    )
    assert load("[keys]\nanything = 'p'").keys == {"anything": "p"}


TYPED = {"kind": "anthropic", "base_url": "http://127.0.0.1:1", "max_tokens": "7", "num_ctx": "8",
         "usd_per_kwh": "0.25", "wall_factor": "1.2", "release_after_min": "5.0", "usd": "4000",
         "years": "4", "hours_per_day": "6.5",
         "day_usd": "10", "month_usd": "200", "policy": "api-only", "mouse": "yes",
         "fallback": "off", "retries": "3", "target_api_share": "0.4", "budget_usd_per_day": "5",
         "fine_tuning": "yes", "inspection": "yes", "prototyping": "yes", "images": "yes",
         "store": "yes", "vision": "yes", "confirm_above_usd": "0.25"}  # fmt: skip


@pytest.mark.parametrize(
    "setting", [s for s in SETTINGS if s.default != ()], ids=lambda setting: setting.name
)
def test_every_scalar_has_its_environment_variable(load, setting):
    assert setting.variable == "LLMCONSOLE_" + setting.name.upper().replace(".", "_")
    typed = TYPED.get(setting.key, "3.5" if setting.key.endswith("_s") else "/x")
    if setting.key in ("key_env", "model", "cascade_model", "theme"):
        typed = "NAME"
    base = '[tiers.local]\nmodel = "m"\n[tiers.api]\nmodel = "m"\n'
    settings = load(base, {setting.variable: typed})
    holder = settings
    if setting.name.startswith("tiers."):
        holder = getattr(settings, setting.name.split(".")[1])
    value = getattr(holder, setting.field)
    assert str(value).lower() == {"yes": "true"}.get(typed, typed).lower()
    assert setting.name in settings.typed


def test_the_environment_overrides_the_file_and_is_held_to_the_same_rules(load, refusal):
    environment = {"LLMCONSOLE_THEME": "mono", "LLMCONSOLE_ROUTER_POLICY": "", "PATH": "x",
                   "LLMCONSOLE_CONFIG": "x", "LLMCONSOLE_REQUIRE_REAL": "1"}  # fmt: skip
    assert load('theme = "paper"', environment).theme == "mono"
    assert refusal("", {"LLMCONSOLE_TIERS_LOCAL_MODLE": "x"}) == (
        'LLMCONSOLE_TIERS_LOCAL_MODLE is no setting; did you mean "LLMCONSOLE_TIERS_LOCAL_MODEL"?'
    )
    assert refusal("", {"LLMCONSOLE_GPU_INTERVAL_S": "fast"}) == (
        'LLMCONSOLE_GPU_INTERVAL_S must be seconds from 0.1 to 3600, not "fast".'
    )
    assert refusal("", {"LLMCONSOLE_MOUSE": "maybe"}).endswith('true or false, not "maybe".')
    assert "is a list" in refusal("", {"LLMCONSOLE_PRIVACY_OWN_HOSTS": "a,b"})


@pytest.mark.parametrize("condition", ["words", "tag", "path", "attachment", "language", "days"])
def test_a_condition_that_is_empty_does_not_make_a_rule_hold_always(refusal, condition):
    rule = f'[[router.rules]]\nname = "r"\ntier = "api"\n{condition} = []'
    assert f"{condition} is empty; name something" in refusal(rule)
    assert "is empty, which" in refusal('[[router.rules]]\nname="r"\ntier="api"\nregex=""')


def test_the_schema_knows_every_field():
    tiers = {s.name.rpartition(".")[0] for s in SETTINGS if s.name.startswith("tiers.")}
    for tier in tiers:
        here = {s.field for s in SETTINGS if s.section == tier}
        assert here == {field.name for field in fields(TierSettings)}
    top = {s.field for s in SETTINGS if not s.name.startswith("tiers.")}
    assert top == {f.name for f in fields(Settings)} - {
        *("local", "api", "prices", "price_terms", "tariff_periods", "rules", "keys", "typed"),
    }
    assert len({s.variable for s in SETTINGS}) == len(SETTINGS)


def uncommented():
    return re.sub(r'^# (?=\[|[\w."]+ = )', "", commented(), flags=re.MULTILINE)


def test_the_commented_file_changes_nothing(load):
    assert load(commented()) == Settings()


def test_the_commented_file_is_valid_when_uncommented(load):
    text = uncommented()
    settings = load(text)
    assert not re.search(r"^# [\w.]+ =", text, re.MULTILINE)
    assert settings.typed >= {setting.name for setting in SETTINGS}
    for setting in SETTINGS:
        holder = {"tiers.local": settings.local, "tiers.api": settings.api}
        value = getattr(holder.get(setting.section, settings), setting.field)
        assert value == (setting.default if setting.default not in (None, ()) else setting.example)
    [period] = settings.tariff_periods
    assert (period.usd_per_kwh, period.start) == (Decimal("0.42"), time(16))
    [card] = settings.prices
    assert (card.model, card.input) == ("claude-sonnet-*", Decimal("1.80"))
    assert settings.keys == {"gpu.pause": "space,p"}
    assert settings.local.model == LOCAL_DEFAULT.model


def test_every_line_of_the_commented_file_fits_a_terminal():
    assert max(map(len, commented().splitlines())) <= 100


def test_the_readmes_rows_name_every_setting_once():
    names = [name for name, _, _ in rows()]
    assert names == [
        *(s.name for s in SETTINGS),
        *(f"[[tariff.periods]] {s.key}" for s in PERIOD),
        *(f"[[router.rules]] {s.key}" for s in RULE),
        *(f"[[prices]] {s.key}" for s in PRICE),
    ]
    table = markdown_table()
    assert '| `tiers.local.model` | `"llama3.1:8b"` |' in table
    assert all(line.count("|") == 4 for line in table.splitlines())


def test_a_price_may_be_rates_or_factors_on_the_lists(load):
    settings = load(
        """
        [[prices]]
        provider = "anthropic"
        model = "claude-*"
        discount = 0.15
        us = 1
        batch = 0.4
        [[prices]]
        model = "own"
        input = 1
        output = 2
        batch = 0.5
        web_search = 10
        fast = 6
        """
    )
    [terms], [card] = settings.price_terms, settings.prices
    assert [str(each) for each in terms.multipliers] == ["us × 1", "discount × 0.85"]
    assert (terms.batch, terms.source) == (Decimal("0.4"), "your config")
    assert (card.batch.input, card.batch.output, card.web_search) == (Decimal("0.5"), 1, 10)
    assert [(each.when, each.factor) for each in card.multipliers] == [("fast", 6)]


def test_the_hardware_is_unknown_until_it_has_a_price(load):
    assert load("").hardware is None
    hardware = load("[hardware]\nusd = 4000\nyears = 4\nhours_per_day = 8").hardware
    # 4 × 365.25 × 8 = 11,688 hours.
    assert round(hardware.usd_per_hour, 4) == Decimal("0.3422")
    assert hardware.share_nano(36_000) == 3_422_313
    assert hardware.rule == "$4,000 over 4 years at 8 h a day = $0.3422 an hour"


def test_periods_of_the_tariff_are_read(load):
    settings = load("""
        [tariff]
        usd_per_kwh = 0.20
        wall_factor = 1.15
        [[tariff.periods]]
        usd_per_kwh = 0.42
        from = "16:00"
        to = 21:00:00
        days = "mon-fri"
        [[tariff.periods]]
        usd_per_kwh = 0.05
        days = "sat, sun"
    """)
    peak, weekend = settings.tariff.periods
    assert (peak.usd_per_kwh, peak.start, peak.end) == (Decimal("0.42"), time(16), time(21))
    assert peak.days == frozenset(range(5)) and weekend.days == frozenset({5, 6})
    assert settings.tariff.wall_factor == Decimal("1.15")
    assert {"tariff.usd_per_kwh", "tariff_periods"} <= settings.typed


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ('[[tariff.periods]]\nfrom = "16:00"', "line 1: this period lacks usd_per_kwh."),
        ('[[tariff.periods]]\nfrom = "4pm"', 'tariff.periods.from must be a time like "16:00"'),
        ('[[tariff.periods]]\ndays = "always"', 'must be days like "mon-fri"'),
        ("[[tariff.periods]]\nprice = 3", 'unknown setting "tariff.periods.price"'),
        ("[tariff]\nperiods = 3", "tariff.periods must be tables: write [[tariff.periods]]."),
    ],
)
def test_a_wrong_period_is_one_sentence(load, lines, says):
    with pytest.raises(ConfigError) as caught:
        load(lines)
    assert says in str(caught.value)
