"""HTTP APIs whose parts are resources of their own: routes, integrations, authorizers and stages.

CloudFormation and Terraform call the parts alike, so both are read here, from properties by CloudFormation's names.
Source: CloudFormation User Guide, AWS::ApiGatewayV2::Api, Route, Integration, Authorizer and Stage; Terraform Registry,
aws_apigatewayv2_*; API Gateway Developer Guide, "Create AWS Lambda proxy integrations for HTTP APIs".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

from edge.configuration import references
from edge.configuration.declared import Declared, DeclaredHttpApi, DeclaredRoute
from edge.configuration.finding import Finding, warning
from edge.configuration.intrinsics import as_text
from edge.configuration.positions import Block, Place, first_unresolved
from edge.configuration.template import Resource, Template
from edge.model import quotas
from edge.model.function_url import FunctionUrlCors
from edge.model.http_api import DEFAULT, JwtAuthorizer, Stage

PartKind = Literal["Api", "Route", "Integration", "Authorizer", "Stage"]
_PREFIX: Final = "AWS::ApiGatewayV2::"
_KINDS: Final[Mapping[str, PartKind]] = {
    f"{_PREFIX}{kind}": kind for kind in ("Api", "Route", "Integration", "Authorizer", "Stage")
}
_LAMBDA_ARN: Final = re.compile(r"arn:aws[\w-]*:lambda:[^/]+")
_IDENTITY_SOURCE: Final = re.compile(r"\$request\.(?:header|querystring)\.[^\s,]+")
_WITHOUT_EFFECT: Final[Mapping[PartKind, Mapping[str, str]]] = {
    "Api": {
        "Body": "routes of an OpenAPI document are not read",
        "BodyS3Location": "routes of an OpenAPI document are not read",
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
VersionOf = Callable[[str], str]
"""The ARN, in `Declared.lambdas`, of the function that an ARN names."""


class _Guard(NamedTuple):
    """An authorizer: in words, and as a value where it has one."""

    words: str
    authorizer: JwtAuthorizer | None
    not_modelled: str = ""


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
        routes = [*quick, *(_route(one, integrations, guards, version_of) for one in own["Route"])]
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
        yield DeclaredHttpApi(api.name, api.id, api.place, tuple(routes), tuple(stages), cors(api.place))


def without_effect(place: Place, reasons: Mapping[str, str]) -> Iterator[Finding]:
    """What is set of properties that do nothing here."""
    for key, why in reasons.items():
        if _says_something(place.child(key).tree):
            yield warning("not_modelled", place.at(key), f"not modelled: {why}")


def _says_something(tree: Any) -> bool:
    """Whether a value is more than zeros, empty texts and the like, as Terraform shows what nobody has set."""
    children = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else None
    return bool(tree) if children is None else any(_says_something(child) for child in children)


def jwt_authorizer(
    place: Place, issuer: Place, audience: Place, identity_source: str, found: list[Finding]
) -> tuple[JwtAuthorizer | None, str]:
    """A JWT authorizer, and why there is none."""
    for one in (issuer, audience):
        unknown = first_unresolved(one.tree)
        if unknown is not None:
            found.append(warning("http_apis.authorizer", one.at(), f"no token can be of this: {unknown.reason}"))
    if not issuer.tree or not audience.tree:
        return None, f"the authorizer at {place.path} has no issuer or no audience"
    if not _IDENTITY_SOURCE.fullmatch(identity_source):
        return None, f"tokens at {identity_source} are not looked for"
    given = audience.tree if isinstance(audience.tree, list) else [audience.tree]
    return JwtAuthorizer(as_text(issuer.tree), tuple(map(as_text, given)), identity_source), ""


def cors(place: Place) -> FunctionUrlCors | None:
    """The CorsConfiguration of an API."""
    config = place.child("CorsConfiguration")
    if not isinstance(config.tree, Block):
        return None

    def texts(key: str) -> tuple[str, ...]:
        value = config.tree.get(key)
        return tuple(map(as_text, value)) if isinstance(value, list) else ()

    age = as_text(config.tree.get("MaxAge"))
    return FunctionUrlCors(
        texts("AllowOrigins"),
        texts("AllowMethods"),
        texts("AllowHeaders"),
        texts("ExposeHeaders"),
        as_text(config.tree.get("AllowCredentials")) == "true",
        int(age) if age.isdigit() else 0,
    )


def variables(place: Place) -> tuple[tuple[str, str], ...]:
    """The StageVariables of a stage."""
    given = place.child("StageVariables").tree
    return tuple((name, as_text(value)) for name, value in given.items()) if isinstance(given, Block) else ()


def seconds(value: Any) -> float:
    """A timeout that is given in milliseconds."""
    text = as_text(value)
    return int(text) / 1000 if text.isdigit() and int(text) else quotas.HTTP_API_INTEGRATION_TIMEOUT_S


def _name(version_arn: str) -> str:
    return (*version_arn.split(":"), *[""] * 7)[6]


def _quick(api: Part, version_of: VersionOf) -> list[DeclaredRoute]:
    """The only route of an API that was made with a Target."""
    target, key = api.place.child("Target"), api.text("RouteKey") or DEFAULT
    if not target.tree:
        return []
    found = _LAMBDA_ARN.search(as_text(target.tree))
    if found is None:
        return [DeclaredRoute(key, target, f"{key} by {target.tree}", not_modelled="its integration is no function")]
    arn = version_of(found.group())
    return [DeclaredRoute(key, target, f"{key} by {_name(arn)}", arn)]


def _guard(part: Part, found: list[Finding]) -> _Guard:
    kind = part.text("AuthorizerType")
    words = f"{kind} authorizer {part.name}"
    if kind != "JWT":
        return _Guard(words, None, f"a {kind} authorizer lets in whom a function lets in, and is not asked here")
    sources = part.place.child("IdentitySource").tree or part.place.child("IdentitySources").tree
    source = as_text(sources[0] if isinstance(sources, list) and sources else sources)
    config = part.place.child("JwtConfiguration")
    return _Guard(words, *jwt_authorizer(config, config.child("Issuer"), config.child("Audience"), source, found))


def _route(
    part: Part, integrations: Mapping[str, Part], guards: Mapping[str, _Guard], version_of: VersionOf
) -> DeclaredRoute:
    key, scopes = part.text("RouteKey"), part.place.child("AuthorizationScopes").tree
    integration = integrations.get(part.text("Target").rpartition("/")[2])
    uri = "" if integration is None else integration.text("IntegrationUri")
    named = _LAMBDA_ARN.search(uri)
    arn = version_of(named.group()) if named else ""
    kind, guard = part.text("AuthorizationType") or "NONE", guards.get(part.text("AuthorizerId"))
    if guard is None and kind != "NONE":
        guard = _Guard(kind, None, f"its authorization, {kind}, is not asked here")
    why = "its integration is no function" if named is None else guard.not_modelled if guard is not None else ""
    words = f"{key} by {_name(arn) or uri or 'an integration'}" + (f", {guard.words}" if guard else "")
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
