"""A decision as plain values, for a ledger row and for `--json`."""

import json
from typing import Any

from console.core.routing.decision import Decision


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
            "parts": [{"seen": part.seen, "value": part.value} for part in score.parts],
        },
        "threshold": decision.threshold,
        "counterfactual": decision.counterfactual,
    }


def as_json(decision: Decision) -> str:
    """The steps, score and counterfactual of a decision on one line, for its ledger row."""
    kept = as_mapping(decision)
    names = ("steps", "score", "threshold", "counterfactual", "fallback", "pin")
    return json.dumps(
        {name: kept[name] for name in names if kept[name]},
        separators=(",", ":"),
        ensure_ascii=False,
    )
