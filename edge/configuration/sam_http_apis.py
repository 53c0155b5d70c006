"""HTTP APIs of SAM: their routes are events of functions.

Source: SAM Developer Guide, AWS::Serverless::HttpApi, HttpApiAuth, OAuth2Authorizer, and the event HttpApi of
AWS::Serverless::Function. An event without an API is one of the implicit ServerlessHttpApi, whose properties are those
of Globals.HttpApi.
"""

from __future__ import annotations

from typing import Any, Final

from edge.configuration import http_apis, references
from edge.configuration.declared import Declared, DeclaredHttpApi, DeclaredRoute
from edge.configuration.finding import Finding
from edge.configuration.intrinsics import as_text
from edge.configuration.positions import Block, Place
from edge.configuration.template import Resource, Template
from edge.model.function_url import FunctionUrlCors
from edge.model.http_api import DEFAULT, JwtAuthorizer, Stage

_API: Final = "AWS::Serverless::HttpApi"
_FUNCTION: Final = "AWS::Serverless::Function"
IMPLICIT: Final = "ServerlessHttpApi"
_ANY: Final = ("ANY", "X-AMAZON-APIGATEWAY-ANY-METHOD", "*")
_WITHOUT_EFFECT: Final = {
    "DefinitionBody": "routes of an OpenAPI document are not read",
    "DefinitionUri": "routes of an OpenAPI document are not read",
    "DefaultRouteSettings": "nothing is throttled",
    "DisableExecuteApiEndpoint": "the API answers at its own domain name all the same",
    "RouteSettings": "nothing is throttled",
}


def read(template: Template, resources: list[Resource], declared: Declared) -> None:
    """The HTTP APIs of SAM in a template, into `declared`."""
    routes: dict[str, list[tuple[str, Place]]] = {}
    apis = {one.logical_id: _properties(template, one) for one in resources if one.type == _API}
    if IMPLICIT not in apis and template.type_of(IMPLICIT) == _API:
        place = Place(template.place.file, f"Resources.{IMPLICIT}", Block())
        apis[IMPLICIT] = place
    for one in resources:
        if one.type != _FUNCTION:
            continue
        events = _properties(template, one).child("Events")
        for name in events.tree if isinstance(events.tree, Block) else ():
            event = events.child(name)
            if event.child("Type").tree == "HttpApi":
                id = as_text(event.child("Properties", "ApiId").tree) or IMPLICIT
                routes.setdefault(id, []).append((one.logical_id, event))
    for logical_id, place in apis.items():
        made = tuple(
            _route(template, function, event, place, declared.findings)
            for function, event in routes.get(template.id_of(logical_id), routes.get(logical_id, []))
        )
        declared.findings += http_apis.without_effect(place, _WITHOUT_EFFECT)
        stage = Stage(as_text(place.child("StageName").tree) or DEFAULT, http_apis.variables(place))
        api = DeclaredHttpApi(logical_id, template.id_of(logical_id), place, made, (stage,), _cors(place))
        for host in references.hosts(template, logical_id, _API):
            declared.http_apis[host.lower()] = api


def _properties(template: Template, resource: Resource) -> Place:
    place = template.evaluated(resource.place.child("Properties"))
    return place if isinstance(place.tree, Block) else Place(place.file, place.path, Block(), place.line)


def _cors(place: Place) -> FunctionUrlCors | None:
    """`true` lets every origin in."""
    config = place.child("CorsConfiguration").tree
    if isinstance(config, bool):
        return FunctionUrlCors(("*",)) if config else None
    return FunctionUrlCors((as_text(config),)) if isinstance(config, str) else http_apis.cors(place)


def _route(template: Template, function: str, event: Place, api: Place, found: list[Finding]) -> DeclaredRoute:
    properties = event.child("Properties")
    method = as_text(properties.child("Method").tree).upper() or "ANY"
    path = as_text(properties.child("Path").tree) or DEFAULT
    key = DEFAULT if path == DEFAULT else f"{'ANY' if method in _ANY else method} {path}"
    own, auth = properties.child("Auth"), api.child("Auth")
    named: Any = own.child("Authorizer").tree or auth.child("DefaultAuthorizer").tree
    name = "" if named is None or named == "NONE" else as_text(named)
    authorizer, why = _authorizer(auth, name, found) if name else (None, "")
    scopes = own.child("AuthorizationScopes").tree
    if scopes is None and name:
        scopes = auth.child("Authorizers", name, "AuthorizationScopes").tree
    return DeclaredRoute(
        key,
        event,
        f"{key} by {function}" + (f", authorizer {name}" if name else ""),
        "" if why else f"{references.lambda_arn(template, function)}:1",
        why,
        authorizer,
        tuple(map(as_text, scopes)) if isinstance(scopes, list) else (),
        as_text(properties.child("PayloadFormatVersion").tree) or "2.0",
        http_apis.seconds(properties.child("TimeoutInMillis").tree),
    )


def _authorizer(auth: Place, name: str, found: list[Finding]) -> tuple[JwtAuthorizer | None, str]:
    one = auth.child("Authorizers", name)
    config = one.child("JwtConfiguration")
    if name == "AWS_IAM" or not isinstance(config.tree, Block):
        return None, f"its authorizer, {name}, is not one of tokens, and is not asked here"
    by_name = {key.lower(): config.child(key) for key in config.tree}
    issuer, audience = (by_name.get(key, config.child(key)) for key in ("issuer", "audience"))
    source = as_text(one.child("IdentitySource").tree) or "$request.header.Authorization"
    return http_apis.jwt_authorizer(config, issuer, audience, source, found)
