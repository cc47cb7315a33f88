"""The console as a Textual application: screens, themes, the guard, and how it ends."""

import asyncio
import gc
import logging
import signal
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import ClassVar

from rich.console import RenderableType
from rich.text import Text
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Event, Key, Paste, Resize
from textual.filter import LineFilter
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.worker import Worker, WorkerError, WorkerState

from console.core.text import one_line, printable
from console.services.console import Console
from console.ui import colours, theme
from console.ui.curtain import Curtain
from console.ui.driver import TerminalDriver, has_shell
from console.ui.guard import Guard, Styled
from console.ui.key_names import shown
from console.ui.keymap import remap
from console.ui.opening.terminal import Opening
from console.ui.palette import commands
from console.ui.pastes import read_pastes_whole
from console.ui.picture import tightened
from console.ui.screens.main import MainScreen
from console.ui.terminal import measure_the_terminal, read_alt_keys
from console.ui.type_ahead import TypeAhead

_ENDING = (signal.SIGTERM, signal.SIGHUP)
"""Signals that end the console as its quit key does."""


_SETTLED_S = 3.0
"""When what the start needs has been imported and built."""


class ConsoleApp(App[None], inherit_bindings=False):
    """The console over its services; it ends with the exit code that `run` returns.

    `sampled` says that the sampler runs already, and is ended by who started it.
    """

    CSS_PATH = "console.tcss"
    TITLE = "llmconsole"
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "ctrl+p"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", "Quit", show=False, priority=True, id="leave"),
        Binding("ctrl+l", "redraw", "Redraw", show=False, priority=True, id="redraw"),
        Binding("ctrl+c", "help_quit", show=False, system=True),
    ]

    def __init__(
        self,
        console: Console,
        theme_folders: Sequence[Path] = (),
        *,
        sampled: bool = False,
        opening: Opening | None = None,
    ) -> None:
        super().__init__()
        self._curtain = Curtain(opening)
        self._sampled = sampled
        self.animation_level = "none"
        self.services = console
        self.whole = asyncio.Event()
        self._guard = Guard()
        self._picture = self._curtain.picture
        self._typed = TypeAhead(self)
        self._own_keymap, self._complaints = remap(console.settings.keys)
        self._themes, troubles = colours.load([colours.shipped(), *theme_folders])
        self._complaints += troubles
        for known in self._themes:
            self.register_theme(theme.worn(known))
        # Before the style sheets are read, which would be read again for another theme.
        self.set_reactive(App.theme, self._chosen_theme())
        self.set_class(self.current_theme.dark, "-dark-mode")
        self.set_class(not self.current_theme.dark, "-light-mode")
        self.stylesheet.set_variables(self.get_css_variables())

    def get_default_screen(self) -> Screen[None]:
        """The four panes."""
        return MainScreen(self.services, self._own_keymap, self.whole)

    def get_driver_class(self) -> type[Driver]:
        """Our own driver, where Textual would take the one it is made of."""
        usual = super().get_driver_class()
        return TerminalDriver if usual is LinuxDriver else usual

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Whatever Textual filters, and the guard last."""
        first = [Styled()] if self.no_color else []
        return [*first, *super().get_line_filters(), self._guard]

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        if not self._curtain.down:
            super()._display(screen, tightened(renderable, self._picture))

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Show a toast; what is in it is never markup, and every character of it is visible."""
        del markup
        super().notify(
            printable(message),
            title=one_line(title),
            severity=severity,
            timeout=timeout,
            markup=False,
        )

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Colours for when the theme is not one of ours."""
        return theme.variables(colours.FALLBACK)

    def on_mount(self) -> None:
        """Listen for signals; the services start when the first frame has been drawn."""
        self.set_keymap(self._own_keymap)
        loop = asyncio.get_running_loop()
        for number in _ENDING:
            with suppress(NotImplementedError, RuntimeError, ValueError):
                loop.add_signal_handler(number, partial(self._end_by_signal, number))
        self.app_resume_signal.subscribe(self, lambda _: self._picture.forget())
        self.call_after_refresh(self._start)

    async def on_event(self, event: Event) -> None:
        """Keys come in their order; while the operator types, the GPUs are not let rest."""
        if not isinstance(event, Key | Paste) or event.is_forwarded:
            await super().on_event(event)
            return
        self.services.sampler.touch()
        if self._typed.admits(event):
            self._lift()
            as_text = self._typed.is_text(event)
            await super().on_event(event)
            self._typed.sent(as_text=as_text)

    def on_resize(self, event: Resize) -> None:
        """What a terminal keeps of its cells when its size changes is not known."""
        if not self._curtain.fits(event.size):
            self._picture.forget()
        # A screen that is told of two sizes at once, and is left with its own, draws nothing.
        self.screen.refresh()

    def _start(self) -> None:
        # What the start brings stays: to look through it would hold a key for 0.1 s each time.
        gc.freeze()
        gc.enable()
        self.set_timer(_SETTLED_S, gc.freeze)
        self._typed.begin()
        services = self.services
        if not self._sampled:
            self.run_worker(services.sampler.run(), name="sampler", exit_on_error=False)
        self.run_worker(self._ask_for_health(), name="health", exit_on_error=False)
        for complaint in self._complaints:
            self.notify(complaint, severity="warning", timeout=10, markup=False)

    def _lift(self) -> None:
        """From now on the terminal shows what Textual draws; what differs is sent."""
        if self._curtain.lift():
            self.screen.refresh()

    async def _ask_for_health(self) -> None:
        # Its client is imported for it, which would keep the first frame waiting.
        await self.whole.wait()
        self._lift()
        await self.services.health.run()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A part that fails says so; the rest goes on."""
        if event.state is WorkerState.ERROR:
            reason = one_line(str(event.worker.error)) or type(event.worker.error).__name__
            self.notify(
                f"{event.worker.name or 'a task'} stopped: {reason}.",
                severity="error",
                markup=False,
            )

    def _chosen_theme(self) -> str:
        """The theme last chosen by key, unless the configuration has named another since."""
        known = [each.name for each in self._themes]
        configured = self.services.settings.theme
        chosen = colours.chosen(self.services.state.get("theme"), configured, known)
        if chosen is None:
            self._complaints.append(
                f"theme {one_line(configured)} does not exist; there are {', '.join(known)}."
            )
        return chosen or known[0]

    def action_theme(self) -> None:
        """Change to the next theme and remember it."""
        known = [each.name for each in self._themes]
        place = known.index(self.theme) if self.theme in known else -1
        self.put_on(known[(place + 1) % len(known)])

    def put_on(self, name: str) -> None:
        """Change to a theme and remember it."""
        self.theme = name
        services = self.services
        services.state.put("theme", [name, services.settings.theme])
        self.clear_notifications()
        self.notify(f"theme {name}", timeout=2, markup=False)

    def action_redraw(self) -> None:
        """Draw everything anew, whatever others have written on the terminal."""
        if isinstance(self._driver, TerminalDriver):
            self._driver.take_back()
        self._picture.forget()
        self.refresh(layout=True)

    def action_suspend_process(self) -> None:
        """Give the terminal back to the shell until it wakes the console."""
        if has_shell():
            super().action_suspend_process()
        else:
            self.notify("No shell waits behind the console that could wake it again.")

    def action_help_quit(self) -> None:
        """Say how to leave; ctrl+c is pressed too easily to end everything."""
        keys = self._own_keymap.get("quit", "q"), self._own_keymap.get("leave", "ctrl+q")
        self.notify(
            f"{shown(keys[0])} quits; {shown(keys[1])} does so from a text field too.",
            markup=False,
        )

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What the palette offers on the four panes; nothing where a window is open."""
        if isinstance(screen, MainScreen):
            yield from commands(screen, self._own_keymap, self.run_action)
            for known in self._themes:
                dress = partial(self.put_on, known.name)
                yield SystemCommand(f"Theme {known.name}", "Change the colours", dress)

    def _end_by_signal(self, number: signal.Signals) -> None:
        self.exit(return_code=128 + number)

    def _fatal_error(self) -> None:
        """End after a defect of our own: a sentence for the operator, the rest for the log."""
        error = self._exception
        logging.getLogger("console").error("the console failed", exc_info=error)
        self.panic(Text(f"llmconsole failed: {one_line(repr(error))}. The log has the details."))

    async def settle(self) -> None:
        """Wait until what was cancelled at the end has closed what it held."""
        for worker in list(self.workers):
            with suppress(WorkerError):
                await worker.wait()


async def run(
    console: Console,
    theme_folders: Sequence[Path] = (),
    *,
    sampled: bool = False,
    opening: Opening | None = None,
) -> int:
    """Show the console until the operator or a signal ends it; returns the exit code."""
    TerminalDriver.taken = None if opening is None else opening.taken
    measure_the_terminal()
    read_alt_keys()
    read_pastes_whole()
    app = ConsoleApp(console, theme_folders, sampled=sampled, opening=opening)
    await app.run_async(mouse=console.settings.mouse)
    await app.settle()
    return app.return_code or 0
