"""Groups of verbs, listed in their own order, some with one of them meant when none is named."""

import click


class Verbs(click.Group):
    """A group of verbs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs in the order in which they were added."""
        return list(self.commands)


class Defaulting(Verbs):
    """A group that is one of its verbs, options and help too, where none is named."""

    default = "show"

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments, `show` put before them where none is named."""
        if not args or args[0] not in self.commands:
            args = [self.default, *args]
        return super().parse_args(ctx, args)
