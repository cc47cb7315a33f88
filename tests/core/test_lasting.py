"""Libraries that come while a screen is shown do not make it stand still."""

import gc

import pytest

from console.core.lasting import loading


@pytest.fixture
def collections():
    """The collections that are made meanwhile, by generation."""
    seen = []

    def note(phase, about):
        if phase == "start":
            seen.append(about["generation"])

    gc.callbacks.append(note)
    yield seen
    gc.callbacks.remove(note)


def test_nothing_is_looked_through_while_objects_come_nor_afterwards(collections):
    with loading():
        kept = [[] for _ in range(200_000)]
    assert collections == []
    assert gc.get_freeze_count() >= len(kept) and gc.isenabled()


def test_what_was_not_collected_before_is_not_after_a_failure_either():
    gc.disable()
    try:
        with pytest.raises(ImportError), loading():
            raise ImportError
        assert not gc.isenabled()
    finally:
        gc.enable()
