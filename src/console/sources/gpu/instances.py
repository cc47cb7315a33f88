"""The MIG instances of one card."""

from collections.abc import Callable

from console.core.gpu import Instance, Process
from console.core.text import one_line
from console.sources.gpu.asking import Asker
from console.sources.gpu.nvml import ABSENT, NO_PERMISSION, Refusal
from console.sources.gpu.processes import Tenants

_IN_NAME = " MIG "
_LACKS = {*ABSENT, NO_PERMISSION}


class Instances:
    """Lists the instances, and reads what each of them tells: memory and processes.

    They come and go while we look, and the driver gives a handle anew to another one: each look
    lists them by UUID.
    """

    def __init__(self, card: Asker, tenants: Tenants, monotonic: Callable[[], float]) -> None:
        self._card = card
        self._tenants = tenants
        self._monotonic = monotonic
        self._found: dict[str, tuple[Instance, Asker]] = {}
        self._most = 0

    def forget(self) -> None:
        """The card left MIG mode."""
        self._found = {}
        self._most = 0

    def list(self) -> None:
        """See which there are."""
        self._most = self._most or self._card.ask("instances", "nvmlDeviceGetMaxMigDeviceCount")
        found = {}
        for index in range(self._most or 0):
            try:
                each = self._at(index)
            except Refusal as refusal:
                if refusal.of_card:
                    raise
                continue  # fewer than there can be, or one that was destroyed a moment ago
            found[each[0].uuid] = each
        self._found = found

    def read(self) -> tuple[tuple[Instance, ...], tuple[Process, ...] | None]:
        """The instances with their memory, and who is in them; None where none tells."""
        read = []
        for instance, asker in self._found.values():
            asker.begin()
            memory = asker.first(
                "memory",
                ("nvmlDeviceGetMemoryInfo", self._card.driver.api.nvmlMemory_v2),
                ("nvmlDeviceGetMemoryInfo",),
            )
            if any(refusal.code not in _LACKS for refusal in asker.refusals):
                continue  # destroyed since it was listed
            used_b, total_b = (None, None) if memory is None else (memory.used, memory.total)
            read.append((instance._replace(memory_used_b=used_b, memory_total_b=total_b), asker))
        processes: tuple[Process, ...] | None = self._tenants.read_instances(read)
        words = [asker.missing["processes"] for _, asker in read if "processes" in asker.missing]
        if not processes and len(words) == len(read) > 0:
            # Without access to any instance the card may still tell, of all of them.
            processes = self._tenants.read()
        return tuple(instance for instance, _ in read), processes

    def _at(self, index: int) -> tuple[Instance, Asker]:
        """The instance with so many before it; raises Refusal."""
        call = self._card.driver.call
        handle = call("nvmlDeviceGetMigDeviceHandleByIndex", self._card.handle, index)
        uuid = one_line(call("nvmlDeviceGetUUID", handle))
        if uuid in self._found:
            known, asker = self._found[uuid]
            asker.handle = handle
            return known, asker
        asker = Asker(self._card.driver, self._monotonic)
        asker.handle = handle
        instance = Instance(
            uuid=uuid,
            gpu_instance=asker.ask("gpu_instance", "nvmlDeviceGetGpuInstanceId"),
            compute_instance=asker.ask("compute_instance", "nvmlDeviceGetComputeInstanceId"),
            profile=_profile(asker),
        )
        return instance, asker


def _profile(asker: Asker) -> str | None:
    """The name of its size: the end of its own name, else by its slices and memory."""
    name = asker.ask("name", "nvmlDeviceGetName")
    if name is not None and _IN_NAME in name:
        return one_line(name.rpartition(_IN_NAME)[2])
    sizes = asker.ask("profile", "nvmlDeviceGetAttributes_v2")
    if sizes is None:
        return None
    part = sizes.computeInstanceSliceCount
    whole = sizes.gpuInstanceSliceCount
    of = f"{part}c." if part < whole else ""
    return f"{of}{whole}g.{-(-sizes.memorySizeMB // 1024)}gb"
