"""Which distribution of a continuous deployment answers: the primary or its staging distribution.

Source: CloudFront Developer Guide, "Use CloudFront continuous deployment to safely test CDN configuration changes",
"Learn how continuous deployment works", "Quotas and other considerations". By a header with a value, or by weight, with
a cookie that keeps a viewer's session with one of the two. The staging distribution has a cache of its own. Viewers
over HTTP/3 get the primary. Choices where nothing is documented: the cookie's name and form; it is kept from cache
keys, functions and origins; a session begins anew when its cookie is not one that CloudFront could have set.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from edge.model import cookies
from edge.model.distribution import ContinuousDeployment, Distribution
from edge.model.headers import Headers, Line
from edge.model.note import Note
from edge.model.request import Request
from edge.model.viewer import Viewer

COOKIE = "aws-cf-cd-session"
_SESSION = re.compile(r"(primary|staging)-(\d{1,12})")


class Route(NamedTuple):
    """The distribution that answers, the request as it goes on, and the lines that keep the session."""

    distribution: Distribution
    request: Request
    lines: tuple[Line, ...]
    note: Note


def route(
    request: Request,
    viewer: Viewer,
    primary: Distribution,
    policy: ContinuousDeployment,
    chance: float,
    now: float,
) -> Route:
    """Where a request for the primary distribution goes. `chance` is this request's lot (0 up to 1)."""
    if viewer.http_version == "3.0":
        note = Note("continuous_deployment.http3", "requests over HTTP/3 go to the primary distribution")
        return Route(primary, request, (), note)
    if policy.header is not None:
        name, value = policy.header
        staged = request.headers.get(name) == value
        template = "the header {} is {}what the policy asks for, so the {} distribution answers"
        note = Note("continuous_deployment.header", template, (name, "" if staged else "not ", _word(staged)))
        return Route(policy.staging if staged else primary, request, (), note)
    if policy.idle_ttl_s is None or policy.maximum_ttl_s is None:
        staged = chance < policy.weight
        template = "the lot fell on the {} distribution (weight {})"
        note = Note("continuous_deployment.weight", template, (_word(staged), policy.weight))
        return Route(policy.staging if staged else primary, request, (), note)
    return _sticky(request, primary, policy, chance, now, policy.idle_ttl_s, policy.maximum_ttl_s)


def _sticky(
    request: Request,
    primary: Distribution,
    policy: ContinuousDeployment,
    chance: float,
    now: float,
    idle_ttl_s: int,
    maximum_ttl_s: int,
) -> Route:
    """By weight at the beginning of a session, and as before within it."""
    match = _SESSION.fullmatch(dict(cookies.parse(request.headers)).get(COOKIE, ""))
    began = int(match.group(2)) if match is not None else 0
    if match is not None and began <= now < began + maximum_ttl_s:
        staged = match.group(1) == "staging"
        note = Note("continuous_deployment.session", "the session stays with the {} distribution", (_word(staged),))
    else:
        staged, began = chance < policy.weight, int(now)
        template = "a session began with the {} distribution (weight {})"
        note = Note("continuous_deployment.session_began", template, (_word(staged), policy.weight))
    left_s = min(idle_ttl_s, int(began + maximum_ttl_s - now))
    cookie = f"{COOKIE}={_word(staged)}-{began}; Path=/; Max-Age={left_s}; HttpOnly"
    lines = (("Set-Cookie", cookie),)
    return Route(policy.staging if staged else primary, _without_cookie(request), lines, note)


def _without_cookie(request: Request) -> Request:
    """The request as it would be without session stickiness."""
    if COOKIE not in (request.headers.joined("cookie") or ""):
        return request
    lines: list[Line] = []
    for name, value in request.headers.lines:
        if name.lower() == "cookie":
            pieces = (piece.strip() for piece in value.split(";"))
            value = "; ".join(piece for piece in pieces if piece.partition("=")[0] != COOKIE)
            if not value:
                continue
        lines.append((name, value))
    return request._replace(headers=Headers(lines))


def _word(staged: bool) -> str:
    return "staging" if staged else "primary"
