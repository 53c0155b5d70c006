"""HTTP APIs of SAM: their routes are events of functions.

Source: SAM Developer Guide, AWS::Serverless::HttpApi, HttpApiAuth, OAuth2Authorizer, and the event HttpApi of
AWS::Serverless::Function. An event without an API is one of the implicit ServerlessHttpApi, whose properties are those
of Globals.HttpApi.
"""

from __future__ import annotations

from typing import Any, Final

from edge.configuration import http_api_documents, references
from edge.configuration.declared import Declared, DeclaredHttpApi, DeclaredRoute
from edge.configuration.finding import Finding
from edge.configuration.http_api_documents import Document
from edge.configuration.http_api_properties import Guard, cors, jwt_authorizer, seconds, variables, without_effect
from edge.configuration.intrinsics import as_text
from edge.configuration.positions import Block, Place
from edge.configuration.template import Resource, Template
from edge.model.function_url import FunctionUrlCors
from edge.model.http_api import DEFAULT, Stage

_API: Final = "AWS::Serverless::HttpApi"
_FUNCTION: Final = "AWS::Serverless::Function"
IMPLICIT: Final = "ServerlessHttpApi"
_ANY: Final = ("ANY", "X-AMAZON-APIGATEWAY-ANY-METHOD", "*")
_WITHOUT_EFFECT: Final = {
    "DefinitionUri": "routes of an OpenAPI document in a file of its own are not read",
    "DefaultRouteSettings": "nothing is throttled",
    "DisableExecuteApiEndpoint": "the API answers at its own domain name all the same",
    "RouteSettings": "nothing is throttled",
}


def read(template: Template, resources: list[Resource], declared: Declared) -> None:
    """The HTTP APIs of SAM in a template, into `declared`."""
    events: dict[str, list[tuple[str, Place]]] = {}
    for one in resources:
        if one.type != _FUNCTION:
            continue
        place = _properties(template, one).child("Events")
        for name in place.tree if isinstance(place.tree, Block) else ():
            event = place.child(name)
            if event.child("Type").tree == "HttpApi":
                id = as_text(event.child("Properties", "ApiId").tree) or template.id_of(IMPLICIT)
                events.setdefault(id, []).append((one.logical_id, event))
    for one in resources:
        if one.type == _API:
            id = template.id_of(one.logical_id)
            place = _properties(template, one)
            declared.findings += without_effect(place, _WITHOUT_EFFECT)
            reader = _Reader(template, place, declared.findings)
            routes = [reader.route(function, event) for function, event in events.get(id, ())]
            document = reader.document()
            stage = Stage(as_text(place.child("StageName").tree) or DEFAULT, variables(place))
            allowed = _cors(place) or document.cors
            api = DeclaredHttpApi(one.logical_id, id, place, (*routes, *document.routes), (stage,), allowed)
            for host in references.hosts(template, one.logical_id, _API):
                declared.http_apis[host.lower()] = api


def _properties(template: Template, resource: Resource) -> Place:
    place = template.evaluated(resource.place.child("Properties"))
    return place if isinstance(place.tree, Block) else Place(place.file, place.path, Block(), place.line)


def _cors(place: Place) -> FunctionUrlCors | None:
    """`true` lets every origin in."""
    config = place.child("CorsConfiguration").tree
    if isinstance(config, bool):
        return FunctionUrlCors(("*",)) if config else None
    return FunctionUrlCors((as_text(config),)) if isinstance(config, str) else cors(config)


class _Reader:
    """The routes of one API. Each authorizer is read once."""

    def __init__(self, template: Template, api: Place, found: list[Finding]) -> None:
        self._template = template
        self._api = api
        self._auth = api.child("Auth")
        self._found = found
        self._guards: dict[str, Guard] = {}

    def route(self, function: str, event: Place) -> DeclaredRoute:
        """The route of an event of a function."""
        properties = event.child("Properties")
        method = as_text(properties.child("Method").tree).upper() or "ANY"
        path = as_text(properties.child("Path").tree) or DEFAULT
        key = DEFAULT if path == DEFAULT else f"{'ANY' if method in _ANY else method} {path}"
        own = properties.child("Auth")
        guard, scopes = self._guard(own.child("Authorizer").tree or self._auth.child("DefaultAuthorizer").tree)
        asked = own.child("AuthorizationScopes").tree
        why = "" if guard is None else guard.not_modelled
        return DeclaredRoute(
            key,
            event,
            f"{key} by {function}" + (f", {guard.words}" if guard else ""),
            "" if why else f"{references.lambda_arn(self._template, function)}:1",
            why,
            None if guard is None else guard.authorizer,
            tuple(map(as_text, asked)) if isinstance(asked, list) else scopes,
            as_text(properties.child("PayloadFormatVersion").tree) or "2.0",
            seconds(properties.child("TimeoutInMillis").tree),
        )

    def document(self) -> Document:
        """What the API's own OpenAPI document says besides; the default authorizer holds for it too."""

        def version_of(arn: str) -> str:
            return f"{references.lambda_arn_of(self._template, arn)}:1"

        guard, scopes = self._guard(self._auth.child("DefaultAuthorizer").tree)
        default = None if guard is None else (guard, scopes)
        return http_api_documents.read(self._api.child("DefinitionBody"), version_of, self._found, default)

    def _guard(self, named: Any) -> tuple[Guard | None, tuple[str, ...]]:
        """An authorizer by its name, and the scopes that it asks for where a route says nothing of them."""
        if named is None or named == "NONE":
            return None, ()
        name = as_text(named)
        if name not in self._guards:
            self._guards[name] = self._read(name)
        scopes = self._auth.child("Authorizers", name, "AuthorizationScopes").tree
        return self._guards[name], tuple(map(as_text, scopes)) if isinstance(scopes, list) else ()

    def _read(self, name: str) -> Guard:
        one, words = self._auth.child("Authorizers", name), f"authorizer {name}"
        config = one.child("JwtConfiguration")
        if name == "AWS_IAM" or not isinstance(config.tree, Block):
            return Guard(words, None, f"its authorizer, {name}, is not one of tokens, and is not asked here")
        by_name = {key.lower(): config.child(key) for key in config.tree}
        issuer, audience = (by_name.get(key, config.child(key)) for key in ("issuer", "audience"))
        source = as_text(one.child("IdentitySource").tree) or "$request.header.Authorization"
        return Guard(words, *jwt_authorizer(config, issuer, audience, source, self._found))
