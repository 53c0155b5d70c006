"""Options that several commands share: where the configuration comes from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn

import click

from edge import configuration
from edge.configuration import Configuration, ConfigurationError, Finding
from edge.model.function import JavaScriptRuntime

RUNTIMES = [runtime.value for runtime in JavaScriptRuntime]
_LEVEL_COLORS = {"error": "red", "warning": "yellow", "note": "cyan"}


@dataclass(frozen=True, slots=True)
class Source:
    """Where a distribution comes from. `load` reads it anew each time it is called."""

    config: Path | None = None
    local: Path | None = None
    distribution: str | None = None
    parameters: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    viewer_request: Path | None = None
    viewer_response: Path | None = None
    origin_request: str | None = None
    origin_response: str | None = None
    runtime: str | None = None
    cache_policy: str | None = None
    origin_request_policy: str | None = None
    response_headers_policy: str | None = None
    kvs: tuple[str, ...] = ()
    from_aws: str | None = None

    def load(self) -> Configuration:
        """The configuration as it stands now. Raises ConfigurationError."""
        kvs = {name: Path(file) for name, file in pairs(self.kvs, "--kvs").items()}
        if self.config is not None:
            return configuration.load(
                self.config,
                local_file=self.local,
                distribution=self.distribution,
                parameters=pairs(self.parameters, "--parameter"),
                origins=pairs(self.origins, "--origin"),
                kvs=kvs,
            )
        (origin,) = self.origins
        return configuration.from_flags(
            origin,
            local_file=self.local,
            viewer_request=self.viewer_request,
            viewer_response=self.viewer_response,
            origin_request=self.origin_request,
            origin_response=self.origin_response,
            runtime=JavaScriptRuntime(self.runtime or RUNTIMES[-1]),
            cache_policy=self.cache_policy,
            origin_request_policy=self.origin_request_policy,
            response_headers_policy=self.response_headers_policy,
            kvs=kvs,
        )

    @property
    def forwards_little(self) -> bool:
        """Whether there is one behavior for which nobody has chosen a policy."""
        return not (self.config or self.from_aws or self.cache_policy or self.origin_request_policy)

    def refuse_misfits(self) -> None:
        """Raise UsageError for options that would have no effect: those of a template, and those in place of one."""
        if self.config is not None:
            self._refuse(_WITH_ORIGIN, "goes with --origin URL, not with a CONFIG, which says that itself.")
            return
        self._refuse(_WITH_CONFIG, "goes with a CONFIG.")
        if len(self.origins) != 1:
            raise click.UsageError("Give a CONFIG, or one --origin (for example --origin http://localhost:3000).")
        if _names_an_origin(self.origins[0]):
            raise click.UsageError(
                f"--origin {self.origins[0]}: ID=URL goes with a CONFIG; without one, write the URL."
            )

    def _refuse(self, names: tuple[str, ...], why: str) -> None:
        for name in names:
            if getattr(self, name):
                raise click.UsageError(f"--{name.removesuffix('s').replace('_', '-')} {why}")


_WITH_CONFIG = ("distribution", "parameters")
_WITH_ORIGIN = (
    "viewer_request",
    "viewer_response",
    "origin_request",
    "origin_response",
    "runtime",
    "cache_policy",
    "origin_request_policy",
    "response_headers_policy",
)


def _names_an_origin(text: str) -> bool:
    """ID=URL, and not a URL with `=` somewhere in it."""
    name, equals, _ = text.partition("=")
    return bool(equals) and "://" not in name


_FORMS = {
    "--parameter": "write NAME=VALUE.",
    "--origin": "with a CONFIG this is ID=URL or ID=FOLDER.",
    "--kvs": "write NAME=FILE, the name of a key value store and AWS's import JSON.",
}


def pairs(texts: tuple[str, ...], option: str) -> dict[str, str]:
    """NAME=VALUE texts. Raises UsageError."""
    pairs: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise click.UsageError(f"{option} {text}: {_FORMS[option]}")
        pairs[name] = value
    return pairs


_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_ORIGIN_HELP = (
    "The site behind the CDN: its URL, or a folder, which plays an S3 bucket with index documents. "
    "ID= says which origin of CONFIG it stands for."
)
_RUNTIME_HELP = f"Of the CloudFront Functions given by option.  [default: {RUNTIMES[-1]}]"


FROM_AWS_HELP = "In place of CONFIG: the id of a deployed distribution, fetched with your AWS credentials (extra: aws)."


def source_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The argument CONFIG and the options that make a Source; the command gets it as `source`."""
    return click.argument("config", required=False, type=click.Path(exists=True, path_type=Path))(
        source_options_without_config(command)
    )


