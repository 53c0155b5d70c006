"""Who may call a function URL: everybody, or who signs (SigV4).

Source: Lambda Developer Guide, "Control access to Lambda function URLs"; IAM User Guide, "Create a signed AWS API
request", "Troubleshoot signed requests". Near: one key signs here, that of the origin access control; resource policies
are not looked at; the words of the refusals.
"""

from __future__ import annotations

import hashlib
import hmac
import re

from edge.model.body import EMPTY
from edge.model.function_url import FunctionUrl
from edge.model.headers import Headers
from edge.model.origin import STAND_IN_CREDENTIALS, Origin, OriginRequest, OriginResponse
from edge.rules import sigv4
from edge.rules.origin_access_control import region_of

_AUTHORIZATION = re.compile(
    rf"{sigv4.ALGORITHM} Credential=([^/,\s]+)/(\d{{8}})/([a-z0-9-]+)/lambda/aws4_request, ?"
    r"SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})"
)
_CLOCK_SKEW_MAX_S = 300


def refusal(url: FunctionUrl, origin: Origin, request: OriginRequest, body: bytes, now: float) -> OriginResponse | None:
    """The 403 for a request that may not call the function; None for one that may. `now` is epoch seconds."""
    if url.auth_type == "NONE":
        return None
    found = _AUTHORIZATION.fullmatch(request.headers.get("authorization") or "")
    if found is None:
        return _forbidden("Forbidden. For troubleshooting Function URL authorization issues, see the Lambda guide.")
    key, date, region, names, _ = found.groups()
    credentials = origin.credentials or STAND_IN_CREDENTIALS
    if key != credentials.access_key_id:
        return _forbidden("The security token included in the request is invalid.")
    moment = request.headers.get("x-amz-date") or ""
    signed_at = sigv4.epoch(moment)
    if signed_at is None or not moment.startswith(date) or abs(now - signed_at) > _CLOCK_SKEW_MAX_S:
        return _forbidden("Signature expired, or not yet current.")
    payload = request.headers.get("x-amz-content-sha256") or sigv4.EMPTY_PAYLOAD
    if payload != hashlib.sha256(body if body != EMPTY else b"").hexdigest() or region != region_of(origin.domain_name):
        return _forbidden(_MISMATCH)
    signed = [line for line in request.headers.lines if line[0].lower() in names.split(";")]
    ours = sigv4.authorization(
        request.method, request.target, signed, payload, credentials, region, "lambda", signed_at
    )
    if not hmac.compare_digest(ours.rpartition("=")[2], found.group(5)):
        return _forbidden(_MISMATCH)
    return None


_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
    "and signing method. Consult the service documentation for details."
)


def _forbidden(message: str) -> OriginResponse:
    body = b'{"Message":"%s"}' % message.encode()
    lines = (
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        ("x-amzn-ErrorType", "AccessDeniedException"),
    )
    return OriginResponse(403, "Forbidden", Headers(lines), body)
