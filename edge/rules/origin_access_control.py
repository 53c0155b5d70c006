"""Origin access control: requests to S3, Lambda function URLs, MediaPackage and MediaStore, signed by CloudFront.

Source: CloudFront Developer Guide, "Restrict access to an AWS origin", "Restrict access to an Amazon S3 origin",
"Restrict access to an AWS Lambda function URL origin"; API Reference, OriginAccessControlConfig. `always` signs in
place of the viewer's Authorization; `no-override` leaves that where a policy lets it through; `never` signs nothing.
Near: which headers are signed (Host, Content-Type and X-Amz-*: what S3 asks for); the credentials are a stand-in, or
those of edge.toml, where CloudFront signs as a service; `always-amz-auth` puts the signature into X-Amz-Authorization
and lets the viewer's Authorization through (AWS names no header). A body is not hashed (UNSIGNED-PAYLOAD); Lambda takes
no unsigned body, so a viewer who sends one must say its X-Amz-Content-Sha256. An origin access identity signs too.
"""

from __future__ import annotations

import re
from typing import Final

from edge.model.body import EMPTY
from edge.model.headers import Headers, Line
from edge.model.origin import STAND_IN_CREDENTIALS, Origin, OriginAccessControl, OriginRequest
from edge.rules import sigv4

_REGION = re.compile(
    r"\.(?:s3[.-](?:dualstack\.)?|lambda-url\.|data\.mediastore\.|mediapackagev2\.)([a-z]{2}(?:-[a-z]+)+-\d)\."
)
_PAYLOAD: Final = "x-amz-content-sha256"
AMZ_AUTHORIZATION: Final = "X-Amz-Authorization"
_IDENTITY = OriginAccessControl("origin access identity", "s3", "always")


def control_of(origin: Origin) -> OriginAccessControl | None:
    """What signs the requests to an origin; None where nothing does."""
    control = origin.access_control or (_IDENTITY if origin.origin_access_identity else None)
    return None if control is None or control.signing_behavior == "never" else control


def sign(request: OriginRequest, origin: Origin, now: float) -> OriginRequest:
    """The request, signed if the origin's access control says so. `now` is epoch seconds."""
    control = control_of(origin)
    if control is None or (control.signing_behavior == "no-override" and "authorization" in request.headers):
        return request
    credentials = origin.credentials or STAND_IN_CREDENTIALS
    payload = _payload_hash(request, control)
    lines: list[Line] = [("X-Amz-Date", sigv4.amz_date(now)), ("X-Amz-Content-Sha256", payload)]
    if credentials.session_token:
        lines.append(("X-Amz-Security-Token", credentials.session_token))
    own = [name.lower() for name, _ in lines]
    if control.signing_behavior != "always-amz-auth":
        own.append("authorization")
    headers = request.headers.without(*own).plus(lines)
    value = sigv4.authorization(
        request.method,
        request.target,
        [line for line in headers if _is_signed(line[0].lower())],
        payload,
        credentials,
        region_of(origin.domain_name),
        control.origin_type,
        now,
    )
    name = AMZ_AUTHORIZATION if control.signing_behavior == "always-amz-auth" else "Authorization"
    return request._replace(headers=headers.plus(((name, value),)))


def region_of(domain_name: str) -> str:
    """The region in an AWS domain name; the one that names without a region belong to."""
    found = _REGION.search(domain_name)
    return found.group(1) if found else "us-east-1"


def _payload_hash(request: OriginRequest, control: OriginAccessControl) -> str:
    stated = _stated(request.headers)
    if stated is not None:
        return stated
    if control.origin_type == "lambda" and request.body == EMPTY:
        return sigv4.EMPTY_PAYLOAD
    return sigv4.UNSIGNED_PAYLOAD


def _stated(headers: Headers) -> str | None:
    """The hash that the viewer says its body has. The one that this rule puts there itself is none."""
    value = headers.get(_PAYLOAD)
    return None if value == sigv4.UNSIGNED_PAYLOAD else value


def _is_signed(name: str) -> bool:
    return name in ("host", "content-type") or (name.startswith("x-amz-") and name != AMZ_AUTHORIZATION.lower())
