"""What a console stands on: the operator's own world, or the demo's stand-ins."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import console
from console.core.settings import Settings
from console.sources.host import SystemClock
from console.sources.places import Places

if TYPE_CHECKING:
    from console.sources.gpu.early import EarlyReader

DEMO_TRACE = Path(console.__file__).parent / "sources" / "demo" / "trace.jsonl.gz"
"""The recorded GPUs that the demo plays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Settings, files and environment, and which GPUs; `demo` where all of it is a stand-in.

    A trace is played `gpu_speed` times as fast as it was recorded. What is `lasting` has
    a screen: it samples all the time, and keeps the GPUs' history and the day's energy for the
    next run. `early` reads the GPUs already.
    """

    settings: Settings
    places: Places
    environment: Mapping[str, str]
    demo: bool = False
    gpu_trace: Path | None = None
    gpu_speed: float = 1.0
    lasting: bool = False
    early: "EarlyReader | None" = None
    clock: SystemClock = field(default_factory=SystemClock)

    @property
    def keeps_gpus(self) -> bool:
        """Whether the GPUs' past is kept: what a trace says is no history of this box."""
        return self.lasting and self.gpu_trace is None


@contextmanager
def open_world(own: World) -> Iterator[World]:
    """The operator's own world, or for a demo one of stand-ins in its place."""
    if not own.demo:
        yield own
        return
    from tempfile import TemporaryDirectory

    from console.sources.demo.servers import open_stand_ins

    with ExitStack() as stack:
        stand_ins = stack.enter_context(open_stand_ins(own.clock.now_ms()))
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="llmconsole-demo-")))
        yield replace(
            own,
            settings=replace(stand_ins.settings(own.settings), chat_store=False),
            places=own.places._replace(ledger=folder / "ledger.db", state=folder / "state.json"),
            environment={**_editors(own.environment), **stand_ins.environment},
            gpu_trace=own.gpu_trace or DEMO_TRACE,
        )


def _editors(environment: Mapping[str, str]) -> dict[str, str]:
    """What names the operator's editor: the one thing of theirs that a demo uses."""
    return {name: environment[name] for name in ("VISUAL", "EDITOR") if name in environment}
