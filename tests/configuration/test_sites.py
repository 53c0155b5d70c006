"""Sites as they are deployed, each in two forms or more: all forms of one come to the same Distribution.

sites/NAME.yaml is a template as a person writes it, sites/cdk/ what the AWS CDK makes of sites/cdk/app.js,
sites/api/NAME/ what the AWS command line prints, sites/terraform/NAME.json what `terraform show -json` prints.
"""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import botocore.session
import botocore.validate
import pytest

from edge import configuration
from edge.configuration import Configuration
from edge.model.distribution import Behavior, Distribution
from edge.model.function import CloudFrontFunction, Function, LambdaFunction
from edge.model.origin import Origin

SITES = Path(__file__).parent / "sites"
TEMPLATES = {path.stem: path for path in sorted(SITES.glob("*.yaml"))}
CDK = SITES / "cdk" / "cdk.out"
ANSWERS = {path.parent.name: path for path in sorted((SITES / "api").glob("*/distribution.json"))}
PLANS = {path.stem: path for path in sorted((SITES / "terraform").glob("*.json"))}
STACKS = sorted(path.name.partition(".")[0] for path in CDK.glob("*.template.json"))

PARAMETERS = {"redirects": {"CertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/1"}}


def template(name: str) -> Distribution:
    return only(configuration.load(TEMPLATES[name], parameters=PARAMETERS.get(name)))


def only(made: Configuration) -> Distribution:
    return canonical(made.distributions[0])


def canonical(whole: Distribution) -> Distribution:
    """A distribution without what each form calls its own way: ids, logical names, files."""
    behaviors = tuple(_behavior(one) for one in whole.behaviors)
    origins = {id: _origin(one) for id, one in whole.origins.items()}
    groups = dict(zip(("group",), (replace(one, id="group") for one in whole.origin_groups.values()), strict=False))
    behaviors = tuple(
        replace(one, target_origin_id="group") if one.target_origin_id in whole.origin_groups else one
        for one in behaviors
    )
    return replace(
        whole, id="", domain_name="", name="", behaviors=behaviors, origins=origins, origin_groups=groups, local_urls={}
    )


def _behavior(one: Behavior) -> Behavior:
    nameless = {
        field: replace(policy, id="", name="")
        for field in ("cache_policy", "origin_request_policy", "response_headers_policy")
        if (policy := getattr(one, field)) is not None
    }
    keys = {key.name: replace(key, id="") for key in one.trusted_keys.values()}
    functions = {event: _function(function) for event, function in one.functions.items()}
    return replace(one, **nameless, trusted_keys=keys, functions=functions)


def _function(one: Function) -> Function:
    if isinstance(one, CloudFrontFunction):
        return replace(one, source_name="")
    return replace(one, code_path=_code(one))


def _code(one: LambdaFunction) -> str:
    """What is in the package."""
    folder = Path(one.code_path)
    return repr({path.name: path.read_text() for path in sorted(folder.iterdir())})


def _origin(one: Origin) -> Origin:
    url = one.function_url
    return replace(
        one,
        # The domain of a function URL, of a balancer, is not known before it is deployed.
        domain_name=""
        if url or "elb.amazonaws" in one.domain_name or ".invalid" in one.domain_name
        else one.domain_name,
        access_control=one.access_control and replace(one.access_control, id=""),
        # Likewise the id of an origin access identity.
        origin_access_identity="an identity" if one.origin_access_identity else "",
        function_url=url and replace(url, function=_function(url.function)),
    )


def test_there_are_sites_of_many_kinds() -> None:
    assert len(TEMPLATES) >= 25
    assert len([name for name in TEMPLATES if name in {*STACKS, *ANSWERS, *PLANS}]) >= 25


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_site_is_without_fault(name: str) -> None:
    made = configuration.load(TEMPLATES[name], parameters=PARAMETERS.get(name))
    found = {finding.rule for finding in made.findings if finding.level != "note"}
    assert found <= {"origins.unmapped", "kvs.empty"}


@pytest.mark.parametrize("name", STACKS)
def test_what_the_cdk_makes_is_the_same_distribution(name: str) -> None:
    same(only(configuration.load(CDK, distribution=name)), template(name))


@pytest.mark.parametrize("name", ANSWERS)
def test_what_the_api_answers_is_the_same_distribution(name: str) -> None:
    same(only(configuration.load(ANSWERS[name])), template(name))


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_has_the_shape_that_the_api_gives_it(name: str) -> None:
    """botocore's model of the API knows every member, and misses none that is required."""
    model = botocore.session.get_session().get_service_model("cloudfront")
    for path in ANSWERS[name].parent.glob("*.json"):
        for key, value in json.loads(path.read_text()).items():
            if key not in ("ETag", "Configuration", "Code"):
                shape = model.shape_for(key)
                report = botocore.validate.ParamValidator().validate(value, shape)
                assert not report.has_errors(), report.generate_report()


@pytest.mark.parametrize("name", PLANS)
def test_what_terraform_shows_is_the_same_distribution(name: str) -> None:
    """A state; or a plan (NAME-plan.json), where AWS has yet to give ids and domains."""
    made, expected = only(configuration.load(PLANS[name])), template(name.removesuffix("-plan"))
    if name.endswith("-plan"):
        expected = replace(expected, origins={id: replace(one, domain_name="") for id, one in expected.origins.items()})
    same(made, expected)


def same(made: Any, expected: Any, path: str = "") -> None:
    """Equal, or the field that is not."""
    if is_dataclass(made) and type(made) is type(expected):
        for field in fields(made):
            same(getattr(made, field.name), getattr(expected, field.name), f"{path}.{field.name}")
    elif isinstance(made, dict) and isinstance(expected, dict) and made.keys() == expected.keys():
        for key in made:
            same(made[key], expected[key], f"{path}[{key}]")
    elif isinstance(made, tuple) and isinstance(expected, tuple) and len(made) == len(expected):
        for index, (one, other) in enumerate(zip(made, expected, strict=True)):
            same(one, other, f"{path}[{index}]")
    else:
        assert made == expected, path
