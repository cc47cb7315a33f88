"""How hard a card's parts work (GPM), on Hopper and later, while somebody looks."""

from collections.abc import Sequence
from contextlib import suppress
from math import isfinite
from typing import Any

from console.core.gpu import PROFILED, Instance
from console.sources.gpu.asking import Asker
from console.sources.gpu.nvml import Refusal

METRICS = dict(zip((1, 2, 5, 10), PROFILED, strict=True))
"""The field of Card and Instance by the id of the metric: the engine for graphics and compute,
SMs, any tensor core, bandwidth of the memory."""

Shares = dict[str, Any]
"""Percent by field; None where it is not known."""


class Profile:
    """Shares of the time between two looks at one card, and at each of its GPU instances.

    To sample may cost the card power, so that it is done only while `wanted`.
    """

    def __init__(self, asker: Asker) -> None:
        self.wanted = False
        self._asker = asker
        self._looks: dict[int | None, _Looks] = {}
        self._supported: bool | None = None

    def read(self) -> Shares:
        """The card's shares since the last look, by field.

        Unknown at the first, and when not wanted. Raises Refusal when the card is out of reach.
        """
        return self._shares(None, PROFILED, "nvmlGpmSampleGet")

    def read_instances(self, instances: Sequence[Instance]) -> tuple[Instance, ...]:
        """MIG instances with their shares, which those of one GPU instance have in common."""
        ids = {each.gpu_instance for each in instances} - {None}
        for gone in self._looks.keys() - ids - {None}:
            self._looks.pop(gone).free()
        shares = {id: self._shares(id, (), "nvmlGpmMigSampleGet", id) for id in ids}
        unknown: Shares = dict.fromkeys(PROFILED)
        return tuple(each._replace(**shares.get(each.gpu_instance, unknown)) for each in instances)

    def _shares(
        self, whose: int | None, names: tuple[str, ...], function: str, *arguments: object
    ) -> Shares:
        unknown: Shares = dict.fromkeys(PROFILED)
        if not self.wanted or not self._is_supported():
            self._forget()
            return unknown
        looks = self._looks.get(whose)
        try:
            if looks is None:
                looks = self._looks[whose] = _Looks(self._asker)
            if self._asker.ask(names, function, *arguments, looks.next, about=(whose,)) is None:
                looks.begin()
                return unknown
            return unknown | looks.taken()
        except Refusal as refusal:
            if refusal.of_card:
                raise
            if looks is not None:
                looks.begin()
            return unknown

    def _forget(self) -> None:
        while self._looks:
            self._looks.popitem()[1].free()

    def _is_supported(self) -> bool:
        if self._supported is None:
            answer = self._asker.ask(PROFILED, "nvmlGpmQueryDeviceSupport")
            if answer is None:
                return False
            self._supported = bool(answer.isSupportedDevice)
            if not self._supported:
                self._asker.missing |= dict.fromkeys(PROFILED, "not supported")
        return self._supported


class _Looks:
    """Two samples of the driver's, the older of which is overwritten by the next look."""

    def __init__(self, asker: Asker) -> None:
        """Raises Refusal."""
        self._driver = asker.driver
        self._last: Any = self._driver.call("nvmlGpmSampleAlloc")
        self.next: Any = self._driver.call("nvmlGpmSampleAlloc")
        self._has_last = False

    def begin(self) -> None:
        """The next look is the first."""
        self._has_last = False

    def free(self) -> None:
        """Give the samples back."""
        for sample in (self._last, self.next):
            with suppress(Refusal):
                self._driver.call("nvmlGpmSampleFree", sample)

    def taken(self) -> Shares:
        """The shares between the last look and the one in `next`; none at the first."""
        had_last, self._has_last = self._has_last, True
        self._last, self.next = self.next, self._last
        return self._between(self.next, self._last) if had_last else {}

    def _between(self, older: object, newer: object) -> Shares:
        asked = self._driver.api.c_nvmlGpmMetricsGet_t()
        asked.version = self._driver.api.NVML_GPM_METRICS_GET_VERSION
        asked.numMetrics, asked.sample1, asked.sample2 = len(METRICS), older, newer
        for place, metric in enumerate(METRICS):
            asked.metrics[place].metricId = metric
        self._driver.call("nvmlGpmMetricsGet", asked)
        answers = [asked.metrics[place] for place in range(len(METRICS))]
        return {
            METRICS[each.metricId]: round(each.value, 1)
            for each in answers
            if each.nvmlReturn == 0 and isfinite(each.value)
        }
