"""When a function that is associated with a behavior does not run.

Source: CloudFront Developer Guide, "CloudFront events that can trigger a function": viewer response functions do not
run for an origin status of 400 or more, a custom error page, a response that a viewer request function made, or the
redirect to HTTPS. Near: neither do they for the other responses that CloudFront makes up.
"""

from __future__ import annotations

from edge.model.answer import Answer, MadeBy
from edge.model.note import Note

_SKIPPED = {
    MadeBy.EDGE: "CloudFront made the response itself",
    MadeBy.REDIRECT: "CloudFront redirected to HTTPS",
    MadeBy.FUNCTION: "the viewer request function made the response",
    MadeBy.FUNCTION_FAILURE: "the viewer request function failed",
    MadeBy.ERROR_PAGE: "a custom error page is served",
}


def skips_viewer_response(answer: Answer) -> Note | None:
    """Why the viewer response function does not run for this answer; None when it runs."""
    reason = _SKIPPED.get(answer.made_by)
    if reason is None:
        if answer.origin_status < 400:
            return None
        reason = f"the origin answered {answer.origin_status}"
    return Note("associations.viewer_response_skipped", "the viewer response function did not run: {}", (reason,))
