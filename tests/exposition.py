"""A strict parser of Prometheus' text exposition, by its published grammar."""

import re
from dataclasses import dataclass, field

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r"[a-zA-Z_][a-zA-Z0-9_]*"
_HELP = re.compile(rf"# HELP ({NAME}) (.*)")
_TYPE = re.compile(rf"# TYPE ({NAME}) (counter|gauge|histogram|summary|untyped)")
_SAMPLE = re.compile(rf"({NAME})(?:\{{(.*)\}})? (\S+)")
_PAIR = re.compile(rf'({LABEL})="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(?:,|$)')
_ESCAPES = {r"\\": "\\", r"\"": '"', r"\n": "\n"}


@dataclass
class Family:
    kind: str | None = None
    help: str | None = None
    samples: list[tuple[dict[str, str], float]] = field(default_factory=list)


def parse(text):
    """The families by name; raises ValueError at the first line that is not as it must be."""
    if text and not text.endswith("\n"):
        raise ValueError("the last line has no end")
    families: dict[str, Family] = {}
    open_family = None
    seen = set()
    for line in text.splitlines():
        if line.startswith("#"):
            found = _HELP.fullmatch(line) or _TYPE.fullmatch(line)
            if found is None:
                raise ValueError(f"a comment of no kind: {line}")
            name, what = found.groups()
            if name != open_family and name in families:
                raise ValueError(f"{name} is not in one group")
            open_family = name
            family = families.setdefault(name, Family())
            if family.samples:
                raise ValueError(f"{line} after a sample")
            attribute = "help" if line.startswith("# HELP") else "kind"
            if getattr(family, attribute) is not None:
                raise ValueError(f"{line} twice")
            setattr(family, attribute, what)
            continue
        found = _SAMPLE.fullmatch(line)
        if found is None:
            raise ValueError(f"no sample: {line}")
        name, labels, value = found.groups()
        if name != open_family:
            raise ValueError(f"{name} stands outside its group")
        pairs = _labels(labels or "")
        key = name, tuple(sorted(pairs.items()))
        if key in seen:
            raise ValueError(f"twice: {line}")
        seen.add(key)
        families[name].samples.append((pairs, float(value)))
    return families


def _labels(text):
    pairs, at = {}, 0
    while at < len(text):
        found = _PAIR.match(text, at)
        if found is None:
            raise ValueError(f"no label: {text[at:]}")
        name, value = found.groups()
        if name in pairs:
            raise ValueError(f"label {name} twice")
        pairs[name] = re.sub(r"\\.", lambda match: _ESCAPES[match[0]], value)
        at = found.end()
    if text.endswith(","):
        raise ValueError("a comma without a label")
    return pairs
