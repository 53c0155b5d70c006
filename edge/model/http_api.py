"""An HTTP API of API Gateway whose integrations are Lambda functions, as an origin.

Source: API Gateway Developer Guide, "Create routes for HTTP APIs", "Control access to HTTP APIs with JWT authorizers",
"Configure CORS for HTTP APIs", "Stages for HTTP APIs"; API Reference (V2), Route, Integration, Authorizer, Stage.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from edge.model import quotas
from edge.model.function import LambdaFunction
from edge.model.function_url import FunctionUrlCors

DEFAULT: Final = "$default"
"""The route of last resort, and the stage that has no name in the path."""


@dataclass(frozen=True, slots=True)
class JwtAuthorizer:
    """Who may ask: who has a token of this issuer for one of these audiences. `identity_source` says where the token
    is, as `$request.header.NAME` or `$request.querystring.NAME`. `local_issuer` is the URL on this machine that plays
    the issuer, "" for none: keys come from there, and tokens may name it as their issuer."""

    issuer: str
    audience: tuple[str, ...]
    identity_source: str = "$request.header.Authorization"
    local_issuer: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """One route. `key` is a method (or ANY) and a path with {name} and {name+} in it, or `$default`. A `function` of
    None is an integration or an authorizer that has no model here, as `not_modelled` says: it is
    never run in another way. A token needs one of `scopes`, where there are any."""

    key: str
    function: LambdaFunction | None
    authorizer: JwtAuthorizer | None = None
    scopes: tuple[str, ...] = ()
    payload_version: Literal["1.0", "2.0"] = "2.0"
    timeout_s: float = quotas.HTTP_API_INTEGRATION_TIMEOUT_S
    not_modelled: str = ""

    @property
    def method(self) -> str:
        """The method, ANY among them; ANY for `$default`."""
        return "ANY" if self.key == DEFAULT else self.key.partition(" ")[0]

    @property
    def path(self) -> str:
        """The path template; "" for `$default`."""
        return "" if self.key == DEFAULT else self.key.partition(" ")[2]


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage, with its variables. All but `$default` have their name as the first segment of paths."""

    name: str = DEFAULT
    variables: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class HttpApi:
    """An HTTP API. `cors` is that of the API, of the same form as a function URL's; None where it has none."""

    id: str
    routes: tuple[Route, ...]
    stages: tuple[Stage, ...] = (Stage(),)
    cors: FunctionUrlCors | None = None

    @property
    def functions(self) -> tuple[LambdaFunction, ...]:
        """The functions of its routes."""
        return tuple(route.function for route in self.routes if route.function is not None)
