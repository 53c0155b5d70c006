"""HTTP APIs whose parts are resources of their own: routes, integrations, authorizers and stages.

CloudFormation and Terraform call the parts alike, so both are read here, from properties by CloudFormation's names.
Source: CloudFormation User Guide, AWS::ApiGatewayV2::Api, Route, Integration, Authorizer and Stage; Terraform Registry,
aws_apigatewayv2_*; API Gateway Developer Guide, "Create AWS Lambda proxy integrations for HTTP APIs".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal, NamedTuple

from edge.configuration import http_api_documents, references
from edge.configuration.declared import Declared, DeclaredHttpApi, DeclaredRoute
from edge.configuration.finding import Finding, warning
from edge.configuration.http_api_properties import (
    LAMBDA_ARN,
    Guard,
    VersionOf,
    cors,
    function_name,
    jwt_authorizer,
    seconds,
    variables,
    without_effect,
)
from edge.configuration.intrinsics import as_text
from edge.configuration.positions import Block, Place
from edge.configuration.template import Resource, Template
from edge.model.http_api import DEFAULT, Stage

PartKind = Literal["Api", "Route", "Integration", "Authorizer", "Stage"]
_PREFIX: Final = "AWS::ApiGatewayV2::"
_KINDS: Final[Mapping[str, PartKind]] = {
    f"{_PREFIX}{kind}": kind for kind in ("Api", "Route", "Integration", "Authorizer", "Stage")
}
_WITHOUT_EFFECT: Final[Mapping[PartKind, Mapping[str, str]]] = {
    "Api": {
        "BodyS3Location": "routes of an OpenAPI document in AWS are not read",
        "DisableExecuteApiEndpoint": "the API answers at its own domain name all the same",
    },
    "Integration": {
        "RequestParameters": "requests go to the function as they are",
        "ResponseParameters": "responses go on as the function makes them",
    },
    "Stage": {
        "DefaultRouteSettings": "nothing is throttled",
        "RouteSettings": "nothing is throttled",
    },
}
"""Properties that change what an API does, and do nothing here."""


class Part(NamedTuple):
    """A part of an API. `id` is what other parts call it, `name` what messages do; `place` holds its properties by
    CloudFormation's names."""

    id: str
    name: str
    place: Place

    def text(self, key: str) -> str:
        """One property, "" where it is not set."""
        return as_text(self.place.child(key).tree)


Parts = Mapping[PartKind, Sequence[Part]]


def read(template: Template, resources: list[Resource], declared: Declared) -> None:
    """The HTTP APIs that a template puts together of resources, into `declared`."""
    parts: dict[PartKind, list[Part]] = {}
    for one in resources:
        kind = _KINDS.get(one.type)
        if kind is not None:
            place = template.evaluated(one.place.child("Properties"))
            place = place if isinstance(place.tree, Block) else Place(place.file, place.path, Block(), place.line)
            parts.setdefault(kind, []).append(Part(template.id_of(one.logical_id), one.logical_id, place))

    def version_of(arn: str) -> str:
        return f"{references.lambda_arn_of(template, arn)}:1"

    for api in assembled(parts, version_of, declared.findings):
        for host in references.hosts(template, api.name, f"{_PREFIX}Api"):
            declared.http_apis[host.lower()] = api


def assembled(parts: Parts, version_of: VersionOf, found: list[Finding]) -> Iterator[DeclaredHttpApi]:
    """The HTTP APIs that are made of parts."""
    guards = {one.id: _guard(one, found) for one in parts.get("Authorizer", ())}
    integrations = {one.id: one for one in parts.get("Integration", ())}
    for api in parts.get("Api", ()):
        if api.text("ProtocolType").upper() == "WEBSOCKET":
            continue
        own = {kind: [one for one in parts.get(kind, ()) if one.text("ApiId") == api.id] for kind in _KINDS.values()}
        quick = _quick(api, version_of)
        document = http_api_documents.read(api.place.child("Body"), version_of, found)
        routes = [*quick, *document.routes, *(_route(one, integrations, guards, version_of) for one in own["Route"])]
        stages = [
            Stage(one.text("StageName") or one.text("Name") or DEFAULT, variables(one.place)) for one in own["Stage"]
        ]
        if quick or not stages:
            stages.append(Stage())
        if not (quick or own["Stage"]):
            message = f"the HTTP API {api.name} has no stage here, so AWS answers 404; it is taken to be in $default"
            found.append(warning("http_apis.stage", api.place.at(), message))
        for kind, some in (("Api", [api]), ("Integration", own["Integration"]), ("Stage", own["Stage"])):
            for one in some:
                found += without_effect(one.place, _WITHOUT_EFFECT[kind])  # type: ignore[index]
        allowed = cors(api.place.child("CorsConfiguration").tree) or document.cors
        yield DeclaredHttpApi(api.name, api.id, api.place, tuple(routes), tuple(stages), allowed)


def _quick(api: Part, version_of: VersionOf) -> list[DeclaredRoute]:
    """The only route of an API that was made with a Target."""
    target, key = api.place.child("Target"), api.text("RouteKey") or DEFAULT
    if not target.tree:
        return []
    found = LAMBDA_ARN.search(as_text(target.tree))
    if found is None:
        return [DeclaredRoute(key, target, f"{key} by {target.tree}", not_modelled="its integration is no function")]
    arn = version_of(found.group())
    return [DeclaredRoute(key, target, f"{key} by {function_name(arn)}", arn)]


def _guard(part: Part, found: list[Finding]) -> Guard:
    kind = part.text("AuthorizerType")
    words = f"{kind} authorizer {part.name}"
    if kind != "JWT":
        return Guard(words, None, f"a {kind} authorizer lets in whom a function lets in, and is not asked here")
    sources = part.place.child("IdentitySource").tree or part.place.child("IdentitySources").tree
    source = as_text(sources[0] if isinstance(sources, list) and sources else sources)
    config = part.place.child("JwtConfiguration")
    return Guard(words, *jwt_authorizer(config, config.child("Issuer"), config.child("Audience"), source, found))


def _route(
    part: Part, integrations: Mapping[str, Part], guards: Mapping[str, Guard], version_of: VersionOf
) -> DeclaredRoute:
    key, scopes = part.text("RouteKey"), part.place.child("AuthorizationScopes").tree
    integration = integrations.get(part.text("Target").rpartition("/")[2])
    uri = "" if integration is None else integration.text("IntegrationUri")
    named = LAMBDA_ARN.search(uri)
    arn = version_of(named.group()) if named else ""
    kind, guard = part.text("AuthorizationType") or "NONE", guards.get(part.text("AuthorizerId"))
    if guard is None and kind != "NONE":
        guard = Guard(kind, None, f"its authorization, {kind}, is not asked here")
    why = "its integration is no function" if named is None else guard.not_modelled if guard is not None else ""
    words = f"{key} by {function_name(arn) or uri or 'an integration'}" + (f", {guard.words}" if guard else "")
    place = None if integration is None else integration.place
    return DeclaredRoute(
        key,
        part.place,
        words,
        "" if why else arn,
        why,
        None if guard is None else guard.authorizer,
        tuple(map(as_text, scopes)) if isinstance(scopes, list) else (),
        # Without a format, API Gateway takes the older one.
        "1.0" if integration is None else integration.text("PayloadFormatVersion") or "1.0",
        seconds(
            None if place is None else place.child("TimeoutInMillis").tree or place.child("TimeoutMilliseconds").tree
        ),
    )
