"""A tier that fails again and again is left alone, longer each time, until a look goes well."""

from console.core.breaker import LONGEST_REST_S, REST_S, TRIPS_AT, Breaker


def tripped(now_s=100.0):
    breaker = Breaker()
    for _ in range(TRIPS_AT):
        breaker.failed("it broke", now_s)
    return breaker


def test_it_opens_after_failures_in_a_row_only():
    breaker = Breaker()
    for _ in range(TRIPS_AT - 1):
        breaker.failed("it broke", 1.0)
    breaker.served()
    breaker.failed("it broke", 1.0)
    assert not breaker.is_open and breaker.words(1.0) is None
    assert tripped().is_open


def test_it_rests_and_is_then_due_for_a_look():
    breaker = tripped(100.0)
    assert not breaker.due(100.0 + REST_S - 1) and breaker.due(100.0 + REST_S)
    assert breaker.words(110.0) == f"{TRIPS_AT} failures in a row, looked at again in 10 s"


def test_looks_that_fail_come_less_often_and_one_that_goes_well_closes_it():
    breaker = tripped(0.0)
    waits = []
    for _ in range(8):
        now_s = breaker.until_s
        breaker.failed("still broken", now_s)
        waits.append(breaker.until_s - now_s)
    assert waits[:3] == [2 * REST_S, 4 * REST_S, 8 * REST_S] and waits[-1] == LONGEST_REST_S
    breaker.served()
    assert not breaker.is_open and breaker.rest_s == REST_S


def test_a_servers_wish_for_a_longer_rest_is_kept_to():
    breaker = Breaker(failures=TRIPS_AT - 1)
    breaker.failed("limited", 0.0, wait_s=90.0)
    assert not breaker.due(89.0) and breaker.due(90.0)
