"""The operator's settings as their file has them now."""

from collections.abc import Callable

from console.core.settings import Settings

Stamp = Callable[[], object]
"""Something that differs when the file has changed; it must be cheap."""


class LiveSettings:
    """Reads the settings again when their file has changed; wrong ones leave the last in force.

    `trouble` is the sentence that says what is wrong with the file now, None when nothing is.
    """

    def __init__(
        self,
        first: Settings,
        *,
        stamp: Stamp = lambda: None,
        load: Callable[[], Settings] | None = None,
    ) -> None:
        self.trouble: str | None = None
        self._now = first
        self._stamp = stamp
        self._load = load
        self._seen = stamp()
        self._listeners: list[Callable[[Settings], None]] = []

    def subscribe(self, listener: Callable[[Settings], None]) -> Callable[[], None]:
        """Call `listener` with settings that have changed; returns its undo."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def __call__(self) -> Settings:
        """The settings in force, looked up anew where the file has changed."""
        stamp = self._stamp()
        if stamp != self._seen and self._load is not None:
            self._seen = stamp
            try:
                read = self._load()
            except ValueError as error:
                self.trouble = f"{error} What held before still holds."
                return self._now
            self.trouble = None
            if read != self._now:
                self._now = read
                for listener in tuple(self._listeners):
                    listener(read)
        return self._now
