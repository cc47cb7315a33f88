"""Groups of verbs, listed in their own order, some with one of them meant when none is named."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class Verbs(click.Group):
    """A group of verbs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs in the order in which they were added."""
        return list(self.commands)


class Waiting(Verbs):
    """A group whose verbs are imported when they are asked for.

    `modules` names the module of each, in which it has its own name.
    """

    def __init__(self, *arguments: Any, modules: Mapping[str, str], **values: Any) -> None:  # noqa: ANN401 click's
        super().__init__(*arguments, **values)
        self._modules = modules

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs in the order in which they were named."""
        return list(self._modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A verb by its name."""
        if cmd_name in self._modules and cmd_name not in self.commands:
            module = import_module(self._modules[cmd_name])
            self.add_command(getattr(module, cmd_name), cmd_name)
        return super().get_command(ctx, cmd_name)


class Defaulting(Verbs):
    """A group that is one of its verbs, options and help too, where none is named."""

    default = "show"

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments, `show` put before them where none is named."""
        if not args or args[0] not in self.commands:
            args = [self.default, *args]
        return super().parse_args(ctx, args)
