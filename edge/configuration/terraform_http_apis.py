"""HTTP APIs of a Terraform plan or state: the parts that `http_apis.py` reads, by CloudFormation's names.

Source: Terraform Registry, aws_apigatewayv2_api, _route, _integration, _authorizer and _stage. What an integration
says with `integration_uri` is the function's invoke_arn, or its ARN.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from edge.configuration import http_apis
from edge.configuration.declared import Declared
from edge.configuration.http_apis import Part, PartKind
from edge.configuration.positions import Place
from edge.configuration.terraform_plan import Resource
from edge.configuration.terraform_shapes import as_properties

_PREFIX: Final = "aws_apigatewayv2_"
_KINDS: Final[Mapping[str, PartKind]] = {
    f"{_PREFIX}api": "Api",
    f"{_PREFIX}route": "Route",
    f"{_PREFIX}integration": "Integration",
    f"{_PREFIX}authorizer": "Authorizer",
    f"{_PREFIX}stage": "Stage",
}


def read(resources: list[Resource], declared: Declared) -> None:
    """The HTTP APIs of a plan or a state, into `declared`."""
    parts: dict[PartKind, list[Part]] = {}
    hosts: dict[str, str] = {}
    for one in resources:
        kind = _KINDS.get(one.type)
        if kind is not None:
            place = Place(one.place.file, one.address, as_properties(one.values), one.place.line)
            parts.setdefault(kind, []).append(Part(one.value("id"), one.address, place))
        if kind == "Api":
            endpoint = one.value("api_endpoint")
            hosts[one.address] = (endpoint.split("/")[2] if "://" in endpoint else endpoint).lower()
    by_name = {arn.rpartition(":")[0]: arn for arn in declared.lambdas}

    def version_of(arn: str) -> str:
        named = ":".join(arn.split(":")[:7])
        return by_name.get(named, named)

    for api in http_apis.assembled(parts, version_of, declared.findings):
        declared.http_apis[hosts[api.name]] = api
