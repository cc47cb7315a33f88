"""Lines of a message: how it was routed, what it took, what is unknown, what failed."""

from dataclasses import replace

import pytest

from console.core.chat import Turn
from console.core.entry import Ending, EnergySource, Entry
from console.core.routing.decide import decide
from console.core.routing.request import Request
from console.core.tier import Tier
from console.core.usage import Usage, UsageSource
from console.services.conversation import Attachment
from console.ui.draw.aim import chips_line, preview_line
from console.ui.draw.line import plain, text_of
from console.ui.draw.message import (
    failure_blocks,
    footer_line,
    header_line,
    task_blocks,
    time_of_day,
    usd,
)

LOCAL = Entry(id="a", started_ms=1_795_000_000_000, zone="UTC", tier=Tier.LOCAL,
              provider="ollama", model="llama3.1:8b", policy="article", reason="routine",
              ended_ms=1_795_000_002_220, ending=Ending.DONE, ttft_ms=220,
              usage=Usage(uncached=820, output=96), usage_source=UsageSource.REPORTED,
              energy_nano=12_340, energy_source=EnergySource.MEASURED)  # fmt: skip
API = replace(LOCAL, tier=Tier.API, model="claude-sonnet-5-5", reason='complex: "analyze"',
              energy_nano=None, energy_source=None, cost_nano=26_700_000)  # fmt: skip


def shown(line):
    return plain(line).replace("\u00a0", " ")


def test_the_header_names_tier_model_and_reason_in_the_tiers_hue():
    assert plain(header_line(LOCAL)) == "local · llama3.1:8b · routine"
    assert plain(header_line(API)) == 'api · claude-sonnet-5-5 · complex: "analyze"'
    assert [style for _, style in header_line(API)] == ["api"]


def test_the_footer_says_what_a_reply_took():
    assert shown(footer_line(LOCAL)) == (
        "820 in · 96 out · first token 0.22 s · 48.0 tok/s · $0.00001 electricity"
    )
    cached = replace(API, usage=Usage(uncached=20, cache_read=800, output=96))
    assert shown(footer_line(cached)) == (
        "820 in (800 cached) · 96 out · first token 0.22 s · 48.0 tok/s · $0.02670"
    )


def test_the_footer_marks_estimates_and_shows_the_unknown_as_a_dash():
    guessed = replace(API, usage_source=UsageSource.ESTIMATED)
    assert shown(footer_line(guessed)).startswith("~820 in · ~96 out · ")
    assert shown(footer_line(guessed)).endswith(" · ~48.0 tok/s · ~$0.02670")
    unknown = replace(API, usage=Usage(), ttft_ms=None, cost_nano=None)
    assert shown(footer_line(unknown)) == "- in · - out · first token - · - tok/s · $ -"
    warm = replace(LOCAL, energy_source=EnergySource.ESTIMATED)
    assert shown(footer_line(warm)).endswith("~$0.00001 electricity")


@pytest.mark.parametrize(
    ("nano", "text"),
    [
        (None, "$ -"),
        (0, "$0.00000"),
        (9_999, "< $0.00001"),
        (10_000, "$0.00001"),
        (1_234_567_890_000, "$1,234.56789"),
    ],
)
def test_dollars_have_five_places_and_are_never_a_false_zero(nano, text):
    assert usd(nano) == text


def test_the_preview_says_where_and_why():
    def aim(**request):
        return plain(preview_line(decide(Request(**request))))

    assert aim(task="hello") == "→ local · routine"
    assert aim(task="Analyze it") == '→ api · complex: "analyze"'
    assert aim(task="x", pinned="by hand") == "→ local · pinned to local"
    assert aim(task="x", forced=Tier.API) == "→ api · by hand"
    assert aim(task="x", pinned="by hand", forced=Tier.API).startswith("refused: ")
    assert aim(task="x", history=(Turn("user", "y" * 4_001),)) == (
        "→ api · complex: context of 4,001 characters, over 4,000"
    )


def test_the_preview_warns_of_known_trouble():
    line = preview_line(decide(Request(task="x")), None, "Ollama does not answer.")
    assert plain(line).endswith("  ! Ollama does not answer.") and line[-1][1] == "warn"


def test_a_task_is_shown_as_it_was_typed_with_its_attachments():
    blocks = task_blocks("one\n\ttwo", [Attachment("a\nb.txt", "x" * 12_345)], "12:05")
    assert text_of(block.line for block in blocks) == (
        "you · 12:05\none\n    two\nwith a b.txt 12,345 characters"
    )


def test_chips_name_what_is_attached():
    assert plain(chips_line([Attachment("a", "xy"), Attachment("b", "")])).startswith(
        "attached  a 2 characters · b 0 characters"
    )


def test_a_failure_is_a_sentence_and_what_to_do():
    whole = failure_blocks("It is [/down].", "Start\x1b it.", partial=True)
    assert text_of(block.line for block in whole) == (
        "The reply breaks off here.\n✗ It is [/down].\n  Start␛ it."
    )


def test_the_time_is_the_operators():
    assert time_of_day(1_795_000_000_000, "UTC") == "11:06"
    assert time_of_day(1_795_000_000_000, "Asia/Kolkata") == "16:36"
