"""A decision as plain values, for a ledger row and for `--json`."""

import json
from collections.abc import Mapping
from typing import Any

from console.core.routing.decision import Decision
from console.core.tier import Tier


def as_mapping(decision: Decision) -> dict[str, Any]:
    """Everything a decision says; of what was found in a text only its kind."""
    score = decision.score
    return {
        "tier": decision.tier,
        "model": decision.model,
        "allowed": sorted(decision.allowed),
        "policy": decision.policy,
        "reason": decision.reason,
        "reasons": list(decision.reasons),
        "steps": [
            {
                "step": step.name,
                "words": step.words,
                "allowed": sorted(step.allowed),
                "chose": step.chose,
            }
            for step in decision.steps
        ],
        "fallback": decision.fallback,
        "pin": decision.pin,
        "score": score
        and {
            "value": score.value,
            "source": score.source,
            "parts": [{"seen": part.seen, "value": part.value} for part in score.told()],
        },
        "threshold": decision.threshold,
        "counterfactual": decision.counterfactual,
    }


def told(decision: Decision) -> list[tuple[str, str]]:
    """A decision in names and words: its steps, its score's parts, and what would change it."""
    return _told(as_mapping(decision))


def told_of_row(kept: str | None) -> list[tuple[str, str]]:
    """The same of what a ledger row has kept; nothing where it kept none."""
    try:
        values = json.loads(kept or "{}")
        return _told(values)
    except (ValueError, TypeError, KeyError, AttributeError):
        return []


def _told(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    lines = []
    before = sorted(Tier)
    for step in values.get("steps", ()):
        chose = f"{step['chose']}: " if step["chose"] else ""
        narrowed = "" if step["allowed"] == before else f" (leaves {_left(step['allowed'])})"
        before = step["allowed"]
        lines.append((step["step"], f"{chose}{step['words']}{narrowed}"))
    if score := values.get("score"):
        parts = " ".join(f"{part['value']:+.2f} {part['seen']}," for part in score["parts"])
        lines.append(("score", f"{score['value']:+.2f} = {parts.rstrip(',')}"))
    if values.get("counterfactual"):
        lines.append(("what if", values["counterfactual"]))
    if values.get("fallback"):
        lines.append(("fallback", f"{values['fallback']} may step in"))
    return lines


def _left(allowed: list[str]) -> str:
    return " or ".join(allowed) or "nothing"


def as_json(decision: Decision) -> str:
    """The steps, score and counterfactual of a decision on one line, for its ledger row."""
    kept = as_mapping(decision)
    if kept["score"]:
        # Quoted words are the prompt's own, and prompts are not kept.
        parts = [part for part in kept["score"]["parts"] if "“" not in part["seen"]]
        kept["score"]["parts"] = parts
    names = ("steps", "score", "threshold", "counterfactual", "fallback", "pin")
    return json.dumps(
        {name: kept[name] for name in names if kept[name]},
        separators=(",", ":"),
        ensure_ascii=False,
    )
