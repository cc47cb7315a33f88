"""Two replies to one prompt beside each other, nothing else on the screen, until a verdict."""

from collections.abc import Mapping, Sequence
from functools import partial

from textual import work
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content
from textual.events import Resize
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from console.core.text import one_line
from console.core.tier import Tier
from console.core.verdict import Judgement
from console.services.compare import Comparer
from console.services.ports import Clock
from console.ui.blind import Blind
from console.ui.draw.compare import SAID, facts_lines, keys_line, prompt_line, tally_line
from console.ui.draw.line import Line
from console.ui.key_names import shown
from console.ui.keys import Context, actions, bindings
from console.ui.widgets.rows import Rows
from console.ui.widgets.transcript import Transcript

REPAINT_S = 0.1
"""Time between two paints of replies that are coming."""

_BESIDE = 90
"""Columns from which the replies stand side by side."""


class CompareScreen(Screen[str | None]):
    """Asks both tiers; tells on leaving which side the conversation goes on with, if any.

    Panes that would tell who is at work are not on this screen.
    """

    BINDINGS = bindings(Context.COMPARE)
    HORIZONTAL_BREAKPOINTS = [(0, "-stacked"), (_BESIDE, "-beside")]  # noqa: RUF012
    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    CompareScreen {
        background: $background;
        color: $foreground;
        & > #head { height: 2; background: $bar; padding: 0 1; }
        & > #sides { height: 1fr; layout: grid; grid-size: 2 1; }
        &.-stacked > #sides { grid-size: 1 2; }
        .side { border: round $faint; border-title-color: $accent; padding: 0 1; }
        .side.-best { border: heavy $good; }
        & > #foot { height: auto; background: $bar; padding: 0 1; }
        #facts { height: auto; display: none; }
        &.-open #facts { display: block; height: 4; }
        #keys { height: 1; }
    }
    """

    def __init__(
        self,
        comparer: Comparer,
        clock: Clock,
        blind: Blind,
        *,
        conversation: str | None = None,
        system: str | None = None,
        system_name: str | None = None,
        models: Mapping[Tier, str] | None = None,
        demo: bool = False,
    ) -> None:
        super().__init__()
        self._comparer = comparer
        self._clock = clock
        self._blind = blind
        self._ask_it = partial(
            comparer.ask,
            blind.pair,
            lambda name, event: blind.sides[name].hear(event),
            conversation=conversation,
            system=system,
            system_name=system_name,
            models=models,
        )
        self._demo = demo
        self._began = clock.monotonic()
        self._asking: Worker[None] | None = None
        self._said: Line | None = None
        self._tally: Line = ()

    def compose(self) -> ComposeResult:
        """The prompt, both replies, and what to press."""
        yield Rows(id="head")
        with Container(id="sides"):
            for name in self._blind.sides:
                with Vertical(id=f"side-{name}", classes="side"):
                    reply = Transcript(id=f"reply-{name}")
                    # Its keys are those of the screen.
                    reply.can_focus = False
                    yield reply
        with Vertical(id="foot"):
            yield Rows(id="facts")
            yield Rows(id="keys")

    def on_mount(self) -> None:
        """Ask both, and paint while something is coming."""
        for name, side in self._blind.sides.items():
            self.query_one(f"#side-{name}").border_title = Content(name)
            self._reply(name).show([side])
        self._asking = self._ask()
        self._painting = self.set_interval(REPAINT_S, self._paint)
        self._paint()

    def on_resize(self, event: Resize) -> None:
        """Draw for the new width."""
        self.call_after_refresh(self._tell)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Both have ended; the last paint shows how."""
        if event.worker is not self._asking:
            return
        event.stop()
        self._said = None
        if event.state in (WorkerState.CANCELLED, WorkerState.ERROR):
            for side in self._blind.sides.values():
                side.ended = True
            if event.state is WorkerState.ERROR:
                self._said = ((f"The console failed: {one_line(repr(event.worker.error))}", "bad"),)
        if self._blind.ended:
            self._painting.pause()
            self._paint()

    def action_judge(self, judgement: str) -> None:
        """Take a verdict; once names are told, choose the side to go on with."""
        blind, said = self._blind, Judgement(judgement)
        if blind.open:
            if (name := said.upper()) in blind.sides and blind.sides[name].chars:
                self.dismiss(name)
        elif not blind.ended:
            self._said = (("Not yet: both replies must be complete.", "warn"),)
            self._tell()
        else:
            blind.judgement, self._said = said, None
            self._keep(said)

    def action_go_on(self) -> None:
        """Go back to the conversation with the better reply."""
        if self._blind.open and self._blind.ended:
            self.dismiss(self._blind.best)

    def action_leave(self) -> None:
        """Stop what is coming; when all has ended, leave without a reply."""
        if self._asking is not None and not self._blind.ended:
            self._asking.cancel()
        else:
            self.dismiss(self._blind.best if self._blind.judgement else None)

    def action_scroll_both(self, rows: int) -> None:
        """Scroll both replies by rows."""
        for name in self._blind.sides:
            self._reply(name).scroll_relative(y=rows, animate=False)

    def action_page_both(self, pages: int) -> None:
        """Scroll both replies by pages."""
        for name in self._blind.sides:
            self._reply(name).page(pages)

    @work(group="compare", exit_on_error=False)
    async def _ask(self) -> None:
        await self._ask_it()

    @work(group="compare-keep", exit_on_error=False)
    async def _keep(self, judgement: Judgement) -> None:
        try:
            await self._comparer.keep(self._blind.pair, self._blind.outcomes, judgement)
            self._tally = tally_line(await self._comparer.verdicts())
        except (OSError, ValueError) as error:
            self._said = ((f"The verdict was not kept: {one_line(str(error))}", "bad"),)
        self._tell()

    def _reply(self, name: str) -> Transcript:
        return self.query_one(f"#reply-{name}", Transcript)

    def _paint(self) -> None:
        """Show what has come since the last time."""
        self._blind.refresh(self._clock.monotonic() - self._began)
        for name, side in self._blind.sides.items():
            self._reply(name).redraw(side)
        self._tell()

    def _tell(self) -> None:
        """The lines above and below the replies."""
        blind, width = self._blind, max(10, self.size.width - 2)
        head = self.query_one("#head", Rows)
        head.show([self._title(), prompt_line(blind.pair.request.task, width)])
        named = blind.open and blind.ended
        self.set_class(named, "-open")
        facts: list[Line] = []
        if named:
            facts = [*facts_lines(blind.entries, blind.best if blind.judgement else None, width)]
            facts.append(self._said or self._tally)
            for name in blind.sides:
                self.query_one(f"#side-{name}").set_class(
                    blind.judgement is not None and name == blind.best, "-best"
                )
        self.query_one("#facts", Rows).show(facts)
        self.query_one("#keys", Rows).show([self._keys_line()])

    def _title(self) -> Line:
        blind = self._blind
        demo = [("DEMO", "mark"), ("  ", "")] if self._demo else []
        if blind.judgement is not None:
            state = f"your verdict: {SAID[blind.judgement]}"
        elif blind.spoilt:
            state = "nothing to judge: a side has no whole reply"
        elif blind.ended:
            state = "which is better? then names are told"
        else:
            state = "blind, both at the slower one's pace"
        return [*demo, ("Compare", "strong"), (f"  {state}", "dim")]

    def _keys_line(self) -> Line:
        if self._said is not None and not self._blind.open:
            return self._said
        return keys_line(self._words())

    def _words(self) -> Sequence[tuple[str, str]]:
        keys = {action.id: shown(action.keys, 1) for action in actions(Context.COMPARE)}
        blind = self._blind
        if blind.open and blind.ended:
            on = f"go on with {blind.best}" if blind.best else "back, neither is kept"
            chosen = [
                (keys[f"compare.{name.lower()}"], f"go on with {name}")
                for name, side in blind.sides.items()
                if side.chars and name != blind.best
            ]
            return [(keys["compare.go_on"], on), *chosen, (keys["compare.down"], "down")]
        verdicts = [
            (keys["compare.a"], "A"),
            (keys["compare.b"], "B"),
            (keys["compare.tie"], "tie"),
            (keys["compare.bad"], "both bad"),
        ]
        if blind.ended:
            return [*verdicts, (keys["compare.leave"], "leave without a verdict")]
        return [*verdicts, (keys["compare.leave"], "stop both")]
