import math

import pytest

from console.core.whatif.limits import (
    Hardware,
    erlang_servers,
    peak_hour,
    wait_probability,
    warnings,
)


def erlang_c(servers, load):
    top = load**servers / math.factorial(servers) * servers / (servers - load)
    return top / (sum(load**k / math.factorial(k) for k in range(servers)) + top)


@pytest.mark.parametrize(("servers", "load"), [(1, 0.5), (3, 2.5), (12, 11.9), (40, 21.0)])
def test_wait_is_the_textbook_formula(servers, load):
    found = wait_probability(servers, load / 6, 6.0, 1.0)
    expected = erlang_c(servers, load) * math.exp(-(servers - load) / 6)
    assert found == pytest.approx(expected)


def test_an_overloaded_queue_waits_for_ever_and_an_idle_one_never():
    assert wait_probability(2, 1, 3, 100) == 1
    assert wait_probability(2, 0, 3, 0) == 0


@pytest.mark.parametrize("rps", [0.01, 0.5, 3.5, 17])
@pytest.mark.parametrize("prob", [0.001, 0.05, 1])
def test_the_fewest_servers_are_the_fewest(rps, prob):
    found = erlang_servers(rps, 6, 1, prob)
    assert wait_probability(found, rps, 6, 1) <= prob
    assert found == 1 or found - 1 <= rps * 6 or wait_probability(found - 1, rps, 6, 1) > prob


def test_impossible_queues():
    assert erlang_servers(0, 6, 1, 0.01) == 1
    for bad in ((-1, 6, 1, 0.1), (1, 0, 1, 0.1), (1, 6, -1, 0.1), (1, 6, 1, 0), (1e9, 1e6, 1, 0.1)):
        with pytest.raises(ValueError):
            erlang_servers(*bad)


RTX_3090_PAIR = Hardware(
    name="2× RTX 3090",
    peak_tflops=142,
    bandwidth_gb_s=1872,
    vram_gb=48,
    active_parameters=70.6e9,
    weight_bytes=40e9,
    kv_bytes_per_token=0.5e9,
)


def test_the_articles_throughput_is_beyond_its_cards():
    [said] = warnings(RTX_3090_PAIR, input_tok_s=1000, output_tok_s=600)
    assert said == "this throughput needs 226 TFLOP/s, 159% of the peak of 2× RTX 3090"


def test_bandwidth_memory_and_silence():
    said = warnings(
        RTX_3090_PAIR, input_tok_s=1, output_tok_s=1, single_stream_tok_s=60, concurrency=17,
        tokens_per_sequence=1,
    )  # fmt: skip
    assert [text.split(" ", 2)[:2] for text in said] == [["one", "stream"], ["2×", "RTX"]]
    assert "16 sequences, not 17" in said[1]
    fine = warnings(
        RTX_3090_PAIR, input_tok_s=1, output_tok_s=1, single_stream_tok_s=40, concurrency=16,
        tokens_per_sequence=1,
    )  # fmt: skip
    assert fine == []
    assert warnings(Hardware(name="unknown"), input_tok_s=1e9, output_tok_s=1e9) == []
    [big] = warnings(
        Hardware(name="a card", vram_gb=24, weight_bytes=40e9), input_tok_s=1, output_tok_s=1
    )
    assert big == "the weights take 40 GB, more than the 24 GB of a card"


def test_the_peak_hour_by_slots_and_by_throughput_alone():
    alone = peak_hour(rps=1, replicas=1, replica_rps=5, slots=1, service_s=None, wait_s=1)
    assert alone.waiting == pytest.approx(wait_probability(1, 1, 0.2, 1)) and alone.slots == 1
    batched = peak_hour(rps=1, replicas=2, replica_rps=5, slots=16, service_s=None, wait_s=1)
    assert (batched.slots, batched.service_s) == (32, 3.2) and batched.waiting < 1e-9
    typed = peak_hour(rps=1, replicas=1, replica_rps=5, slots=4, service_s=6, wait_s=0)
    assert typed.waiting == 1
    huge = peak_hour(rps=1, replicas=5000, replica_rps=5, slots=16, service_s=6, wait_s=0)
    assert huge.waiting is None
