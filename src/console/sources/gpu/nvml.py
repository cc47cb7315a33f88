"""NVML through pynvml: all cards, read once; when to read is the child's affair."""

from typing import Any

from console.core.gpu import Card, Snapshot
from console.core.text import one_line

# NVML return codes, from nvml.h.
NO_PERMISSION, DRIVER_NOT_LOADED, LIBRARY_NOT_FOUND, VERSION_MISMATCH = 4, 9, 12, 18

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

# Codes that mean the card, not the one value, is out of reach: nothing more is asked of it.
FAULTS = {8: "lacks a power cable", 11: "interrupts blocked", 15: "lost", 16: "needs a reset"}
# Codes that say no more than that a card does not have this one value.
ABSENT = {3, 13, 25}
UNNAMED = "unknown card"


class Nvml:
    """The driver, held open from the first good `read` until the process ends.

    Once a read came back with `trouble` the driver is not held, but the library stays loaded:
    only a new process is sure to see a new driver.
    """

    def __init__(self) -> None:
        self._api: Any = None
        self._driver: str | None = None
        self._cuda: str | None = None
        self._handles: list[Any] = []
        self._names: dict[int, tuple[str, str]] = {}

    def read(self, at_ms: int) -> Snapshot:
        """All cards now, or a snapshot whose `trouble` says why there are none."""
        if self._api is None:
            trouble = self._open()
            if trouble:
                return Snapshot(at_ms=at_ms, trouble=trouble)
        if self._driver is None or self._cuda is None:
            self._read_versions()
        cards = tuple(self._card(index, handle) for index, handle in enumerate(self._handles))
        return Snapshot(at_ms=at_ms, cards=cards, driver=self._driver, cuda=self._cuda)

    def _open(self) -> str | None:
        try:
            import pynvml
        except ImportError:
            return NO_BINDING
        try:
            pynvml.nvmlInit()
        except pynvml.NVMLError as error:
            return _trouble(error)
        try:
            count = pynvml.nvmlDeviceGetCount()
        except pynvml.NVMLError as error:
            pynvml.nvmlShutdown()
            return _trouble(error)
        if not count:
            pynvml.nvmlShutdown()
            return NO_CARDS
        self._api = pynvml
        for index in range(count):
            # A card that is lost has no handle; its error is kept and told in its place.
            try:
                self._handles.append(pynvml.nvmlDeviceGetHandleByIndex(index))
            except pynvml.NVMLError as error:
                self._handles.append(error)
        return None

    def _read_versions(self) -> None:
        try:
            self._driver = one_line(self._api.nvmlSystemGetDriverVersion())
            cuda = self._api.nvmlSystemGetCudaDriverVersion()
            self._cuda = f"{cuda // 1000}.{cuda % 1000 // 10}"
        except (self._api.NVMLError, UnicodeDecodeError):
            return

    def _card(self, index: int, handle: Any) -> Card:
        if isinstance(handle, self._api.NVMLError):
            return self._faulty(index, handle)
        api = self._api
        failures: list[Any] = []

        def ask(function: str, *arguments: Any) -> Any:
            try:
                return getattr(api, function)(handle, *arguments)
            except api.NVMLError as error:
                if error.value in FAULTS:
                    raise
                failures.append(error)
                return None

        try:
            # Power and energy first: they are the values that must belong to the snapshot's time.
            energy = ask("nvmlDeviceGetTotalEnergyConsumption")
            power = ask("nvmlDeviceGetPowerUsage")
            util = ask("nvmlDeviceGetUtilizationRates")
            limit = ask("nvmlDeviceGetEnforcedPowerLimit")
            memory = ask("nvmlDeviceGetMemoryInfo", api.nvmlMemory_v2)
            if memory is None:
                memory = ask("nvmlDeviceGetMemoryInfo")
            temperature = ask("nvmlDeviceGetTemperatureV", api.NVML_TEMPERATURE_GPU)
            if temperature is None:
                temperature = ask("nvmlDeviceGetTemperature", api.NVML_TEMPERATURE_GPU)
            if index not in self._names:
                self._read_name(index, handle)
        except api.NVMLError as error:
            return self._faulty(index, error)
        if all(value is None for value in (energy, power, util, limit, memory, temperature)):
            said = [error for error in failures if error.value not in ABSENT]
            if said:
                return self._faulty(index, said[-1])
        uuid, name = self._names.get(index, ("", UNNAMED))
        return Card(
            index=index,
            uuid=uuid,
            name=name,
            util_pct=None if util is None else util.gpu,
            memory_util_pct=None if util is None else util.memory,
            power_w=_thousandth(power),
            power_limit_w=_thousandth(limit),
            memory_used_b=None if memory is None else memory.used,
            memory_total_b=None if memory is None else memory.total,
            temperature_c=temperature,
            energy_j=_thousandth(energy),
        )

    def _read_name(self, index: int, handle: Any) -> None:
        try:
            uuid = one_line(self._api.nvmlDeviceGetUUID(handle))
            self._names[index] = uuid, one_line(self._api.nvmlDeviceGetName(handle))
        except UnicodeDecodeError:
            return
        except self._api.NVMLError as error:
            if error.value in FAULTS:
                raise

    def _faulty(self, index: int, error: Any) -> Card:
        uuid, name = self._names.get(index, ("", UNNAMED))
        if error.value == NO_PERMISSION:
            fault = "no permission"
        else:
            fault = FAULTS.get(error.value) or f"does not answer ({one_line(str(error))})"
        return Card(index=index, uuid=uuid, name=name, fault=fault)


def _thousandth(value: int | None) -> float | None:
    return None if value is None else value / 1000


def _trouble(error: Any) -> str:
    said = one_line(str(error))
    return TROUBLES.get(
        error.value,
        f"The NVIDIA driver answers with an error ({said}): look at `nvidia-smi` and `dmesg`.",
    )
