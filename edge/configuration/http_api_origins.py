"""HTTP APIs as origins: their functions, with code and variables, and what of them does not run.

An API that no distribution has as its origin is left alone. Source: API Gateway Developer Guide, "Create AWS Lambda
proxy integrations for HTTP APIs", "Control access to HTTP APIs with JWT authorizers".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from edge.configuration import function_urls
from edge.configuration.declared import Declared, DeclaredHttpApi, DeclaredRoute
from edge.configuration.finding import Finding, nearest, note, warning
from edge.configuration.intrinsics import as_text
from edge.configuration.local import Local
from edge.model.function import LambdaFunction
from edge.model.http_api import HttpApi, JwtAuthorizer, Route

_ROUTES_SHOWN_MAX: Final = 6
_FORMATS: Final = ("1.0", "2.0")


def http_apis(declared: Declared, local: Local, given: Mapping[str, str], found: list[Finding]) -> dict[str, HttpApi]:
    """The HTTP APIs that are origins and of which at least one route can run, by host. `given` are the names of origins
    that have a URL of their own."""
    made: dict[str, HttpApi] = {}
    elsewhere = {**local.origins, **given}
    for host, id in _asked(declared).items():
        api = declared.http_apis[host]
        if {host, id, declared.logical_ids.get(host)} & elsewhere.keys():
            continue
        declared.behind[host] = _words(api)
        reader = _Reader(declared, local, found)
        routes = tuple(reader.route(one) for one in api.routes)
        found += reader.issuers(api)
        if any(route.function is not None for route in routes):
            made[host] = HttpApi(api.id, routes, api.stages, api.cors)
    known = {one.authorizer.issuer for api in declared.http_apis.values() for one in api.routes if one.authorizer}
    for issuer in local.issuers.keys() - known:
        message = f"no JWT authorizer has the issuer {issuer}; {nearest(issuer, known)}"
        found.append(warning("http_apis.unknown_issuer", f"{local.name} issuers.{issuer}", message))
    return made


def _asked(declared: Declared) -> dict[str, str]:
    """The hosts of HTTP APIs that distributions have as origins, with the id of the origin."""
    hosts: dict[str, str] = {}
    for distribution in declared.distributions:
        origins = distribution.config.child("Origins").tree
        origins = origins.get("Items") if isinstance(origins, dict) else origins
        for index in range(len(origins) if isinstance(origins, list) else 0):
            host = as_text(distribution.config.child("Origins", index, "DomainName").tree).lower()
            if host in declared.http_apis:
                hosts[host] = as_text(distribution.config.child("Origins", index, "Id").tree)
    return hosts


def _words(api: DeclaredHttpApi) -> str:
    shown = "; ".join(one.answered_by for one in api.routes[:_ROUTES_SHOWN_MAX])
    more = f" and {len(api.routes) - _ROUTES_SHOWN_MAX} more" if len(api.routes) > _ROUTES_SHOWN_MAX else ""
    return f"the HTTP API {api.name} ({shown or 'without routes'}{more}), of which nothing can run here"


class _Reader:
    """The routes of one API. A function is read once, however many routes it answers."""

    def __init__(self, declared: Declared, local: Local, found: list[Finding]) -> None:
        self._declared = declared
        self._local = local
        self._found = found
        self._functions: dict[str, LambdaFunction | None] = {}

    def route(self, one: DeclaredRoute) -> Route:
        """A route, without a function where it cannot run as it does on AWS."""
        why, function = one.not_modelled, None
        if not why and one.payload_version not in _FORMATS:
            why = f"there is no payload format {one.payload_version}"
        if not why:
            function = self._function(one.function_arn)
            why = "" if function is not None else f"the code of {one.function_arn} is not here"
        if why:
            message = f"not modelled: requests to the route {one.key} get 502: {why}"
            self._found.append(warning("not_modelled", one.place.at(), message))
        return Route(
            one.key,
            function,
            self._authorizer(one.authorizer),
            one.scopes,
            "1.0" if one.payload_version == "1.0" else "2.0",
            one.timeout_s,
            why,
        )

    def issuers(self, api: DeclaredHttpApi) -> list[Finding]:
        """Issuers that are not on this machine, each once."""
        asked = {one.authorizer.issuer: one for one in reversed(api.routes) if one.authorizer is not None}
        return [
            note(
                "http_apis.issuer",
                route.place.at(),
                f"tokens are verified with the keys of the real {issuer}; for an issuer on this machine add under "
                f'[issuers] in {self._local.name}: "{issuer}" = "http://localhost:PORT"',
            )
            for issuer, route in asked.items()
            if issuer not in self._local.issuers
        ]

    def _authorizer(self, one: JwtAuthorizer | None) -> JwtAuthorizer | None:
        return one and replace(one, local_issuer=self._local.issuers.get(one.issuer, ""))

    def _function(self, arn: str) -> LambdaFunction | None:
        if arn not in self._functions:
            code = self._declared.lambdas.get(arn)
            made = None if code is None else function_urls.in_its_region(code, self._declared, self._found)
            self._functions[arn] = made
        return self._functions[arn]
