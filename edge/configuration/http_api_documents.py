"""HTTP APIs that are an OpenAPI document: what SAM's transform makes, and what people write themselves.

Source: API Gateway Developer Guide, "OpenAPI definitions for HTTP APIs", "OpenAPI extensions for API Gateway"
(x-amazon-apigateway-integration, -authorizer, -cors, -any-method). A path item or an integration that is a `$ref` is
not followed: its routes are listed as not modelled.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from edge.configuration.declared import DeclaredRoute
from edge.configuration.finding import Finding
from edge.configuration.http_api_properties import (
    LAMBDA_ARN,
    Guard,
    VersionOf,
    cors,
    function_name,
    jwt_authorizer,
    seconds,
)
from edge.configuration.intrinsics import as_text
from edge.configuration.positions import Block, Place
from edge.model.function_url import FunctionUrlCors
from edge.model.http_api import DEFAULT

_EXTENSION: Final = "x-amazon-apigateway-"
_ANY: Final = f"{_EXTENSION}any-method"
_METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace", _ANY)
_NOBODY: Final = "NONE"
"""The scheme that SAM writes where a route has no authorizer."""


class Document(NamedTuple):
    """What a document says."""

    routes: tuple[DeclaredRoute, ...] = ()
    cors: FunctionUrlCors | None = None


def read(
    document: Place, version_of: VersionOf, found: list[Finding], default: tuple[Guard, tuple[str, ...]] | None = None
) -> Document:
    """The routes of a document, none where there is no document. `default` is the authorizer, with scopes, of routes
    that say nothing of one."""
    if not isinstance(document.tree, Block):
        return Document()
    routes = tuple(_routes(document, version_of, found, default))
    return Document(routes, cors(document.tree.get(f"{_EXTENSION}cors")))


def _routes(
    document: Place, version_of: VersionOf, found: list[Finding], default: tuple[Guard, tuple[str, ...]] | None
) -> Iterator[DeclaredRoute]:
    paths = document.child("paths")
    schemes: dict[str, Guard] = {}
    for path in paths.tree if isinstance(paths.tree, Block) else ():
        item = paths.child(path)
        for method in item.tree if isinstance(item.tree, Block) else ():
            operation = item.child(method)
            if method.lower() not in _METHODS and method != "$ref":
                continue
            is_default = path == DEFAULT or as_text(operation.child("isDefaultRoute").tree) == "true"
            name = "ANY" if method in (_ANY, "$ref") else method.upper()
            key = DEFAULT if is_default else f"{name} {path}"
            security = operation.child("security")
            security = document.child("security") if security.tree is None else security
            guard, scopes = default or (None, ())
            if isinstance(security.tree, list) and security.tree:
                guard, scopes = _guard(document, security, schemes, found)
            yield _route(key, operation, guard, scopes, version_of)


def _route(
    key: str, operation: Place, guard: Guard | None, scopes: tuple[str, ...], version_of: VersionOf
) -> DeclaredRoute:
    integration = operation.child(f"{_EXTENSION}integration")
    uri = as_text(integration.child("uri").tree)
    named = LAMBDA_ARN.search(uri)
    arn = version_of(named.group()) if named else ""
    why = "its integration is no function" if named is None else guard.not_modelled if guard is not None else ""
    return DeclaredRoute(
        key,
        operation,
        f"{key} by {function_name(arn) or uri or 'an integration'}" + (f", {guard.words}" if guard else ""),
        "" if why else arn,
        why,
        None if guard is None else guard.authorizer,
        scopes,
        as_text(integration.child("payloadFormatVersion").tree) or "1.0",
        seconds(integration.child("timeoutInMillis").tree),
    )


def _guard(
    document: Place, security: Place, schemes: dict[str, Guard], found: list[Finding]
) -> tuple[Guard | None, tuple[str, ...]]:
    """The authorizer of a route, and its scopes. `schemes` are those that have been read."""
    first = security.tree[0]
    if not isinstance(first, Block) or not first:
        return None, ()
    name, scopes = next(iter(first.items()))
    if name == _NOBODY:
        return None, ()
    if name not in schemes:
        schemes[name] = _scheme(document.child("components", "securitySchemes", name), name, found)
    return schemes[name], tuple(map(as_text, scopes)) if isinstance(scopes, list) else ()


def _scheme(scheme: Place, name: str, found: list[Finding]) -> Guard:
    authorizer = scheme.child(f"{_EXTENSION}authorizer")
    kind = as_text(authorizer.child("type").tree).lower()
    if kind != "jwt":
        return Guard(f"authorizer {name}", None, f"its authorizer, {name}, is not one of tokens, and is not asked here")
    config = authorizer.child("jwtConfiguration")
    source = as_text(authorizer.child("identitySource").tree)
    made = jwt_authorizer(config, config.child("issuer"), config.child("audience"), source, found)
    return Guard(f"JWT authorizer {name}", *made)
