"""HTTP APIs as origins: which function answers which route, and who may ask.

API Gateway is not modelled. An API that hands every request to one function, and asks nobody who he is, comes so near
to a function URL (the same payload format 2.0) that its function plays it, without its stages and CORS. What is behind
any other is said in words, for whoever has it run elsewhere (`sam local start-api` is one way).
Source: CloudFormation User Guide, AWS::ApiGatewayV2::Route, Integration and Authorizer; SAM Developer Guide, HttpApi;
API Gateway Developer Guide, "Create AWS Lambda proxy integrations for HTTP APIs".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from edge.configuration import references
from edge.configuration.declared import Declared, DeclaredFunctionUrl
from edge.configuration.finding import note
from edge.configuration.intrinsics import as_text
from edge.configuration.positions import Block, Place
from edge.configuration.template import Resource, Template

_V2: Final = "AWS::ApiGatewayV2::"
_ROUTES_SHOWN_MAX: Final = 6
_EVERYTHING: Final = frozenset({"$default", "ANY $default", "ANY /{proxy+}"})
_LAMBDA_ARN: Final = re.compile(r"arn:aws[\w-]*:lambda:[^/]+")


class _Route(NamedTuple):
    """A route of an API, by the logical id of the API. `arn` is that of the function, "" for another integration;
    `authorizer` in words, "" for none."""

    api: str
    key: str
    function: str
    arn: str
    authorizer: str

    @property
    def words(self) -> str:
        return f"{self.key} by {self.function}" + (f", {self.authorizer}" if self.authorizer else "")


def read(template: Template, resources: list[Resource], declared: Declared) -> None:
    """What is behind the HTTP APIs of a template, into `declared`."""
    routes: dict[str, list[_Route]] = {}
    for route in (*_of_api_gateway(template, resources), *_of_sam(template, resources)):
        routes.setdefault(route.api, []).append(route)
    for api, known in routes.items():
        shown = "; ".join(one.words for one in known[:_ROUTES_SHOWN_MAX])
        more = f" and {len(known) - _ROUTES_SHOWN_MAX} more" if len(known) > _ROUTES_SHOWN_MAX else ""
        for host in references.hosts(template, api, template.type_of(api) or ""):
            declared.behind[host.lower()] = f"the HTTP API {api} ({shown}{more}), and API Gateway does not run here"
            if _is_one_function(known):
                _play(known[0], host.lower(), template.place, declared)


def _is_one_function(routes: list[_Route]) -> bool:
    """Whether every request goes to one function, whoever asks."""
    arns, keys = {one.arn for one in routes}, {one.key for one in routes}
    return len(arns) == 1 and "" not in arns and bool(keys & _EVERYTHING) and not any(one.authorizer for one in routes)


def _play(route: _Route, host: str, template: Place, declared: Declared) -> None:
    config, line = Block(), template.child("Resources", route.api).line
    config.put("AuthType", "NONE", line)
    place = Place(template.file, f"Resources.{route.api}", config, line)
    declared.function_urls[host] = DeclaredFunctionUrl(f"{route.arn}:1", place)
    message = f"{route.function} plays the HTTP API {route.api} as behind a function URL: stages and CORS do not count"
    declared.findings.append(note("http_apis.played", place.at(), message))


def _of_api_gateway(template: Template, resources: list[Resource]) -> Iterator[_Route]:
    """Routes that are resources of their own."""
    kinds: dict[str, list[tuple[Resource, Block]]] = {}
    for one in resources:
        if one.type.startswith(_V2):
            properties = template.evaluated(one.place.child("Properties")).tree
            kinds.setdefault(one.type, []).append((one, properties if isinstance(properties, Block) else Block()))
    integrations = kinds.get(f"{_V2}Integration", ())
    uris = {template.id_of(one.logical_id): as_text(of.get("IntegrationUri")) for one, of in integrations}
    authorizers = {
        template.id_of(one.logical_id): f"{as_text(of.get('AuthorizerType'))} authorizer {one.logical_id}"
        for one, of in kinds.get(f"{_V2}Authorizer", ())
    }
    apis = {template.id_of(one.logical_id): one.logical_id for one, _ in kinds.get(f"{_V2}Api", ())}
    for _, of in kinds.get(f"{_V2}Route", ()):
        uri = uris.get(as_text(of.get("Target")).rpartition("/")[2], "")
        found = _LAMBDA_ARN.search(uri)
        arn = references.lambda_arn_of(template, found.group()) if found else ""
        guarded = authorizers.get(as_text(of.get("AuthorizerId")), as_text(of.get("AuthorizationType", "NONE")))
        yield _Route(
            apis.get(as_text(of.get("ApiId")), ""),
            as_text(of.get("RouteKey")),
            arn.rpartition(":")[2] or uri or "an integration",
            arn,
            "" if guarded == "NONE" else guarded,
        )


def _of_sam(template: Template, resources: list[Resource]) -> Iterator[_Route]:
    """Routes that are events of SAM's functions."""
    for one in resources:
        events = template.property_of(one.logical_id, "Events") if one.type == "AWS::Serverless::Function" else None
        for event in events.values() if isinstance(events, Block) else ():
            if isinstance(event, Block) and event.get("Type") == "HttpApi":
                yield _of_event(template, one.logical_id, event.get("Properties"))


def _of_event(template: Template, logical_id: str, given: Any) -> _Route:
    properties: Block = given if isinstance(given, Block) else Block()
    api = as_text(properties.get("ApiId") or "ServerlessHttpApi")
    auth, own = template.property_of(api, "Auth"), properties.get("Auth")
    default = auth.get("DefaultAuthorizer") if isinstance(auth, Block) else None
    authorizer = own.get("Authorizer", default) if isinstance(own, Block) else default
    method, path = as_text(properties.get("Method", "ANY")).upper(), as_text(properties.get("Path", "$default"))
    return _Route(
        api,
        f"{'ANY' if method in ('X-AMAZON-APIGATEWAY-ANY-METHOD', '*') else method} {path}",
        logical_id,
        references.lambda_arn(template, logical_id),
        "" if authorizer in (None, "NONE") else f"authorizer {as_text(authorizer)}",
    )
