"""Which failures are waited for, how long, and what they say of a tier."""

import pytest

from console.core.chat import FailureKind, ModelFailure
from console.core.tier import Tier
from console.services.retry import Retries, falls_back, is_ill


def failure(kind=FailureKind.OVERLOADED, wish_s=None):
    return ModelFailure(kind, "It broke.", hint="", retry_after_s=wish_s)


def test_each_wait_is_twice_the_one_before_until_enough_were_made():
    retries = Retries(most=4, within_s=100.0)
    waits = [retries.wait_s(failure(), Tier.API) for _ in range(6)]
    assert waits == [0.5, 1.0, 2.0, 4.0, None, None]
    assert (retries.made, retries.waited_s) == (4, 7.5)


def test_the_waits_together_stay_within_what_the_operator_gives_them():
    retries = Retries(most=9, within_s=30.0)
    assert retries.wait_s(failure(wish_s=20.0), Tier.API) == 20.0
    assert retries.wait_s(failure(wish_s=20.0), Tier.API) is None, "40 s in all"
    assert retries.waited_s == 20.0 and retries.made == 1
    assert retries.wait_s(failure(wish_s=10.0), Tier.API) == 10.0


@pytest.mark.parametrize(
    ("kind", "tier", "waited_for"),
    [
        (FailureKind.RATE_LIMITED, Tier.API, True),
        (FailureKind.SERVER, Tier.LOCAL, True),
        (FailureKind.CUT, Tier.API, True),
        # A network may come back; a server of one's own that does not listen is not started.
        (FailureKind.UNREACHABLE, Tier.API, True),
        (FailureKind.UNREACHABLE, Tier.LOCAL, False),
        (FailureKind.UNAUTHORISED, Tier.API, False),
        (FailureKind.TIMEOUT, Tier.API, False),
        (FailureKind.MALFORMED, Tier.API, False),
        (FailureKind.REFUSED, Tier.API, False),
    ],
)
def test_only_what_passes_by_itself_is_waited_for(kind, tier, waited_for):
    retries = Retries(most=1, within_s=10.0)
    assert (retries.wait_s(failure(kind), tier) is not None) == waited_for
    assert retries.made == waited_for


@pytest.mark.parametrize("kind", FailureKind)
def test_what_was_refused_stays_and_a_wrong_request_is_no_illness(kind):
    assert falls_back(failure(kind)) == (kind is not FailureKind.REFUSED)
    of_the_request = {FailureKind.REFUSED, FailureKind.UNAUTHORISED}
    assert not (is_ill(failure(kind)) and kind in of_the_request)
    if kind in (FailureKind.TIMEOUT, FailureKind.MALFORMED, FailureKind.UNREACHABLE):
        assert is_ill(failure(kind))
