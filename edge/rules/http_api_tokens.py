"""Whether a JSON Web Token opens a route of an HTTP API: its claims, once its signature is known to be good.

Source: API Gateway Developer Guide, "Control access to HTTP APIs with JWT authorizers" (which claims are validated),
"Troubleshooting issues with HTTP API JWT authorizers" (the www-authenticate header). Near: the words of most
descriptions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import parse_qsl

from edge.model.http_api import JwtAuthorizer, Route
from edge.model.json_value import JsonObject, JsonValue
from edge.model.origin import OriginRequest

ALGORITHMS = ("RS256", "RS384", "RS512")
"""What a token may be signed with: RSA alone."""


class Denied(NamedTuple):
    """Why a request is refused: 401 with the `www-authenticate` header, or 403 for want of a scope."""

    status: int
    authenticate: str


NO_TOKEN = Denied(401, "Bearer")


def invalid(description: str) -> Denied:
    """A token that is not good, and why."""
    return Denied(401, f'Bearer scope="" error="invalid_token" error_description="{description}"')


def token_of(request: OriginRequest, identity_source: str) -> str:
    """The token of a request, "" for none. The word Bearer before it may be missing."""
    _, kind, name = (*identity_source.split(".", 2), "", "")[:3]
    if kind == "querystring":
        query = request.target.partition("?")[2]
        text = next((value for key, value in parse_qsl(query) if key == name), "")
    else:
        text = request.headers.get(name.lower()) or ""
    scheme, _, rest = text.strip().partition(" ")
    return rest.strip() if scheme.lower() == "bearer" else text.strip()


def denied(claims: JsonObject, authorizer: JwtAuthorizer, route: Route, now: float) -> Denied | None:
    """Why claims do not open a route; None when they do. `now` is epoch seconds."""
    if claims.get("iss") not in {authorizer.issuer, authorizer.local_issuer or authorizer.issuer}:
        return invalid("the token does not have a valid issuer")
    audience = claims["aud"] if claims.get("aud") is not None else claims.get("client_id")
    given = audience if isinstance(audience, Sequence) and not isinstance(audience, str) else [audience]
    if not any(one in authorizer.audience for one in given):
        return invalid("the token does not have a valid audience")
    times = {name: claims.get(name) for name in ("exp", "nbf", "iat")}
    if any(time is not None and not _is_number(time) for time in times.values()):
        return invalid("the token has a time that is not a number")
    if not isinstance(times["exp"], int | float) or now >= times["exp"]:
        return invalid("the token has expired")
    if isinstance(times["nbf"], int | float) and now < times["nbf"]:
        return invalid("the token is not valid yet")
    if isinstance(times["iat"], int | float) and now < times["iat"]:
        return invalid("the token was issued in the future")
    if route.scopes and not set(route.scopes) & set(scopes(claims)):
        wanted = " ".join(route.scopes)
        words = f'scope="{wanted}" error="insufficient_scope" error_description="the token has none of the scopes"'
        return Denied(403, f"Bearer {words}")
    return None


def scopes(claims: JsonObject) -> list[str]:
    """The scopes of a token, from `scope` or `scp`."""
    said = claims.get("scope", claims.get("scp"))
    if isinstance(said, str):
        return said.split()
    return [one for one in said if isinstance(one, str)] if isinstance(said, Sequence) else []


def context(claims: JsonObject, route: Route) -> JsonObject:
    """`requestContext.authorizer` of the function's event: every claim is a text there, `scopes` those of the route
    that the token has."""
    had = [one for one in route.scopes if one in scopes(claims)]
    jwt: dict[str, JsonValue] = {
        "claims": {name: _text(value) for name, value in claims.items()},
        "scopes": list[JsonValue](had) if route.scopes else None,
    }
    return {"jwt": jwt}


def _is_number(value: JsonValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text(value: JsonValue) -> str:
    """A claim as Go prints it, which API Gateway's texts look like: `true`, `[a b]`, `map[a:b]`."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "<nil>"
    if isinstance(value, Mapping):
        return f"map[{' '.join(f'{name}:{_text(one)}' for name, one in sorted(value.items()))}]"
    if isinstance(value, Sequence):
        return f"[{' '.join(_text(one) for one in value)}]"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
