"""What plain HTTP from a viewer leads to: an answer, a redirect, or a refusal.

Source: CloudFront Developer Guide, "Require HTTPS for communication between viewers and CloudFront". GET and HEAD are
redirected with 301, other methods with 307 so that they are repeated with their body; HTTP/1.0 does not know 307 and
gets 403.
"""

from __future__ import annotations

from edge.model.distribution import Behavior, ViewerProtocolPolicy
from edge.model.note import Note
from edge.model.redirect import Redirect
from edge.model.refusal import Refusal
from edge.model.request import Request
from edge.model.viewer import Viewer


def check(request: Request, viewer: Viewer, behavior: Behavior) -> Refusal | Redirect | None:
    """None when the request goes on as it is."""
    policy = behavior.viewer_protocol_policy
    if viewer.scheme == "https" or policy is ViewerProtocolPolicy.ALLOW_ALL:
        return None
    if policy is ViewerProtocolPolicy.HTTPS_ONLY:
        return Refusal(403, "Bad request.", Note("viewer_protocol.https_only", "this behavior takes HTTPS only"))
    if request.method in ("GET", "HEAD"):
        status = 301
    elif viewer.http_version == "1.0":
        note = Note("viewer_protocol.http10", "{} over HTTP/1.0 cannot be redirected with 307", (request.method,))
        return Refusal(403, "Bad request.", note)
    else:
        status = 307
    note = Note("viewer_protocol.redirected", "this behavior redirects HTTP to HTTPS")
    return Redirect(status, f"https://{request.host}{request.target}", note)
