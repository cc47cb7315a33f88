"""Load tests of both tools become the rig's saturated throughput; other files are refused."""

import math

import pytest

from console.core.whatif.benchmark import benchmark_of

AIPERF = {
    "request_throughput": {"unit": "requests/sec", "avg": 3.37},
    "input_sequence_length": {"unit": "tokens", "avg": 1000.0},
    "output_sequence_length": {"unit": "tokens", "avg": 300.0},
    "output_token_throughput": {"unit": "tokens/sec", "avg": 1011.0},
}


def guidellm(*rates):
    def of(value):
        return {"successful": {"mean": value}}

    return {
        "benchmarks": [
            {"metrics": {"requests_per_second": of(rate), "prompt_token_count": of(256),
                         "output_token_count": of(128)}}
            for rate in rates
        ]
    }  # fmt: skip


def test_aiperf_and_the_fastest_run_of_a_guidellm_sweep():
    one = benchmark_of(AIPERF)
    assert (one.tool, one.requests_per_s, one.input_tokens) == ("AIPerf", 3.37, 1000)
    swept = benchmark_of(guidellm(0.4, 9.7, 6.0))
    assert (swept.requests_per_s, swept.output_tokens) == (9.7, 128)
    assert "saturated: GuideLLM, 9.7 requests a second" in swept.words


def test_requests_of_another_size_are_called_out():
    one = benchmark_of(AIPERF)
    assert one.caveat(1000, 310) == ""
    assert "1,300 tokens, yours 130" in one.caveat(100, 30)


@pytest.mark.parametrize(
    "document",
    [None, [], {}, {"benchmarks": []}, {"benchmarks": [3, {"metrics": 4}]}, {**AIPERF,
     "request_throughput": {"avg": "fast"}}, {**AIPERF, "request_throughput": {"avg": 0}},
     {**AIPERF, "request_throughput": {"avg": math.nan}}, {"request_throughput": None}],
)  # fmt: skip
def test_other_files_are_refused_in_a_sentence(document):
    with pytest.raises(ValueError, match=r"neither AIPerf|has no requests|requests_per_s must be"):
        benchmark_of(document)
