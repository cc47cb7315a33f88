"""Groups of verbs, listed in their own order, some with one that is meant when none is named."""

from typing import Any

import click


class Verbs(click.Group):
    """A group of verbs; with a `default` it is that verb, options and help too, unless named."""

    def __init__(self, *args: Any, default: str | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.default = default

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs in the order in which they were added."""
        return list(self.commands)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments, the default verb put before them where none is named."""
        if self.default is not None and (not args or args[0] not in self.commands):
            args = [self.default, *args]
        return super().parse_args(ctx, args)
