"""Request bodies in Lambda@Edge: what a function with IncludeBody sees, and what it may put in its place.

Source: CloudFront Developer Guide, "Access the request body by choosing the include body option", "Quotas on
Lambda@Edge". A function always sees base64, cut at the limit; the origin gets the whole body unless the function's
action is `replace`.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import NamedTuple

from edge.events.lambda_edge_violations import BODY, broken
from edge.model import quotas
from edge.model.function import EventType
from edge.model.json_value import JsonObject, JsonValue

SHOWN_MAX_BYTES = {
    EventType.VIEWER_REQUEST: quotas.LAMBDA_VIEWER_BODY_MAX_BYTES,
    EventType.ORIGIN_REQUEST: quotas.LAMBDA_ORIGIN_BODY_MAX_BYTES,
}
"""How much of a body a function sees; also the limit for a body that it writes as text."""

_ENCODED_MAX_BYTES = {
    EventType.VIEWER_REQUEST: quotas.LAMBDA_VIEWER_ENCODED_BODY_MAX_BYTES,
    EventType.ORIGIN_REQUEST: quotas.LAMBDA_ORIGIN_ENCODED_BODY_MAX_BYTES,
}


class ShownBody(NamedTuple):
    """The beginning of a request body, no longer than the limit. `truncated` says that there is more."""

    data: bytes
    truncated: bool


def shown(body: bytes, event_type: EventType) -> ShownBody:
    """What a function sees of a body that is all here, or of which at least one byte more than the limit is."""
    limit = SHOWN_MAX_BYTES[event_type]
    return ShownBody(body[:limit], len(body) > limit)


def body_object(body: ShownBody) -> JsonObject:
    """`request.body` of an event."""
    return {
        "inputTruncated": body.truncated,
        "action": "read-only",
        "encoding": "base64",
        "data": base64.b64encode(body.data).decode("ascii"),
    }


def read_replacement(
    value: JsonValue, event_type: EventType, profile: quotas.LambdaEdgeProfile = quotas.LAMBDA_CURRENT
) -> bytes | None:
    """The body that a function put in place of the viewer's; None when the viewer's goes on. Raises Broken."""
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise broken(BODY, "body.not_an_object", "The body of the returned request is not an object.")
    action = value.get("action", "read-only")
    if action == "read-only":
        return None
    if action != "replace":
        raise broken(BODY, "body.action", "body.action is neither read-only nor replace : {}", action)
    data = value.get("data", "")
    encoding = value.get("encoding", "base64")
    if not isinstance(data, str):
        raise broken(BODY, "body.not_a_string", "body.data is not a string.")
    if encoding not in ("base64", "text"):
        raise broken(BODY, "body.encoding", "body.encoding is neither base64 nor text : {}", encoding)
    is_text = encoding == "text"
    text = data.encode("utf-8", "replace")
    limit = (SHOWN_MAX_BYTES if is_text else _ENCODED_MAX_BYTES)[event_type]
    if len(text) > limit:
        if profile.refuses_long_replaced_bodies:
            raise broken(
                BODY, "body.too_large", "The body has {} bytes as {}, Max allowed: {}", len(text), encoding, limit
            )
        text = text[: limit if is_text else limit - limit % 4]
    return text if is_text else decoded(text)


def decoded(text: bytes | str) -> bytes:
    """Base64 decoded. Raises Broken for what is not base64."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise broken(BODY, "body.base64", "The body is not valid base64.") from None
