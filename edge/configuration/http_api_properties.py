"""What the parts of HTTP APIs say, in each form that declares them: authorizers, CORS, timeouts, variables.

Source: CloudFormation User Guide, AWS::ApiGatewayV2::Api, Authorizer and Stage; API Gateway Developer Guide, "Control
access to HTTP APIs with JWT authorizers", "OpenAPI extensions for API Gateway".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from edge.configuration.finding import Finding, warning
from edge.configuration.intrinsics import as_text
from edge.configuration.positions import Block, Place, first_unresolved
from edge.model import quotas
from edge.model.function_url import FunctionUrlCors
from edge.model.http_api import JwtAuthorizer

LAMBDA_ARN: Final = re.compile(r"arn:aws[\w-]*:lambda:[^/]+")
_IDENTITY_SOURCE: Final = re.compile(r"\$request\.(?:header|querystring)\.[^\s,]+")
VersionOf = Callable[[str], str]
"""The ARN, in `Declared.lambdas`, of the function that an ARN names."""


class Guard(NamedTuple):
    """Who is let in: in words, and as a value where there is one; `not_modelled` says why there is none."""

    words: str
    authorizer: JwtAuthorizer | None
    not_modelled: str = ""


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


def cors(config: Any) -> FunctionUrlCors | None:
    """The CorsConfiguration of an API, or x-amazon-apigateway-cors, whose names begin in lower case."""
    if not isinstance(config, Block):
        return None
    given = {f"{key[:1].upper()}{key[1:]}": value for key, value in config.items()}

    def texts(key: str) -> tuple[str, ...]:
        value = given.get(key)
        return tuple(map(as_text, value)) if isinstance(value, list) else ()

    age = as_text(given.get("MaxAge"))
    return FunctionUrlCors(
        texts("AllowOrigins"),
        texts("AllowMethods"),
        texts("AllowHeaders"),
        texts("ExposeHeaders"),
        as_text(given.get("AllowCredentials")) == "true",
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


def function_name(version_arn: str) -> str:
    """The name of a function in the ARN of one of its versions."""
    return (*version_arn.split(":"), *[""] * 7)[6]
