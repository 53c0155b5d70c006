"""Which methods a behavior takes.

Source: CloudFront Developer Guide, "All distribution settings reference", Allowed HTTP methods; troubleshooting page
for HTTP 403 (invalid method). It comes before the redirect to HTTPS and before any function. A GET with a body is
refused too ("Request and response behavior for custom origins"); near: with "Bad request.", which is not documented.
A WebSocket handshake is a GET without a body, so it passes wherever GET does.
"""

from __future__ import annotations

from edge.model.distribution import Behavior
from edge.model.note import Note
from edge.model.refusal import Refusal
from edge.model.request import Request

MESSAGE = (
    "This distribution is not configured to allow the HTTP request method that was used for this request. "
    "The distribution supports only cachable requests."
)


def check(request: Request, behavior: Behavior) -> Refusal | None:
    """Refuse a method that the behavior does not allow, and a GET that brings a body."""
    method = request.method
    if method not in behavior.allowed_methods:
        allowed = ", ".join(sorted(behavior.allowed_methods))
        template = "{} is not allowed by the behavior {}: AllowedMethods is {}"
        note = Note("allowed_methods.refused", template, (method, behavior.path_pattern.text, allowed))
        return Refusal(403, MESSAGE, note, "InvalidRequestMethod")
    if method == "GET" and request.has_body:
        note = Note("allowed_methods.get_with_body", "CloudFront refuses a GET with a body: send it with POST")
        return Refusal(403, "Bad request.", note, "InvalidRequest")
    return None