def source_options_without_config(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options alone, for a command that finds CONFIG among its own arguments."""
    options = [
        click.option("--origin", "origins", multiple=True, metavar="[ID=]URL|FOLDER", help=_ORIGIN_HELP),
        click.option("--viewer-request", type=_FILE, metavar="FILE", help="A CloudFront Function at viewer request."),
        click.option("--viewer-response", type=_FILE, metavar="FILE", help="A CloudFront Function at viewer response."),
        click.option("--origin-request", metavar="FILE[:HANDLER]", help="A Lambda@Edge function at origin request."),
        click.option("--origin-response", metavar="FILE[:HANDLER]", help="A Lambda@Edge function at origin response."),
        click.option("--runtime", type=click.Choice(RUNTIMES), help=_RUNTIME_HELP),
        click.option("--cache-policy", metavar="NAME_OR_ID", help="An AWS-managed cache policy."),
        click.option("--origin-request-policy", metavar="NAME_OR_ID", help="An AWS-managed origin request policy."),
        click.option("--response-headers-policy", metavar="NAME_OR_ID", help="An AWS-managed response headers policy."),
        click.option(
            "--kvs", multiple=True, metavar="NAME=FILE", help="A key value store's pairs (AWS's import JSON)."
        ),
        click.option("--local", type=_FILE, metavar="FILE", help="What is only local (default: edge.toml)."),
        click.option("--from-aws", metavar="ID", help=FROM_AWS_HELP),
        click.option("--distribution", metavar="NAME", help="Which distribution, if CONFIG holds several."),
        click.option("--parameter", "parameters", multiple=True, metavar="NAME=VALUE", help="A template parameter."),
    ]

    def with_source(**given: Any) -> Any:
        names = Source.__dataclass_fields__
        source = Source(**{name: given.pop(name, None) for name in names})
        return command(source=with_deployed(source), **given)

    wrapped: Callable[..., Any] = with_source
    wrapped.__doc__ = command.__doc__
    wrapped.__dict__.update(command.__dict__)  # the options that the command has of its own
    for option in reversed(options):
        wrapped = option(wrapped)
    return wrapped


def with_deployed(source: Source) -> Source:
    """A source whose CONFIG is what `--from-aws` names, fetched now. What is only local comes from this folder then.
    Raises UsageError beside a CONFIG."""
    if source.from_aws is None:
        return source
    if source.config is not None:
        raise click.UsageError("--from-aws takes the place of CONFIG.")
    local = source.local or (Path("edge.toml") if Path("edge.toml").is_file() else None)
    return replace(source, config=fetch_or_exit(source.from_aws), local=local)


def fetch_or_exit(id: str) -> Path:
    """The file of a deployed distribution, or the errors on stderr and exit status 1."""
    from edge.configuration import aws_account

    try:
        file = aws_account.fetched(id)
    except ConfigurationError as problem:
        fail(problem.findings)
    click.echo(f"fetched {id} into {file.parent}", err=True)
    return file


def load_or_exit(source: Source) -> Configuration:
    """The configuration, or its errors on stderr and exit status 1. Raises UsageError for options that do not fit."""
    source.refuse_misfits()
    try:
        return source.load()
    except ConfigurationError as error:
        fail(error.findings)


def fail(findings: tuple[Finding, ...]) -> NoReturn:
    """Show findings and leave with 1."""
    show(findings)
    raise SystemExit(1)


def show(findings: tuple[Finding, ...], *, to_stderr: bool = True) -> None:
    """Findings for a person: where, what, which rule, where AWS says so."""
    for finding in findings:
        level = click.style(finding.level, fg=_LEVEL_COLORS[finding.level], bold=True)
        click.echo(f"{level}  {finding.where}\n    {finding.message}", err=to_stderr)
        click.echo(click.style(f"    {finding.rule}  {finding.source}".rstrip(), dim=True), err=to_stderr)
