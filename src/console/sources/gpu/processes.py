"""The processes on a card, from NVML, and whose they are, from /proc."""

import os
from collections.abc import Collection, Iterable

from console.core.gpu import Instance, Process
from console.core.text import one_line
from console.sources.gpu.asking import Asker
from console.sources.gpu.proc import PROC, text_of

FIRST_NAMESPACE = "pid:[4026531836]"
"""The host's PID namespace, by the inode that the kernel gives it."""

ELSEWHERE = "in another PID namespace"
ENDED = "ended or hidden"
LONGEST = 240
_NO_INSTANCE = 0xFFFFFFFF


class People:
    """Looks processes up, each once while it lives.

    The driver tells the host's pids. In a container they name other processes, or none: there
    nothing is looked up.
    """

    def __init__(self, proc: str = PROC) -> None:
        self._proc = proc
        self._known: dict[int, tuple[str, Process]] = {}
        try:
            self._on_host = os.readlink(f"{proc}/self/ns/pid") == FIRST_NAMESPACE
        except OSError:
            self._on_host = False

    def named(self, found: Iterable[Process]) -> tuple[Process, ...]:
        """The processes with what /proc tells of them, the largest first."""
        named = [self._named(process) for process in found]
        self._known = {p.pid: self._known[p.pid] for p in named if p.pid in self._known}
        return tuple(sorted(named, key=lambda p: (-(p.memory_b or 0), p.pid)))

    def _named(self, process: Process) -> Process:
        if not self._on_host:
            return process._replace(hidden=ELSEWHERE)
        folder = f"{self._proc}/{process.pid}"
        try:
            began = text_of(f"{folder}/stat").rpartition(")")[2].split()[19]
            known = self._known.get(process.pid)
            if known is not None and known[0] == began:
                who = known[1]
            else:
                who = self._looked_up(folder, process.pid)
                self._known[process.pid] = began, who
        except (OSError, IndexError):
            return process._replace(hidden=ENDED)
        return process._replace(user=who.user, command=who.command, container_pid=who.container_pid)

    def _looked_up(self, folder: str, pid: int) -> Process:
        words = text_of(f"{folder}/cmdline", 8 * LONGEST).split("\0")
        command = " ".join(filter(None, words))
        if not command:
            command = text_of(f"{folder}/comm").strip()
        return Process(
            pid=pid,
            user=_user(os.stat(folder).st_uid),
            command=one_line(command)[:LONGEST],
            container_pid=_innermost(folder, pid),
        )


class Tenants:
    """The processes on one card, with their share of its multiprocessors."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self._people = People()
        self._seen_us = 0
        self._shares: dict[int, float] = {}

    def read(self) -> tuple[Process, ...] | None:
        """Who is there now; None where the card does not tell."""
        found: dict[int, Process] = {}
        known = False
        for kind in ("compute", "graphics"):
            function = f"nvmlDeviceGet{kind.title()}RunningProcesses"
            listed = self._asker.ask("processes", function)
            known = known or listed is not None
            for each in listed or ():
                before = found.get(each.pid)
                found[each.pid] = Process(
                    pid=each.pid,
                    kind=f"{before.kind}+{kind}" if before else kind,
                    memory_b=_more(each.usedGpuMemory, before.memory_b if before else None),
                    gpu_instance=_id(each.gpuInstanceId),
                    compute_instance=_id(each.computeInstanceId),
                )
        if not known:
            return None
        self._asker.missing.pop("processes", None)
        self._read_shares(found)
        return self._people.named(
            process._replace(sm_pct=self._shares.get(pid)) for pid, process in found.items()
        )

    def read_instances(self, instances: Iterable[tuple[Instance, Asker]]) -> tuple[Process, ...]:
        """Who is there now in MIG instances, each asked by itself, which needs no privilege.

        The card then tells no shares. One that is in several instances is there several times.
        """
        return self._people.named(
            Process(
                pid=each.pid,
                memory_b=each.usedGpuMemory,
                gpu_instance=instance.gpu_instance,
                compute_instance=instance.compute_instance,
            )
            for instance, asker in instances
            for each in asker.ask("processes", "nvmlDeviceGetComputeRunningProcesses") or ()
        )

    def _read_shares(self, pids: Collection[int]) -> None:
        """The shares in the samples since the last look."""
        self._shares = {pid: share for pid, share in self._shares.items() if pid in pids}
        if not pids:
            return
        samples = self._asker.ask_since("nvmlDeviceGetProcessUtilization", self._seen_us)
        for sample in sorted(samples, key=lambda each: each.timeStamp):
            self._seen_us = max(self._seen_us, int(sample.timeStamp))
            if sample.smUtil <= 100:  # more is a driver's slip
                self._shares[int(sample.pid)] = float(sample.smUtil)


def _more(one: int | None, other: int | None) -> int | None:
    """The larger of what two lists say of one process."""
    return max(filter(None, (one, other)), default=None)


def _id(instance: int) -> int | None:
    """The id of a MIG instance; None for what is in none."""
    return None if instance == _NO_INSTANCE else int(instance)


def _innermost(folder: str, pid: int) -> int | None:
    """The pid in the process's own namespace, where it is another."""
    for line in text_of(f"{folder}/status").splitlines():
        if line.startswith("NSpid:"):
            inner = int(line.split()[-1])
            return inner if inner != pid else None
    return None


def _user(uid: int) -> str:
    try:
        import pwd

        return one_line(pwd.getpwuid(uid).pw_name)
    except (ImportError, KeyError):
        return str(uid)
