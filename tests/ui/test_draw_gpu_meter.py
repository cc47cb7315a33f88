"""The power meter's lines in little room."""

import pytest

from console.core.consumption import PerToken
from console.ui.draw.gpu_meter import Local, local_line
from console.ui.draw.line import plain

SURE = PerToken(gross_j=1.2, net_j=0.95, uncertainty=0.03, floor_w=60, requests=4, tokens=900)


def said(width, per_token=SURE, running=1.0):
    local = Local(running=running, per_min=12.0, tokens_per_s=85.0, per_token=per_token)
    return plain(local_line(local, "15 min", width)).strip()


@pytest.mark.parametrize(
    ("width", "words"),
    [
        (
            120,
            "local 1 running here, 12/min · 85 tok/s · 1.20 J/token, 0.95 net of idle ±3 % "
            "in 15 min",
        ),
        (74, "local 1 running, 12/min · 85 tok/s · 1.20 J/token, 0.95 net of idle ±3 %"),
        (66, "local 1 running, 12/min · 85 tok/s · 1.20 J/tok, 0.95 net ±3 %"),
        (56, "local 1 running · 85 tok/s · 1.20 J/tok, 0.95 net ±3 %"),
        (53, "local 1 running, 12/min · 85 tok/s · 1.20 J/tok ±3 %"),
        (48, "local 1 running · 85 tok/s · 1.20 J/tok ±3 %"),
        (30, "local 1 running · 85 tok/s"),
    ],
)
def test_what_matters_least_gives_way_first(width, words):
    assert said(width) == words


def test_what_is_not_known_is_no_zero():
    assert said(56, None) == "local 1 running here, 12/min · 85 tok/s · - J/token"
    assert said(44, None) == "local 1 running · 85 tok/s · - J/token"
    assert said(80, None).endswith("- J/token in 15 min")
    assert "net" not in said(80, SURE._replace(net_j=None))
