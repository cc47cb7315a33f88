"""One card read in groups: the fast values at every turn, others less often, fixed ones once."""

from collections.abc import Callable
from typing import Any

from console.core.gpu import PERIOD_S, Card, Group
from console.core.text import one_line
from console.sources.gpu import bus, fields, health, memory, values
from console.sources.gpu.asking import ASK_AGAIN_S, Asker
from console.sources.gpu.fields import Field
from console.sources.gpu.instances import Instances
from console.sources.gpu.nvml import ABSENT, UNKNOWN, Driver, Refusal, Xid
from console.sources.gpu.processes import Tenants
from console.sources.gpu.profiling import Profile
from console.sources.gpu.start import DRIVER_GONE

UNNAMED = "unknown card"
_AMPERE = 7
_AVERAGE, _INSTANT = "1 s average", "instant"
_AVERAGE_LAG_S = 0.5
Seconds = Callable[[], float]


class CardReader:
    """Reads one card, in the one thread that may be stuck in its calls.

    `slot` is its place on the bus where it is known; `monotonic` and `wall` tell the time.
    """

    def __init__(
        self,
        driver: Driver,
        index: int,
        slot: bus.Slot | None,
        *,
        monotonic: Seconds,
        wall: Seconds,
        sysfs: str = bus.SYSFS,
    ) -> None:
        self.index = index
        self._driver = driver
        self._slot = slot
        self._sysfs = sysfs
        self._monotonic = monotonic
        self._wall = wall
        self._asker = Asker(driver, monotonic)
        self._values: dict[str, Any] = {}
        self._read_ms: dict[str, int] = {}
        self._due: dict[Group, float] = {}
        self._fixed_due = 0.0
        self._held = fields.Held()
        self._traffic = fields.Traffic()
        self._tenants = Tenants(self._asker)
        self._instances = Instances(self._asker, self._tenants, monotonic)
        self.profile = Profile(self._asker)
        self._xid: Xid | None = None
        self._refusals: list[Refusal] = []

    def read(self) -> Card:
        """The card now; one that is out of reach has a fault and no values."""
        try:
            if self._asker.handle is None:
                if self._slot is not None and bus.is_asleep(self._slot.pci, self._sysfs):
                    return self._without_values(bus.ASLEEP)
                self._open()
            self._read_groups()
        except Refusal as refusal:
            return self._without_values(refusal.fault)
        told = dict(self._values)
        return Card(
            index=self.index,
            uuid=told.pop("uuid", ""),
            name=told.pop("name", UNNAMED),
            held_s=dict(self._held.seconds),
            read_ms=dict(self._read_ms),
            missing=dict(self._asker.missing),
            **self._events(),
            **told,
        )

    def read_meter(self) -> tuple[int, float | None] | None:
        """The energy counter in millijoules and the watts of this instant; None without a counter.

        Raises Refusal when the card is out of reach, or was never opened.
        """
        if self._asker.handle is None:
            raise Refusal(None, "the card is not open")
        self._asker.begin()
        found = self._asker.fields((fields.ENERGY, fields.POWER_INSTANT), fields.NAMES)
        energy = found.get(fields.ENERGY)
        if energy is None:
            energy = self._asker.ask("energy_j", "nvmlDeviceGetTotalEnergyConsumption")
        watts = found.get(fields.POWER_INSTANT)
        return None if energy is None else (energy, None if watts is None else watts / 1000)

    def read_power(self) -> tuple[float, float] | None:
        """The watts of this moment, and the seconds by which they lag; None where it tells none.

        Raises Refusal as `read_meter` does.
        """
        if self._asker.handle is None:
            raise Refusal(None, "the card is not open")
        self._asker.begin()
        instant = self._asker.fields((fields.POWER_INSTANT,), fields.NAMES)
        if instant:
            return instant[fields.POWER_INSTANT] / 1000, 0.0
        milliwatts = self._asker.ask("power_w", "nvmlDeviceGetPowerUsage")
        lag_s = _AVERAGE_LAG_S if self._values.get("power_kind") == _AVERAGE else 0.0
        return None if milliwatts is None else (milliwatts / 1000, lag_s)

    def uuid(self) -> str:
        """The card's UUID, once it told it."""
        return str(self._values.get("uuid", ""))

    def struck(self, code: int) -> None:
        """An Xid event came."""
        nth = 1 if self._xid is None else self._xid.nth + 1
        self._xid = Xid(code, nth, self._now_ms())

    def _without_values(self, fault: str) -> Card:
        pci = self._values.get("pci") or (self._slot.pci if self._slot else None)
        return Card(
            index=self.index,
            uuid=self.uuid(),
            name=self._values.get("name", UNNAMED),
            pci=pci,
            fault=fault,
            **self._events(),
        )

    def _events(self) -> dict[str, Any]:
        xid = self._xid
        return {} if xid is None else {"xid": xid.code, "xid_ms": xid.at_ms, "xids": xid.nth}

    def _open(self) -> None:
        # From here on the driver holds the card awake.
        handle = self._driver.call("nvmlDeviceGetHandleByIndex", self.index)
        try:
            self._driver.listen(handle, self.index)
        except Refusal as refusal:
            if refusal.of_card:
                raise
            self._asker.missing["xid"] = refusal.word
        self._asker.handle = handle

    def _read_groups(self) -> None:
        now = self._monotonic()
        self._asker.begin()
        if not self._read_fast():
            # What is not asked again yet was refused before.
            self._refusals = self._asker.refusals or self._refusals
            for refusal in self._refusals:
                if refusal.code == UNKNOWN and self._driver.is_gone():
                    raise Refusal(refusal.code, DRIVER_GONE)
                if refusal.code not in ABSENT:
                    raise refusal
        self._values |= self.profile.read()
        self._read_ms[Group.FAST] = self._now_ms()
        if now >= self._fixed_due:
            self._read_fixed()
            told = {"uuid", "name"} <= self._values.keys()
            self._fixed_due = now + ASK_AGAIN_S if told else 0.0
        if self._is_due(Group.SLOW, now):
            self._values |= values.read(self._asker, values.SLOW)
            self._values |= health.read(self._asker)
            for name, coder in (("encoder_pct", "Encoder"), ("decoder_pct", "Decoder")):
                pair = self._asker.ask(name, f"nvmlDeviceGet{coder}Utilization")
                self._values[name] = None if pair is None else float(pair[0])
            self._read_mig()
            self._read_ms[Group.SLOW] = self._now_ms()
        if self._is_due(Group.PROCESSES, now):
            self._read_tenants()
            self._read_ms[Group.PROCESSES] = self._now_ms()
        instances = self.profile.read_instances(self._values.get("instances") or ())
        if instances:
            self._values["instances"] = instances

    def _read_mig(self) -> None:
        """The mode, which can change while we look, and which instances there are."""
        modes = self._asker.ask("mig", "nvmlDeviceGetMigMode")
        before = self._values.get("mig")
        on, pending = (None, None) if modes is None else (bool(modes[0]), bool(modes[1]))
        self._values |= {"mig": on, "mig_pending": pending}
        if before is not None and on is not None and on != before:
            # In MIG mode a card tells other values than without; the processes moved.
            self._asker.forgive()
            self._due.pop(Group.PROCESSES, None)
        if on:
            self._instances.list()
        else:
            self._instances.forget()

    def _read_tenants(self) -> None:
        if self._values.get("mig"):
            instances, processes = self._instances.read()
            self._values |= {"instances": instances, "processes": processes}
        else:
            self._values |= {"instances": None, "processes": self._tenants.read()}

    def _is_due(self, group: Group, now: float) -> bool:
        # A twentieth early, or a turn that comes a moment too soon would skip one.
        if now < self._due.get(group, 0.0) - 0.05 * PERIOD_S[group]:
            return False
        self._due[group] = now + PERIOD_S[group]
        return True

    def _read_fast(self) -> bool:
        """The values of every turn; whether any is known."""
        ask, api = self._asker, self._driver.api
        # Energy and power first: they are the values that must belong to the snapshot's time.
        at = self._monotonic()
        found = ask.fields(fields.FIELDS, fields.NAMES)
        energy = found.get(fields.ENERGY)
        if energy is None:
            energy = ask.ask("energy_j", "nvmlDeviceGetTotalEnergyConsumption")
        power = self._power(found)
        util = ask.ask(("util_pct", "memory_util_pct"), "nvmlDeviceGetUtilizationRates")
        celsius = ask.first(
            "temperature_c",
            ("nvmlDeviceGetTemperatureV", api.NVML_TEMPERATURE_GPU),
            ("nvmlDeviceGetTemperature", api.NVML_TEMPERATURE_GPU),
        )
        clock = ask.ask("clock_sm_mhz", "nvmlDeviceGetClockInfo", values.SM)
        # Without counters of its own the card says what holds its clocks back now.
        if not self._held.count(found):
            bits = ask.ask("held_s", "nvmlDeviceGetCurrentClocksEventReasons")
            if bits is not None:
                self._held.sample(at, bits)
        hot = found.get(fields.MEMORY_TEMPERATURE)
        told: dict[str, Any] = {
            "energy_j": None if energy is None else energy / 1000,
            **power,
            "util_pct": None if util is None else float(util.gpu),
            "memory_util_pct": None if util is None else float(util.memory),
            **memory.read(ask, self._values.get("name", "")),
            "temperature_c": None if celsius is None else float(celsius),
            "memory_temperature_c": None if hot is None else float(hot),
            "clock_sm_mhz": None if clock is None else float(clock),
            **self._traffic.take(at, found, self._values.get("pcie_gen_max")),
        }
        self._values |= told
        return bool(found) or any(value is not None for value in told.values())

    def _power(self, found: dict[Field, int]) -> dict[str, Any]:
        average, instant = found.get(fields.POWER_AVERAGE), found.get(fields.POWER_INSTANT)
        drawn, kind = (instant, _INSTANT) if average is None else (average, _AVERAGE)
        if drawn is None:
            drawn = self._asker.ask("power_w", "nvmlDeviceGetPowerUsage")
            kind = self._usage_kind() if drawn is not None else ""
        else:
            self._asker.missing.pop("power_w", None)
        return {
            "power_w": None if drawn is None else drawn / 1000,
            "power_kind": kind or None,
            "power_instant_w": None if instant is None else instant / 1000,
        }

    def _usage_kind(self) -> str:
        """What nvmlDeviceGetPowerUsage tells, which depends on the chip."""
        architecture = self._asker.ask((), "nvmlDeviceGetArchitecture")
        ga100 = any(chip in self._values.get("name", "") for chip in ("A100", "A800", "A30"))
        modern = architecture is not None and architecture >= _AMPERE and not ga100
        return _AVERAGE if modern else _INSTANT

    def _read_fixed(self) -> None:
        for name, function in (("uuid", "nvmlDeviceGetUUID"), ("name", "nvmlDeviceGetName")):
            if name not in self._values:
                text = self._asker.ask(name, function)
                if text is not None:
                    self._values[name] = one_line(text)
        if "pci" not in self._values:
            info = self._asker.ask("pci", "nvmlDeviceGetPciInfo")
            if info is not None:
                self._values["pci"] = one_line(info.busId).lower().removeprefix("0000")
        self._values |= values.read(self._asker, values.FIXED)
        limits = self._asker.ask(
            "power_limit_max_w", "nvmlDeviceGetPowerManagementLimitConstraints"
        )
        persistence = self._asker.ask("persistence", "nvmlDeviceGetPersistenceMode")
        self._values |= {
            "power_limit_max_w": None if limits is None else limits[1] / 1000,
            "persistence": None if persistence is None else bool(persistence),
        }

    def _now_ms(self) -> int:
        return int(self._wall() * 1000)
