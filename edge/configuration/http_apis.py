"""HTTP APIs as origins, in words: which function answers which route, and who may ask.

API Gateway is not modelled: a distribution that has one as its origin needs it running elsewhere (`sam local
start-api` is one way), and whoever maps it should know what is behind it.
Source: CloudFormation User Guide, AWS::ApiGatewayV2::Route, Integration and Authorizer; SAM Developer Guide, HttpApi.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from edge.configuration.intrinsics import as_text
from edge.configuration.positions import Block
from edge.configuration.template import Resource, Template

_V2 = "AWS::ApiGatewayV2::"
_ROUTES_SHOWN_MAX = 6


def described(template: Template, resources: list[Resource]) -> dict[str, str]:
    """What is behind each HTTP API of a template, by the logical id of the API."""
    routes: dict[str, list[str]] = {}
    for api, route in (*_of_api_gateway(template, resources), *_of_sam(template, resources)):
        routes.setdefault(api, []).append(route)
    made: dict[str, str] = {}
    for api, known in routes.items():
        more = f" and {len(known) - _ROUTES_SHOWN_MAX} more" if len(known) > _ROUTES_SHOWN_MAX else ""
        made[api] = (
            f"the HTTP API {api} ({'; '.join(known[:_ROUTES_SHOWN_MAX])}{more}), and API Gateway does not run here"
        )
    return made


def _of_api_gateway(template: Template, resources: list[Resource]) -> Iterator[tuple[str, str]]:
    """Routes that are resources of their own: the logical id of the API, and the route in words."""
    resources = [one for one in resources if one.type.startswith(_V2)]
    integrations: dict[str, str] = {}
    authorizers: dict[str, str] = {}
    for one in resources:
        properties = template.evaluated(one.place.child("Properties")).tree
        if one.type == f"{_V2}Integration" and isinstance(properties, Block):
            integrations[template.id_of(one.logical_id)] = _function(properties.get("IntegrationUri"))
        elif one.type == f"{_V2}Authorizer" and isinstance(properties, Block):
            kind = as_text(properties.get("AuthorizerType"))
            authorizers[template.id_of(one.logical_id)] = f"{kind} authorizer {one.logical_id}"
    apis = {template.id_of(one.logical_id): one.logical_id for one in resources if one.type == f"{_V2}Api"}
    for one in resources:
        properties = template.evaluated(one.place.child("Properties")).tree
        if one.type == f"{_V2}Route" and isinstance(properties, Block):
            target = integrations.get(as_text(properties.get("Target")).rpartition("/")[2], "an integration")
            authorizer = authorizers.get(as_text(properties.get("AuthorizerId")))
            yield apis.get(as_text(properties.get("ApiId")), ""), _route(properties.get("RouteKey"), target, authorizer)


def _of_sam(template: Template, resources: list[Resource]) -> Iterator[tuple[str, str]]:
    """Routes that are events of SAM's functions."""
    for one in resources:
        events = template.property_of(one.logical_id, "Events") if one.type == "AWS::Serverless::Function" else None
        for event in events.values() if isinstance(events, Block) else ():
            if not isinstance(event, Block) or event.get("Type") != "HttpApi":
                continue
            given = event.get("Properties")
            properties: Block = given if isinstance(given, Block) else Block()
            api = as_text(properties.get("ApiId") or "ServerlessHttpApi")
            auth = template.property_of(api, "Auth")
            own = properties.get("Auth") if isinstance(properties.get("Auth"), Block) else Block()
            default = auth.get("DefaultAuthorizer") if isinstance(auth, Block) else None
            authorizer = own.get("Authorizer", default) if isinstance(own, Block) else default
            key = f"{as_text(properties.get('Method', 'ANY')).upper()} {as_text(properties.get('Path', '$default'))}"
            known = authorizer not in (None, "NONE")
            yield api, _route(key, one.logical_id, f"authorizer {as_text(authorizer)}" if known else None)


def _route(key: Any, function: str, authorizer: str | None) -> str:
    return f"{as_text(key)} by {function}" + (f", {authorizer}" if authorizer else "")


def _function(uri: Any) -> str:
    """The name of the function in an integration's URI: an ARN of it, or a path of API Gateway with that in it."""
    text = as_text(uri)
    _, found, name = text.partition(":function:")
    return name.partition("/")[0].partition(":")[0] if found else text
