"""The `edge` command. Each subcommand is a module in `edge/commands/`, imported when it is called: starting is fast."""

from __future__ import annotations

from importlib import import_module

import click

from edge import __version__
from edge.runtimes.runtime import GuestMissingError

COMMANDS = {
    "serve": "Run the proxy in front of an origin, with your functions in the path.",
    "invoke": "Run one function on one event and print the result.",
    "check": "List everything that would fail at deploy time or at run time.",
    "explain": "Say why a URL is answered as it is.",
    "diff": "Say what a change of configuration does to traffic.",
    "init": "Write an edge.toml, a sample test and the line to run.",
    "invalidate": "Remove objects from the cache of a running proxy.",
    "bench": "Measure what functions add to a request, and work out what they cost.",
    "lambda": "See where Lambda@Edge functions can run here; set up virtual machines.",
    "sign": "Make a signed URL or signed cookies, for testing.",
}

_MODULES = {"lambda": "lambda_environments"}
"""Modules that cannot have the name of their command, because Python has the word."""


class _Commands(click.Group):
    def invoke(self, ctx: click.Context) -> object:
        """Run a command; an engine that was not built is said in words."""
        try:
            return super().invoke(ctx)
        except GuestMissingError as missing:
            raise click.ClickException(str(missing)) from None

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"edge.commands.{_MODULES.get(cmd_name, cmd_name)}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Try: edge serve --origin http://localhost:3000 --viewer-request rewrite.js",
)
@click.version_option(__version__, prog_name="edge")
def main() -> None:
    """A CDN that runs on your laptop and behaves like CloudFront.

    It stands in front of your dev site, runs CloudFront Functions, caches as CloudFront would, and says why.
    """
