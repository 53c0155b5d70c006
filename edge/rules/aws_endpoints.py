"""What an AWS endpoint refuses before anybody behind it is asked, where something on this machine plays it.

S3, API Gateway and Lambda function URLs answer to their own domain name and to no other Host: an origin request policy
that forwards the viewer's (AllViewer) brings 403, and AllViewerExceptHostHeader is for that. Lambda takes no body
without its hash: behind an origin access control the viewer must send X-Amz-Content-Sha256. A dev server in their
place would take both. What is asked at its real domain refuses by itself.
Source: CloudFront Developer Guide, "Use managed origin request policies", "Restrict access to an AWS Lambda function
URL origin"; API Gateway Developer Guide, gateway responses. Near: the words of the answers.
"""

from __future__ import annotations

from typing import NamedTuple

from edge.model.headers import Headers
from edge.model.note import Note
from edge.model.origin import Origin, OriginKind, OriginRequest, OriginResponse
from edge.rules import sigv4

_API_GATEWAY = ".execute-api."
_FUNCTION_URL = ".lambda-url."
_ACCESS_DENIED = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message>'
    b"<RequestId>LOCALENDPOINT000</RequestId><HostId>aW4gcGxhY2Ugb2YgUzM=</HostId></Error>"
)
_FORBIDDEN = b'{"message":"Forbidden"}'
_BAD_SIGNATURE = (
    b'{"message":"The request signature we calculated does not match the signature you provided. Check your AWS Secret '
    b'Access Key and signing method. Consult the service documentation for details."}'
)


class Refused(NamedTuple):
    """What the endpoint answers, and why."""

    response: OriginResponse
    note: Note


def refusal(origin: Origin, request: OriginRequest) -> Refused | None:
    """The endpoint's own answer; None when the request gets through it, or when it is not played here."""
    if not origin.local_url or not _is_endpoint(origin):
        return None
    host = request.headers.get("host")
    if host != origin.domain_name:
        template = (
            "{} answers to its own domain name only, and Host is {}: use the origin request policy "
            "AllViewerExceptHostHeader, or one that does not forward Host"
        )
        note = Note("aws_endpoints.host", template, (origin.domain_name, host))
        if origin.kind is OriginKind.S3:
            return Refused(_answer("application/xml", _ACCESS_DENIED, ("Server", "AmazonS3")), note)
        return Refused(_answer("application/json", _FORBIDDEN, ("x-amzn-ErrorType", "ForbiddenException")), note)
    unsigned = request.headers.get("x-amz-content-sha256") == sigv4.UNSIGNED_PAYLOAD
    if _FUNCTION_URL in origin.domain_name and unsigned:
        template = (
            "Lambda takes no body whose hash is not signed: behind an origin access control a viewer who sends a body "
            "must send X-Amz-Content-Sha256, and a policy must forward it"
        )
        answer = _answer("application/json", _BAD_SIGNATURE, ("x-amzn-ErrorType", "InvalidSignatureException"))
        return Refused(answer, Note("aws_endpoints.unsigned_body", template))
    return None


def _is_endpoint(origin: Origin) -> bool:
    name = origin.domain_name
    if not name.endswith((".amazonaws.com", ".amazonaws.com.cn", ".on.aws")):
        return False
    return origin.kind is OriginKind.S3 or _API_GATEWAY in name or _FUNCTION_URL in name


def _answer(content_type: str, body: bytes, *lines: tuple[str, str]) -> OriginResponse:
    headers = Headers((("Content-Type", content_type), ("Content-Length", str(len(body))), *lines))
    return OriginResponse(403, "Forbidden", headers, body)
