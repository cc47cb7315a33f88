"""The settings in writing: the commented file of `config init`, and the README's table."""

from itertools import groupby
from textwrap import wrap

from console.sources.settings_forms import toml
from console.sources.settings_schema import PERIOD, PRICE, RULE, SETTINGS, Setting

_HEAD = """\
# Settings of llmconsole. What is commented out shows the default, or an example where there is
# none. Each setting of one value can also be given as an environment variable:
# tiers.local.model is LLMCONSOLE_TIERS_LOCAL_MODEL. `llmconsole config check` reads this file.
"""
_PERIODS = "# Times at which electricity costs something else; the first that holds wins."
_PRICES = "# Your own prices come before the list. One [[prices]] table for each."
_RULES = (
    "# Your own rules for the router, one [[router.rules]] table each: the first whose conditions\n"
    "# all hold decides. They, the policy, privacy and the tiers are read again when this file\n"
    "# changes; nothing needs a restart."
)
_KEYS = "# Other keys for an action, by the id that the table of keys names."
_EXAMPLE_KEYS = '"gpu.pause" = "space,p"'


def commented() -> str:
    """A settings file with every setting, its default and why, all of it commented out."""
    parts = [_HEAD]
    for section, settings in groupby(SETTINGS, key=lambda setting: setting.section):
        if section:
            parts.append(f"# [{section}]")
        parts += [_lines(setting) for setting in settings]
        parts.append("")
    parts += [_PERIODS, "# [[tariff.periods]]", *(_lines(each) for each in PERIOD), ""]
    parts += [_RULES, "# [[router.rules]]", *(_lines(setting) for setting in RULE), ""]
    parts += [_PRICES, "# [[prices]]", *(_lines(setting) for setting in PRICE), ""]
    parts += [_KEYS, "# [keys]", f"# {_EXAMPLE_KEYS}", ""]
    return "\n".join(parts)


def rows() -> list[tuple[str, str, str]]:
    """Name, default and meaning of every setting, as the README tells them; "" is no default."""
    return [
        (
            _shown_name(setting),
            "" if setting.default in (None, ()) else toml(setting.default),
            f"{setting.why}: {setting.form.words}" if setting.form.choices else setting.why,
        )
        for setting in (*SETTINGS, *PERIOD, *RULE, *PRICE)
    ]


def _shown_name(setting: Setting) -> str:
    if setting in SETTINGS:
        return setting.name
    return f"[[{setting.section}]] {setting.key}"


def markdown_table() -> str:
    """The README's table of settings."""
    lines = ["| setting | default | what |", "|---|---|---|"]
    lines += [
        f"| `{name}` | {f'`{default}`' if default else ''} | {why} |"
        for name, default, why in rows()
    ]
    lines.append("| `[keys]` | | other keys for an action: its id = keys, comma-separated |")
    return "\n".join(lines)


def _lines(setting: Setting) -> str:
    value = setting.default if setting.default not in (None, ()) else setting.example
    choices = f" ({setting.form.words})" if setting.form.choices else ""
    words = wrap(f"{setting.why}{choices}", 96, initial_indent="#   ", subsequent_indent="#   ")
    return "\n".join([*words, f"# {setting.key} = {toml(value)}"])
