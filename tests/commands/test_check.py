"""Promises of `edge check`: findings on stdout, a sum on stderr, an exit status that scripts can use."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from edge.cli import main

FINE = "function handler(event) {\n  return event.request;\n}\n"
SITE = """
Parameters:
  Root: {Type: String, Default: index.html}
Resources:
  Rewrite:
    Type: AWS::CloudFront::Function
    Properties:
      Name: rewrite
      AutoPublish: true
      FunctionConfig: {Comment: "", Runtime: cloudfront-js-1.0}
      FunctionCode: |
        function handler(event) {
          CODE
        }
  Site:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        DefaultRootObject: !Ref Root
        Origins:
          - {Id: app, DomainName: app.example.com, CustomOriginConfig: {OriginProtocolPolicy: https-only}}
        DefaultCacheBehavior:
          TargetOriginId: app
          ViewerProtocolPolicy: allow-all
          CachePolicyId: 658327ea-f89d-4fab-a63d-7e88639e58f6
"""


def check(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["check", *(str(argument) for argument in arguments)])


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A template in which nothing is wrong."""
    (tmp_path / "edge.toml").write_text('[origins]\napp = "http://localhost:3000"\n')
    path = tmp_path / "site.yaml"
    path.write_text(SITE.replace("CODE", "return event.request;"))
    return path


@pytest.fixture
def script(tmp_path: Path) -> Any:
    """Write a .js file."""

    def script(code: str) -> Path:
        path = tmp_path / "rewrite.js"
        path.write_text(code)
        return path

    return script


def test_a_configuration_in_which_nothing_is_wrong_is_fine(site: Path) -> None:
    result = check(site)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "nothing found\n")


def test_json_is_a_list_of_findings(site: Path) -> None:
    assert json.loads(check(site, "--json").stdout) == []
    result = check(site, "--json", "--parameter", "Root=/index.html")
    assert result.exit_code == 1
    assert json.loads(result.stdout) == [
        {
            "level": "error",
            "rule": "distribution.default_root_object",
            "where": f"{site}:20 Resources.Site.Properties.DistributionConfig.DefaultRootObject",
            "message": "must not begin with a slash; write 'index.html'",
            "source": 'CloudFront Developer Guide, "Specify a default root object"',
        }
    ]


def test_warnings_alone_leave_the_exit_status_at_0(site: Path) -> None:
    (site.parent / "edge.toml").unlink()
    result = check(site)
    assert result.exit_code == 0
    assert 'app = "http://localhost:PORT"' in result.stdout
    assert result.stderr == "1 warning\n"


@pytest.mark.parametrize(("enabled", "warned"), [("true", True), ("false", False)])
def test_grpc_is_named_as_not_modelled_where_it_is_on(site: Path, enabled: str, warned: bool) -> None:
    """With what happens to such a request instead."""
    more = f"ViewerProtocolPolicy: allow-all\n          GrpcConfig: {{Enabled: {enabled}}}"
    site.write_text(site.read_text().replace("ViewerProtocolPolicy: allow-all", more))
    found = [one for one in json.loads(check(site, "--json").stdout) if one["rule"] == "not_modelled"]
    assert bool(found) == warned
    if warned:
        assert "DefaultCacheBehavior.GrpcConfig" in found[0]["where"]
        assert "without trailers, so that gRPC clients see an error" in found[0]["message"]


def test_the_code_of_every_function_is_held_against_its_runtime(site: Path) -> None:
    """Whether a behavior uses it or not, and at its line of the template."""
    site.write_text(SITE.replace("CODE", "const a = 1; return event.request;"))
    result = check(site, "--json")
    assert result.exit_code == 1
    (finding,) = json.loads(result.stdout)
    assert finding["rule"] == "functions.syntax"
    assert finding["where"] == f"{site}:13 Resources.Rewrite.Properties.FunctionCode"
    assert finding["message"] == 'SyntaxError: Token "const" not supported in this version in 2'


def test_warnings_about_code_are_warnings(site: Path) -> None:
    site.write_text(SITE.replace("CODE", "console.log(1, 2); return event.request;"))
    result = check(site, "--json")
    assert result.exit_code == 0
    assert [finding["level"] for finding in json.loads(result.stdout)] == ["warning"]


def test_a_file_that_cannot_be_read_as_a_configuration_is_a_finding_too(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_text("A: [")
    result = check(path, "--json")
    assert result.exit_code == 1
    assert [finding["rule"] for finding in json.loads(result.stdout)] == ["yaml.syntax"]


@pytest.mark.parametrize(
    ("code", "options", "rules"),
    [
        (FINE, (), []),
        ("function handler(event) { return await 1; }", (), ["functions.syntax"]),
        ("const a = 1;" + FINE, ("--runtime", "cloudfront-js-1.0"), ["functions.syntax"]),
        ("const a = 1;" + FINE, ("--runtime", "cloudfront-js-2.0"), []),
        ("var a = 1;", (), ["functions.syntax"]),
        ("", (), ["functions.no_code"]),
        (FINE + " " * 10_240, (), ["quotas.function_code"]),
    ],
)
def test_a_function_by_itself(script: Any, code: str, options: tuple[str, ...], rules: list[str]) -> None:
    result = check(script(code), "--json", *options)
    assert [finding["rule"] for finding in json.loads(result.stdout)] == rules
    assert result.exit_code == (1 if rules else 0)


def test_what_is_wrong_with_a_function_has_line_and_column(script: Any) -> None:
    path = script("function handler(event) {\n  return event..request;\n}\n")
    (finding,) = json.loads(check(path, "--json").stdout)
    assert finding["where"].startswith(f"{path}:2:")
    assert "JavaScript runtime 2.0" in finding["source"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("none.yaml",),
        ("SITE", "--runtime", "cloudfront-js-1.0"),
        ("SITE", "--parameter", "Root"),
        ("JS", "--parameter", "A=b"),
    ],
)
def test_wrong_usage_has_exit_status_2(site: Path, script: Any, arguments: tuple[str, ...]) -> None:
    files = {"SITE": str(site), "JS": str(script(FINE))}
    assert check(*(files.get(argument, argument) for argument in arguments)).exit_code == 2


def test_sarif_is_for_code_hosts(site: Path) -> None:
    site.write_text(site.read_text().replace("allow-all", "allow-some"))
    result = check(site, "--sarif")
    assert result.exit_code == 1
    log = json.loads(result.stdout)
    assert log["version"] == "2.1.0"
    (found,) = log["runs"][0]["results"]
    assert (found["ruleId"], found["level"]) == ("schema.value", "error")


def test_sarif_and_json_are_two_answers(site: Path) -> None:
    assert check(site, "--sarif", "--json").exit_code == 2


def test_an_origin_may_be_given_as_for_serve(site: Path) -> None:
    (site.parent / "edge.toml").unlink()
    assert "origins.unmapped" in check(site).stdout
    result = check(site, "--origin", "app=http://localhost:3000")
    assert (result.exit_code, result.stdout) == (0, "")
