"""A CDK output folder, made by the real CDK (cdk/app.js), and small ones made here."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge import configuration
from edge.configuration import Configuration, ConfigurationError
from edge.model.function import CloudFrontFunction, EventType, LambdaFunction
from edge.model.origin import OriginAccessControl

Write = Callable[[str, Any], Path]

CDK_OUT = Path(__file__).parent / "cdk" / "cdk.out"
LOCAL = """
[origins]
Assets9A31D427 = "http://localhost:5173"
"api.example.com" = "http://localhost:3000"
[kvs.routes.values]
a = "b"
"""


@pytest.fixture
def inspect(write: Write) -> Callable[..., Configuration]:
    """Read the real folder, or another."""
    local = write("local/edge.toml", LOCAL)

    def inspect(folder: Path = CDK_OUT, **options: Any) -> Configuration:
        return configuration.inspect(folder, local_file=local, **options)

    return inspect


def test_the_distribution_of_each_stack_is_there(inspect: Callable[..., Configuration]) -> None:
    made = inspect()
    assert [one.name for one in made.distributions] == ["Dev-SiteE53D7754", "Prod-SiteE53D7754"]
    assert [finding.rule for finding in made.findings if finding.level != "note"] == [
        "behaviors.compression",  # the CDK sets Compress, and a policy of its own has no encodings
        "behaviors.compression",
    ]
    assert [one.behaviors[-1].cache_policy and one.behaviors[-1].cache_policy.name for one in made.distributions] == [
        "DevShort1ABA77EF-eu-central-1",
        "ProdShort02D628D7-eu-central-1",
    ]


@pytest.mark.parametrize("name", ["Prod", "Prod-SiteE53D7754"])
def test_one_is_chosen_by_its_stack(inspect: Callable[..., Configuration], name: str) -> None:
    made = inspect(distribution=name)
    assert [one.name for one in made.distributions] == ["Prod-SiteE53D7754"]
    assert [one.rule for one in made.findings if one.level != "note"] == ["behaviors.compression"]


def test_what_a_stack_holds_is_wired_as_it_would_be_deployed(inspect: Callable[..., Configuration]) -> None:
    (site,) = inspect(distribution="Dev").distributions
    bucket, api = site.origins.values()
    assert bucket.domain_name == "dev-assets9a31d427.s3.eu-central-1.amazonaws.com"
    assert bucket.access_control == OriginAccessControl("Dev-SiteOrigin1S3OriginAccessControl278A1C77", "s3", "always")
    assert (bucket.local_url, api.local_url) == ("http://localhost:5173", "http://localhost:3000")
    rewrite = site.behaviors[-1].functions[EventType.VIEWER_REQUEST]
    assert isinstance(rewrite, CloudFrontFunction)
    assert (rewrite.name, rewrite.key_value_store) == ("eu-central-1DevRewrite80929907", "routes")


def test_an_edge_function_comes_from_its_stack_in_us_east_1(inspect: Callable[..., Configuration]) -> None:
    """Through a parameter in Systems Manager and a custom resource, and its code from the asset."""
    made = inspect(distribution="Dev")
    function = made.distributions[0].behaviors[0].functions[EventType.ORIGIN_REQUEST]
    assert isinstance(function, LambdaFunction)
    assert (function.handler, function.runtime) == ("index.handler", "nodejs22.x")
    assert (Path(function.code_path) / "index.js").is_file()
    assert Path(function.code_path) / "index.js" in made.watched


def assembly(write: Write, stacks: dict[str, dict[str, Any]], **artifacts: Any) -> Path:
    """A folder with these templates; a stack may say what it depends on."""
    for name, template in stacks.items():
        depends = template.pop("depends", [])
        properties = {"templateFile": f"{name}.json"}
        artifacts[name] = {"type": "aws:cloudformation:stack", "properties": properties, "dependencies": depends}
        write(f"cdk.out/{name}.json", template)
    return write("cdk.out/manifest.json", {"version": "1", "artifacts": artifacts}).parent


def site(stack: Callable[..., Path], **parts: Any) -> dict[str, Any]:
    template: dict[str, Any] = json.loads(stack(**parts).read_text())
    return template


def test_what_another_stack_exports_is_known(
    write: Write, stack: Callable[..., Path], inspect: Callable[..., Configuration]
) -> None:
    consumer = site(stack, config={"DefaultRootObject": {"Fn::ImportValue": "Base:Root"}}) | {"depends": ["Base"]}
    output = {"Value": {"Fn::Join": [".", ["home", "html"]]}, "Export": {"Name": "Base:Root"}}
    base = {"Resources": {}, "Outputs": {"Root": output}}
    made = inspect(assembly(write, {"Site": consumer, "Base": base}))
    assert made.distributions[0].default_root_object == "home.html"


def test_stages_are_folders_in_the_folder(
    write: Write, stack: Callable[..., Path], inspect: Callable[..., Configuration]
) -> None:
    write("cdk.out/assembly-Beta/Site.json", site(stack))
    nested = {
        "Site": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "Site.json", "stackName": "Beta"}}
    }
    write("cdk.out/assembly-Beta/manifest.json", {"artifacts": nested})
    stage = {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-Beta"}}
    assert [one.name for one in inspect(assembly(write, {}, Stage=stage)).distributions] == ["Beta-Site"]


def test_a_parameter_goes_to_the_stacks_that_have_it(
    write: Write, stack: Callable[..., Path], inspect: Callable[..., Configuration]
) -> None:
    template = site(stack, config={"DefaultRootObject": {"Ref": "Root"}}, Parameters={"Root": {"Type": "String"}})
    folder = assembly(write, {"Site": template, "Other": {"Resources": {}}})
    assert inspect(folder, parameters={"Root": "a.html"}).distributions[0].default_root_object == "a.html"
    wrong = inspect(folder, parameters={"Root": "a.html", "Rot": "x"})
    assert "no stack has a parameter Rot; did you mean Root?" in [finding.message for finding in wrong.findings]


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "this one has no manifest.json"),
        ({"manifest.json": {"artifacts": {}}}, "there is no CloudFront distribution in it"),
        (
            {
                "manifest.json": {
                    "artifacts": {"A": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "a"}}}
                }
            },
            "a: cannot be read",
        ),
    ],
)
def test_a_folder_that_is_something_else_says_what_is_wanted(
    write: Write, tmp_path: Path, inspect: Callable[..., Configuration], files: dict[str, Any], words: str
) -> None:
    (tmp_path / "folder").mkdir()
    for name, content in files.items():
        write(f"folder/{name}", content)
    with pytest.raises(ConfigurationError) as raised:
        inspect(tmp_path / "folder")
    assert words in str(raised.value)


def test_stacks_that_depend_on_each_other_are_an_error(write: Write, inspect: Callable[..., Configuration]) -> None:
    stacks = {"A": {"Resources": {}, "depends": ["B"]}, "B": {"Resources": {}, "depends": ["A"]}}
    with pytest.raises(ConfigurationError, match="stacks depend on each other: "):
        inspect(assembly(write, stacks))


def test_nested_stacks_are_assets_of_the_stack_around_them(write: Write) -> None:
    """Made by the real CDK: one has a policy, the other takes it, with a bucket and a function of the stack around."""
    local = write(
        "edge.toml",
        '[origins]\nfiles = "http://localhost:3000"\n[parameters]\n"/site/api" = "api.example.com"\n',
    )
    made = configuration.inspect(CDK_OUT.parent.parent / "cdk_nested" / "cdk.out", local_file=local)
    (site,) = made.distributions
    assert {finding.rule for finding in made.findings if finding.level != "note"} == {"origins.unmapped"}
    assert site.origins["api"].domain_name == "api.example.com"
    default = site.behaviors[-1]
    assert default.cache_policy is not None
    assert default.cache_policy.name == "short"
    function = default.functions[EventType.ORIGIN_REQUEST]
    assert isinstance(function, LambdaFunction)
    assert Path(function.code_path, "index.js").read_text().startswith("exports.handler")


def test_a_value_that_no_stack_can_use_is_an_error(write: Write) -> None:
    local = write("edge.toml", '[parameters]\nNobody = "1"\n"Nobody.Arn" = "2"\n')
    made = configuration.inspect(CDK_OUT.parent.parent / "cdk_nested" / "cdk.out", local_file=local)
    assert [one.message.partition(";")[0] for one in made.findings if one.rule == "template.unknown_parameter"] == [
        "no stack has a parameter Nobody",
        "no stack has a parameter Nobody.Arn",
    ]
