"""What plain HTTP from a viewer leads to: an answer, a redirect, or a refusal.

Source: CloudFront Developer Guide, "Require HTTPS for communication between viewers and CloudFront"; "All distribution
settings reference", Viewer protocol policy. GET and HEAD are redirected with 301, other methods with 307 so that they
are repeated with their body; HTTP/1.0 does not know 307 and gets 403. Near: the 403 says "Bad request.". The redirect
goes to the Host that the viewer sent, its port included, as on AWS where there is no other port to go to.
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
    pattern = behavior.path_pattern.text
    if policy is ViewerProtocolPolicy.HTTPS_ONLY:
        note = Note("viewer_protocol.https_only", "ViewerProtocolPolicy of the behavior {} is https-only", (pattern,))
        return Refusal(403, "Bad request.", note)
    if request.method in ("GET", "HEAD"):
        status = 301
    elif viewer.http_version == "1.0":
        template = "{} over HTTP/1.0 cannot be redirected to HTTPS: HTTP/1.0 has no 307"
        note = Note("viewer_protocol.not_redirectable", template, (request.method,))
        return Refusal(403, "Bad request.", note)
    else:
        status = 307
    note = Note("viewer_protocol.redirected", "the behavior {} redirects HTTP to HTTPS", (pattern,))
    return Redirect(status, f"https://{request.host}{request.target}", note)
