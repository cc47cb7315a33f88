"""How hard a card's parts work (GPM), on Hopper and later, while somebody looks."""

from typing import Any

from console.sources.gpu.asking import Asker
from console.sources.gpu.nvml import Refusal

METRICS = {2: "sm_active_pct", 5: "tensor_pct", 10: "dram_pct"}
"""The field of Card by the id of the metric: SMs, any tensor core, bandwidth of the memory."""


class Profile:
    """Shares between two looks at one card.

    To sample may cost the card power, so that it is done only while `wanted`.
    """

    def __init__(self, asker: Asker) -> None:
        self.wanted = False
        self._asker = asker
        self._samples: list[Any] = []
        self._has_first = False
        self._supported: bool | None = None

    def read(self) -> dict[str, float | None]:
        """The shares since the last look, by field; unknown at the first, and when not wanted."""
        shares: dict[str, float | None] = dict.fromkeys(METRICS.values())
        if not self.wanted or not self._is_supported():
            self._has_first = False
            return shares
        call = self._asker.driver.call
        try:
            if not self._samples:
                self._samples = [call("nvmlGpmSampleAlloc") for _ in range(2)]
            older, newer = self._samples
            call("nvmlGpmSampleGet", self._asker.handle, newer)
            if self._has_first:
                shares |= self._between(older, newer)
        except Refusal as refusal:
            if refusal.of_card:
                raise
            self._has_first = False
            return shares
        self._samples.reverse()
        self._has_first = True
        return shares

    def _is_supported(self) -> bool:
        if self._supported is None:
            answer = self._asker.ask(tuple(METRICS.values()), "nvmlGpmQueryDeviceSupport")
            self._supported = bool(answer is not None and answer.isSupportedDevice)
            if not self._supported:
                self._asker.missing |= dict.fromkeys(METRICS.values(), "not supported")
        return self._supported

    def _between(self, older: object, newer: object) -> dict[str, float]:
        driver = self._asker.driver
        asked = driver.api.c_nvmlGpmMetricsGet_t()
        asked.version = driver.api.NVML_GPM_METRICS_GET_VERSION
        asked.numMetrics, asked.sample1, asked.sample2 = len(METRICS), older, newer
        for place, metric in enumerate(METRICS):
            asked.metrics[place].metricId = metric
        driver.call("nvmlGpmMetricsGet", asked)
        answers = [asked.metrics[place] for place in range(len(METRICS))]
        return {
            METRICS[each.metricId]: round(each.value, 1) for each in answers if each.nvmlReturn == 0
        }
