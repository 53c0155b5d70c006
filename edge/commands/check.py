"""`edge check`: everything that would fail at deploy time or at run time, without deploying or running anything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click

from edge import configuration
from edge.commands import this_machine
from edge.commands.options import FROM_AWS_HELP, RUNTIMES, Source, pairs, show, with_deployed
from edge.configuration import Configuration, ConfigurationError, Finding
from edge.configuration.checks.functions import check_code
from edge.configuration.positions import Place
from edge.model.function import CloudFrontFunction, JavaScriptRuntime

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_GUIDE = "CloudFront Developer Guide"
_FEATURES = {
    JavaScriptRuntime.JS_1_0: f'{_GUIDE}, "JavaScript runtime 1.0 features for CloudFront Functions"',
    JavaScriptRuntime.JS_2_0: f'{_GUIDE}, "JavaScript runtime 2.0 features for CloudFront Functions"',
}


@click.command(
    "check",
    help="List everything that would fail at deploy time or at run time.\n\n"
    "FILE is a configuration (a CloudFormation or SAM template, a cdk.out folder, the JSON of `terraform show -json` "
    "or of `aws cloudfront get-distribution-config`), or the .js file of a CloudFront Function. Exit status 1 when "
    "there is an error; warnings and notes leave it 0.",
    epilog="Example: edge check template.yaml --parameter Stage=prod",
)
@click.argument("file", required=False, type=click.Path(exists=True, path_type=Path))
@click.option("--from-aws", metavar="ID", help=FROM_AWS_HELP)
@click.option("--runtime", type=click.Choice(RUNTIMES), help=f"With a .js file.  [default: {RUNTIMES[-1]}]")
@click.option("--local", type=_FILE, metavar="FILE", help="What is only local (default: edge.toml).")
@click.option("--distribution", metavar="NAME", help="Only this one, if FILE holds several.")
@click.option("--parameter", "parameters", multiple=True, metavar="NAME=VALUE", help="A template parameter.")
@click.option("--origin", "origins", multiple=True, metavar="ID=URL|FOLDER", help="Where an origin is, as for serve.")
@click.option("--json", "as_json", is_flag=True, help="A list of {level, rule, where, message, source}, on stdout.")
@click.option("--sarif", "as_sarif", is_flag=True, help="SARIF 2.1.0 for code hosts, paths relative to this folder.")
def command(
    file: Path | None,
    from_aws: str | None,
    runtime: str | None,
    local: Path | None,
    distribution: str | None,
    parameters: tuple[str, ...],
    origins: tuple[str, ...],
    as_json: bool,
    as_sarif: bool,
) -> None:
    """Check one file."""
    source = with_deployed(Source(config=file, local=local, from_aws=from_aws))
    file, local = source.config, source.local
    if file is None:
        raise click.UsageError("Give a FILE, or --from-aws ID.")
    if file.suffix in (".js", ".mjs", ".cjs"):
        if local or distribution or parameters or origins:
            raise click.UsageError(
                "--local, --distribution, --parameter and --origin go with a configuration, not with a .js file."
            )
        findings = _of_file(file, JavaScriptRuntime(runtime or RUNTIMES[-1]))
    elif runtime is not None:
        raise click.UsageError("--runtime goes with a .js file; a configuration says the runtime of each function.")
    else:
        findings = _of_configuration(
            file, local, distribution, pairs(parameters, "--parameter"), pairs(origins, "--origin")
        )
    if as_sarif and as_json:
        raise click.UsageError("--json or --sarif, not both.")
    if as_sarif:
        from edge import __version__
        from edge.configuration import sarif

        click.echo(json.dumps(sarif.log(findings, __version__, Path()), ensure_ascii=False, indent=2))
    elif as_json:
        click.echo(json.dumps([_as_json(finding) for finding in findings], ensure_ascii=False, indent=2))
    else:
        show(tuple(findings), to_stderr=False)
        click.echo(_summary(findings), err=True)
    raise SystemExit(1 if any(finding.level == "error" for finding in findings) else 0)


def _as_json(finding: Finding) -> dict[str, str]:
    return {name: getattr(finding, name) for name in ("level", "rule", "where", "message", "source")}


def _summary(findings: list[Finding]) -> str:
    if not findings:
        return "nothing found"
    counts = {level: sum(finding.level == level for finding in findings) for level in ("error", "warning", "note")}
    return ", ".join(f"{count} {level}{'s' if count > 1 else ''}" for level, count in counts.items() if count)


def _of_file(file: Path, runtime: JavaScriptRuntime) -> list[Finding]:
    try:
        code = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        return [Finding("error", "function.unreadable", str(file), f"cannot be read: {problem}")]
    function = CloudFrontFunction(file.stem, code, runtime, str(file))
    return [*check_code(code, str(file)), *_of_code(function, None)]


def _of_configuration(
    file: Path,
    local: Path | None,
    distribution: str | None,
    parameters: dict[str, str],
    origins: dict[str, str],
) -> list[Finding]:
    try:
        made: Configuration = configuration.inspect(
            file, local_file=local, distribution=distribution, parameters=parameters, origins=origins
        )
    except ConfigurationError as problem:
        return list(problem.findings)
    found = list(made.findings)
    for function in made.functions:
        found += _of_code(function, made.inline_code.get(function.source_name))
    found += this_machine.findings(made)
    rank = {"error": 0, "warning": 1, "note": 2}
    return sorted(found, key=lambda finding: rank[finding.level])


def _of_code(function: CloudFrontFunction, inline: Place | None) -> Iterator[Finding]:
    """What the runtime refuses, and what it does in another way than the engine here. `inline` is where code stands
    that has no file of its own."""
    from edge.runtimes.quickjs import gate, js_warnings

    def where(line: int, column: int) -> str:
        if inline is None:
            return f"{function.source_name}:{line}:{column}" if line else function.source_name
        return f"{inline.file}:{_line_in_file(inline, function.code, line)} {inline.path}"

    if not function.code.strip():
        return
    wrong = gate.check(function.code, function.runtime)
    if wrong is not None:
        place = where(wrong.line, wrong.column)
        yield Finding("error", "functions.syntax", place, wrong.error, _FEATURES[function.runtime])
    for one in js_warnings.warnings(function.code, function.runtime):
        place = where(one.line, one.column)
        yield Finding("warning", f"functions.{one.rule}", place, one.message, _FEATURES[function.runtime])


def _line_in_file(inline: Place, code: str, line: int) -> int:
    """The line of a file where a line of inline code stands; where it is not found as it is, as in JSON or after
    Fn::Sub, the line where the code begins."""
    if not line:
        return inline.line
    wanted = [text.strip() for text in code.splitlines()[:line]]
    written = [text.strip() for text in Path(inline.file).read_text("utf-8-sig").splitlines()]
    for start in range(inline.line - 1, min(inline.line + 3, len(written))):
        if written[start : start + len(wanted)] == wanted:
            return start + line
    return inline.line
