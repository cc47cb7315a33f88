"""A decision as the conversation shows it when the operator asks why."""

from console.core.routing.article import WORTH
from console.core.routing.decision import Decision
from console.core.routing.report import told
from console.core.text import one_line
from console.ui.draw.message import Block

_LABEL = 12


def decision_blocks(decision: Decision) -> list[Block]:
    """Where a request goes, every step of why, and what its policy is worth."""
    tier, style = (str(decision.tier),) * 2 if decision.tier else ("nowhere", "bad")
    said = [Block(((tier, style), (f" · {one_line(decision.reason)}", "")), gap=True)]
    rows = told(decision)
    if decision.policy == "article":
        rows.append(("article", WORTH))
    steps = [Block(((name.ljust(_LABEL), "accent"), (one_line(how), ""))) for name, how in rows]
    return said + steps
