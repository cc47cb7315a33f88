"""The driver through pynvml: opened once, called with its errors as words."""

from threading import Lock
from typing import Any, NamedTuple

from console.core.text import one_line
from console.sources.gpu.deferred import find_library_deferred
from console.sources.gpu.start import DRIVER_GONE

# Return codes of nvml.h.
UNINITIALIZED, NOT_SUPPORTED, NO_PERMISSION, NOT_FOUND = 1, 3, 4, 6
DRIVER_NOT_LOADED, TIMEOUT, LIBRARY_NOT_FOUND, FUNCTION_NOT_FOUND = 9, 10, 12, 13
VERSION_MISMATCH, ARGUMENT_VERSION_MISMATCH, UNKNOWN = 18, 25, 999

TROUBLES = {
    LIBRARY_NOT_FOUND: "No NVIDIA GPU found: if this box has one, install the NVIDIA driver.",
    DRIVER_NOT_LOADED: "The NVIDIA driver is not loaded: run `sudo modprobe nvidia`, or reboot.",
    VERSION_MISMATCH: (
        "Driver version mismatch: the NVIDIA driver was upgraded while its old version was "
        "loaded; reboot, or unload and load the nvidia modules."
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
_GONE = {UNINITIALIZED, DRIVER_NOT_LOADED, VERSION_MISMATCH, UNKNOWN}
"""Codes that a driver which was unloaded or replaced gives to every call."""
ABSENT = {NOT_SUPPORTED, FUNCTION_NOT_FOUND, ARGUMENT_VERSION_MISMATCH}
"""Codes that say no more than that a card does not have one value."""


class Refusal(Exception):
    """An NVML call answered with an error."""

    def __init__(self, code: int | None, words: str) -> None:
        super().__init__(words)
        self.code = code
        self.words = words

    @property
    def of_card(self) -> bool:
        """Whether the card, not one value, is out of reach."""
        return self.code in FAULTS

    @property
    def word(self) -> str:
        """Why one value is missing, in words."""
        if self.code in ABSENT:
            return "not supported"
        return "no permission" if self.code == NO_PERMISSION else self.words.lower()

    @property
    def fault(self) -> str:
        """In words for a card's `fault`."""
        if self.code == NO_PERMISSION:
            return "no permission"
        if self.words == DRIVER_GONE:
            return DRIVER_GONE
        return FAULTS.get(self.code or 0) or f"does not answer ({self.words})"

    @property
    def trouble(self) -> str:
        """In a sentence for a snapshot's `trouble`."""
        return TROUBLES.get(self.code or 0) or (
            f"The NVIDIA driver answers with an error ({self.words}): "
            "look at `nvidia-smi` and `dmesg`."
        )


class Xid(NamedTuple):
    """A driver's error event of a card, the how manieth it was, and when it came."""

    code: int
    nth: int
    at_ms: int


class Driver:
    """The driver, held open from `open` until the process ends; threads may call it at once.

    Once it could not be opened, or is gone, it is time for a new process: the library stays
    loaded in this one, and only a new one is sure to see a new driver.
    """

    def __init__(self) -> None:
        self.version: str | None = None
        self.cuda: str | None = None
        self.api: Any = None
        self._events: Any = None
        self._by_handle: dict[int, int] = {}
        self._lock = Lock()

    def open(self) -> str | None:
        """Open the library; the trouble in a sentence if that fails. No card is touched."""
        with find_library_deferred():
            try:
                import pynvml
            except ImportError:
                return NO_BINDING
        self.api = pynvml
        try:
            self.call("nvmlInit")
        except Refusal as refusal:
            return refusal.trouble
        return None

    def count(self) -> int:
        """How many cards there are; raises Refusal."""
        return int(self.call("nvmlDeviceGetCount"))

    def read_versions(self) -> None:
        """Ask for the driver's version and CUDA's, unless they are known."""
        if self.version is not None and self.cuda is not None:
            return
        try:
            self.version = one_line(self.call("nvmlSystemGetDriverVersion"))
            cuda = self.call("nvmlSystemGetCudaDriverVersion")
            self.cuda = f"{cuda // 1000}.{cuda % 1000 // 10}"
        except Refusal:
            return  # asked again at the next read

    def is_gone(self) -> bool:
        """Whether the driver answers nothing any more, not even its version."""
        try:
            self.call("nvmlSystemGetDriverVersion")
        except Refusal as refusal:
            return refusal.code in _GONE
        return False

    def call(self, function: str, *arguments: object) -> Any:  # noqa: ANN401 the binding is untyped
        """What a function of pynvml returns; raises Refusal."""
        try:
            return getattr(self.api, function)(*arguments)
        except self.api.NVMLError as error:
            raise Refusal(error.value, one_line(str(error))) from None
        except UnicodeDecodeError:
            raise Refusal(None, "text that is not UTF-8") from None

    def listen(self, handle: Any, index: int) -> None:  # noqa: ANN401 the binding is untyped
        """Have a card's Xid events told by `next_xid`; raises Refusal."""
        with self._lock:
            if self._events is None:
                self._events = self.call("nvmlEventSetCreate")
        xid = self.api.nvmlEventTypeXidCriticalError
        self.call("nvmlDeviceRegisterEvents", handle, xid, self._events)
        self._by_handle[_address(handle)] = index

    def next_xid(self, wait_s: float) -> tuple[int, int] | None:
        """The card's index and the code of the next Xid event; None when none came.

        Raises Refusal, also while no card is listened to.
        """
        if self._events is None:
            raise Refusal(None, "no card reports events")
        try:
            event = self.call("nvmlEventSetWait_v2", self._events, int(wait_s * 1000))
        except Refusal as refusal:
            if refusal.code == TIMEOUT:
                return None
            raise
        index = self._by_handle.get(_address(event.device))
        return None if index is None else (index, int(event.eventData))


def _address(handle: Any) -> int:  # noqa: ANN401 the binding is untyped
    from ctypes import c_void_p, cast

    return cast(handle, c_void_p).value or 0
