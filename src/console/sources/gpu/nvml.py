"""NVML through pynvml: all cards, read once; when to read is the child's affair."""

from typing import Any

from console.core.gpu import Card, Snapshot
from console.core.text import one_line

# Return codes of nvml.h.
NOT_SUPPORTED, NO_PERMISSION, DRIVER_NOT_LOADED, LIBRARY_NOT_FOUND = 3, 4, 9, 12
FUNCTION_NOT_FOUND, VERSION_MISMATCH, ARGUMENT_VERSION_MISMATCH = 13, 18, 25

TROUBLES = {
    LIBRARY_NOT_FOUND: "No NVIDIA GPU found: if this box has one, install the NVIDIA driver.",
    DRIVER_NOT_LOADED: "The NVIDIA driver is not loaded: run `sudo modprobe nvidia`, or reboot.",
    VERSION_MISMATCH: (
        "The NVIDIA driver was upgraded while its old version was loaded: reboot, "
        "or unload and load the nvidia modules."
    ),
    NO_PERMISSION: (
        "No permission to use the NVIDIA driver: give this user access to /dev/nvidia*, "
        "or the container its GPUs."
    ),
}
NO_CARDS = "No NVIDIA GPU found: the driver is loaded but sees no card; look at `lspci`."
NO_BINDING = "The Python package nvidia-ml-py is missing or broken: install llmconsole again."

FAULTS = {8: "lacks a power cable", 11: "interrupts blocked", 15: "lost", 16: "needs a reset"}
"""Codes that put the card out of reach, not one value: nothing more is asked of it."""
ABSENT = {NOT_SUPPORTED, FUNCTION_NOT_FOUND, ARGUMENT_VERSION_MISMATCH}
"""Codes that say no more than that a card does not have one value."""
UNNAMED = "unknown card"


class Refusal(Exception):
    """An NVML call answered with an error."""

    def __init__(self, code: int | None, words: str) -> None:
        super().__init__(words)
        self.code = code
        self.words = words

    @property
    def fault(self) -> str:
        """In words for a card's `fault`."""
        if self.code == NO_PERMISSION:
            return "no permission"
        return FAULTS.get(self.code or 0) or f"does not answer ({self.words})"

    @property
    def trouble(self) -> str:
        """In a sentence for a snapshot's `trouble`."""
        return TROUBLES.get(self.code or 0) or (
            f"The NVIDIA driver answers with an error ({self.words}): "
            "look at `nvidia-smi` and `dmesg`."
        )


class Nvml:
    """The driver, held open from the first good `read` until the process ends.

    Once a read came back with `trouble` it is time for a new process: the library stays loaded
    in this one, and only a new one is sure to see a new driver.
    """

    def __init__(self) -> None:
        self._api: Any = None
        self._driver: str | None = None
        self._cuda: str | None = None
        self._handles: list[object] = []
        self._names: dict[int, tuple[str, str]] = {}

    def read(self, at_ms: int) -> Snapshot:
        """All cards now, or a snapshot whose `trouble` says why there are none."""
        if not self._handles:
            trouble = self._open()
            if trouble:
                return Snapshot(at_ms=at_ms, trouble=trouble)
        if self._driver is None or self._cuda is None:
            self._read_versions()
        cards = tuple(self._card(index, handle) for index, handle in enumerate(self._handles))
        return Snapshot(at_ms=at_ms, cards=cards, driver=self._driver, cuda=self._cuda)

    def _open(self) -> str | None:
        """Open the driver and find the cards; the trouble in a sentence if that fails."""
        try:
            import pynvml
        except ImportError:
            return NO_BINDING
        self._api = pynvml
        try:
            self._call("nvmlInit")
            count = self._call("nvmlDeviceGetCount")
        except Refusal as refusal:
            return refusal.trouble
        for index in range(count):
            # A lost card has no handle: the refusal keeps its place and tells its fault.
            try:
                self._handles.append(self._call("nvmlDeviceGetHandleByIndex", index))
            except Refusal as refusal:
                self._handles.append(refusal)
        return None if count else NO_CARDS

    def _read_versions(self) -> None:
        try:
            self._driver = one_line(self._call("nvmlSystemGetDriverVersion"))
            cuda = self._call("nvmlSystemGetCudaDriverVersion")
            self._cuda = f"{cuda // 1000}.{cuda % 1000 // 10}"
        except Refusal:
            return  # asked again at the next read

    def _card(self, index: int, handle: object) -> Card:
        try:
            if isinstance(handle, Refusal):
                raise handle
            values = self._values(handle)
            if index not in self._names:
                self._read_name(index, handle)
        except Refusal as refusal:
            uuid, name = self._names.get(index, ("", UNNAMED))
            return Card(index=index, uuid=uuid, name=name, fault=refusal.fault)
        uuid, name = self._names.get(index, ("", UNNAMED))
        return Card(index=index, uuid=uuid, name=name, **values)

    def _values(self, handle: object) -> dict[str, Any]:
        """A card's gauges; raises Refusal when the card, not one value, is out of reach."""
        refusals: list[Refusal] = []

        def ask(function: str, *arguments: object) -> Any:  # noqa: ANN401 the binding is untyped
            try:
                return self._call(function, handle, *arguments)
            except Refusal as refusal:
                if refusal.code in FAULTS:
                    raise
                refusals.append(refusal)
                return None

        # Energy and power first: they are the values that must belong to the snapshot's time.
        energy = ask("nvmlDeviceGetTotalEnergyConsumption")
        power = ask("nvmlDeviceGetPowerUsage")
        util = ask("nvmlDeviceGetUtilizationRates")
        limit = ask("nvmlDeviceGetEnforcedPowerLimit")
        memory = ask("nvmlDeviceGetMemoryInfo", self._api.nvmlMemory_v2)
        if memory is None:
            memory = ask("nvmlDeviceGetMemoryInfo")
        sensor = self._api.NVML_TEMPERATURE_GPU
        temperature = ask("nvmlDeviceGetTemperatureV", sensor)
        if temperature is None:
            temperature = ask("nvmlDeviceGetTemperature", sensor)
        if all(value is None for value in (energy, power, util, limit, memory, temperature)):
            for refusal in refusals:
                if refusal.code not in ABSENT:
                    raise refusal
        return {
            "util_pct": None if util is None else util.gpu,
            "memory_util_pct": None if util is None else util.memory,
            "power_w": None if power is None else power / 1000,
            "power_limit_w": None if limit is None else limit / 1000,
            "memory_used_b": None if memory is None else memory.used,
            "memory_total_b": None if memory is None else memory.total,
            "temperature_c": temperature,
            "energy_j": None if energy is None else energy / 1000,
        }

    def _read_name(self, index: int, handle: object) -> None:
        try:
            uuid = one_line(self._call("nvmlDeviceGetUUID", handle))
            self._names[index] = uuid, one_line(self._call("nvmlDeviceGetName", handle))
        except Refusal as refusal:
            if refusal.code in FAULTS:
                raise

    def _call(self, function: str, *arguments: object) -> Any:  # noqa: ANN401 the binding is untyped
        try:
            return getattr(self._api, function)(*arguments)
        except self._api.NVMLError as error:
            raise Refusal(error.value, one_line(str(error))) from None
        except UnicodeDecodeError:
            raise Refusal(None, "text that is not UTF-8") from None
