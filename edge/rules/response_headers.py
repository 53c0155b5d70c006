"""Response headers policies: what is removed, and what is added.

Source: CloudFront Developer Guide, "Understand response headers policies". The remove list goes first, then CORS,
security and custom headers; a header that is removed and added is there. Without `override` the origin's header of
that name stays. The CORS part is `cors.py`, Server-Timing is `server_timing.py`. Near: Strict-Transport-Security is
left out over plain HTTP (seen on the wire, not documented).
"""

from __future__ import annotations

from edge.model.headers import Headers, Line
from edge.model.policies import PolicyHeader, ResponseHeadersPolicy
from edge.model.request import Request
from edge.model.viewer import Viewer
from edge.rules import cors

_MEMO_MAX = 1024
_memo: dict[tuple[int, int, bool], tuple[ResponseHeadersPolicy, Headers, Headers]] = {}
"""Earlier results by identity of policy and headers: a stored object meets the same policy on each hit. Each entry
holds both, so that their ids are not given away."""


def apply(policy: ResponseHeadersPolicy, request: Request, headers: Headers, viewer: Viewer) -> Headers:
    """The headers under the policy. `request` is what the viewer sent: CORS depends on its Origin."""
    secure = viewer.scheme == "https"
    if policy.cors is not None and "origin" in request.headers:
        return _with_additions(policy, cors.apply(policy.cors, request, _without_removed(policy, headers)), secure)
    key = (id(policy), id(headers), secure)
    known = _memo.get(key)
    if known is not None:
        return known[2]
    made = _with_additions(policy, _without_removed(policy, headers), secure)
    if len(_memo) >= _MEMO_MAX:
        _memo.clear()
    _memo[key] = (policy, headers, made)
    return made


def _without_removed(policy: ResponseHeadersPolicy, headers: Headers) -> Headers:
    return headers.without(*policy.remove)


def _with_additions(policy: ResponseHeadersPolicy, headers: Headers, secure: bool) -> Headers:
    """New headers at the end; those that replace the origin's, in its place."""
    new: list[Line] = []
    for one in (*policy.security, *policy.custom):
        if not secure and _is_hsts(one):
            continue
        if one.name.lower() not in headers:
            new.append((one.name, one.value))
        elif one.override:
            headers = headers.replaced(one.name, one.value)
    return headers.plus(new) if new else headers


def _is_hsts(one: PolicyHeader) -> bool:
    return one.name.lower() == "strict-transport-security"
