"""Response headers policies: what is removed, and what is added.

Source: CloudFront Developer Guide, "Understand response headers policies". The remove list goes first, then CORS,
security and custom headers; a header that is removed and added is there. Without `override` the origin's header of
that name stays. Near: Strict-Transport-Security is left out over plain HTTP (seen on the wire, not documented). Not
modelled: Server-Timing. The CORS part is `cors.py`.
"""

from __future__ import annotations

from edge.model.headers import Headers, Line
from edge.model.policies import PolicyHeader, ResponseHeadersPolicy
from edge.model.request import Request
from edge.model.viewer import Viewer
from edge.rules import cors


def apply(policy: ResponseHeadersPolicy, request: Request, headers: Headers, viewer: Viewer) -> Headers:
    """The headers under the policy. `request` is what the viewer sent: CORS depends on its Origin."""
    if policy.remove:
        headers = headers.without(*policy.remove)
    if policy.cors is not None:
        headers = cors.apply(policy.cors, request, headers)
    if viewer.scheme == "https":
        return _add(headers, (*policy.security, *policy.custom))
    kept = (one for one in policy.security if one.name.lower() != "strict-transport-security")
    return _add(headers, (*kept, *policy.custom))


def _add(headers: Headers, added: tuple[PolicyHeader, ...]) -> Headers:
    """New headers at the end; those that replace the origin's, in its place."""
    new: list[Line] = []
    for one in added:
        if one.name.lower() not in headers:
            new.append((one.name, one.value))
        elif one.override:
            headers = headers.replaced(one.name, one.value)
    return headers.plus(new) if new else headers
