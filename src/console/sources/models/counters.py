"""The counters that a model server keeps of its own work, as its `/metrics` tells them."""

import re
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from console.core.chat import ModelFailure
from console.core.reconcile import Reading
from console.core.settings import TierSettings
from console.core.text import one_line
from console.sources.models import addresses
from console.sources.models.keys import KeyGetter
from console.sources.models.trust import certificates

_SAMPLE = re.compile(r"([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+([^\s#]+)")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
_LARGEST = 4 * 2**20


class NoCounters(Exception):
    """The server tells no counters; the text is a sentence."""


class _Sample(NamedTuple):
    name: str
    labels: Mapping[str, str]
    value: float


async def read_counters(
    settings: TierSettings, key: KeyGetter, now_ms: int, *, proxies: bool
) -> tuple[Reading, ...]:
    """One reading per model; `proxies` lets those of the environment carry the question.

    Raises NoCounters with a sentence.
    """
    import httpx

    url = addresses.normal(settings.base_url)
    where = addresses.shown(url)
    try:
        token = key()
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with httpx.AsyncClient(
            timeout=settings.connect_timeout_s,
            follow_redirects=False,
            trust_env=proxies and not addresses.is_loopback(url),
            verify=certificates(url),
        ) as http:
            answer = await http.get(f"{addresses.root(url)}/metrics", headers=headers)
    except (ModelFailure, httpx.HTTPError, OSError, ValueError) as error:
        what = one_line(str(error)) or type(error).__name__
        raise NoCounters(f"The counters of {where} cannot be read: {what}.") from None
    if not answer.is_success:
        hint = {
            501: "; llama.cpp tells them when it is started with --metrics",
            401: "; it wants a key",
            404: "; llama.cpp and vLLM have them",
        }.get(answer.status_code, "")
        raise NoCounters(f"{where} tells no counters: {answer.status_code} at /metrics{hint}.")
    samples = list(_samples(answer.text[:_LARGEST]))
    readings = [
        *_llama_cpp(samples, where, now_ms, answer.headers.get("process-start-time-unix"), url),
        *_vllm(samples, where, now_ms),
    ]
    if not readings:
        raise NoCounters(f"{where} tells no counters of tokens that are known (llama.cpp, vLLM).")
    return tuple(readings)


def _samples(text: str) -> Iterator[_Sample]:
    """The samples of Prometheus' text format; lines that are none are passed over."""
    for line in text.splitlines():
        found = _SAMPLE.match(line)
        if found is None:
            continue
        try:
            value = float(found[3])
        except ValueError:
            continue
        labels = dict(_LABEL.findall(found[2] or ""))
        yield _Sample(found[1], labels, value)


def _llama_cpp(
    samples: list[_Sample], where: str, now_ms: int, process: str | None, url: str
) -> Iterator[Reading]:
    """llama.cpp counts what it computed and what it took from its cache, of all models."""
    named = {
        sample.name.removeprefix("llamacpp:"): int(sample.value)
        for sample in samples
        if sample.name.startswith("llamacpp:") and sample.value >= 0
    }
    if "prompt_tokens_total" not in named or "tokens_predicted_total" not in named:
        return
    counts = {
        "uncached_tokens": named["prompt_tokens_total"],
        "output_tokens": named["tokens_predicted_total"],
    }
    if (cached := named.get("prompt_tokens_cached_total")) is not None:
        counts["cache_read_tokens"] = cached
        counts["prompt_tokens"] = counts["uncached_tokens"] + cached
    yield Reading(
        at_ms=now_ms,
        server=where,
        kind="llama.cpp",
        model="",
        process=process,
        began_ms=_began_here(process, now_ms) if addresses.is_loopback(url) else None,
        counts=counts,
    )


def _began_here(process: str | None, now_ms: int) -> int | None:
    """When a process of this machine began, from its mark: microseconds since the machine's start.

    The mark's name says Unix time, which it is not; one that does not fit tells nothing.
    """
    if process is None or not process.isdecimal():
        return None
    age_s = time.clock_gettime(time.CLOCK_MONOTONIC) - int(process) / 1e6
    return now_ms - round(age_s * 1000) if age_s >= 0 else None


def _vllm(samples: list[_Sample], where: str, now_ms: int) -> Iterator[Reading]:
    """Counts by model, summed over engines; prompt tokens include those of the prefix cache."""
    names = {
        "vllm:prompt_tokens_total": "prompt_tokens",
        "vllm:generation_tokens_total": "output_tokens",
        "vllm:prompt_tokens_cached_total": "cache_read_tokens",
    }
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    began: dict[str, float] = {}
    process = next((s.value for s in samples if s.name == "process_start_time_seconds"), None)
    for sample in samples:
        model = one_line(sample.labels.get("model_name", ""))
        if (name := names.get(sample.name)) is not None:
            counts[model][name] = counts[model].get(name, 0) + int(sample.value)
        elif sample.name == "vllm:generation_tokens_created":
            began[model] = sample.value
    for model, counted in counts.items():
        if not {"prompt_tokens", "output_tokens"} <= counted.keys():
            continue
        at = began.get(model, process)
        yield Reading(
            at_ms=now_ms,
            server=where,
            kind="vllm",
            model=model,
            process=None if at is None else f"{at:.3f}",
            began_ms=None if at is None else round(at * 1000),
            counts=counted,
        )
