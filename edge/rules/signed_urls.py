"""Signed URLs and signed cookies.

Source: CloudFront Developer Guide, "Serve private content with signed URLs and signed cookies", the pages on canned
and custom policies. A signed URL parameter anywhere makes the URL count, and the cookies not. The conditions of a
policy are `signed_policy.py`; the signature itself is checked by an Ask.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping

from edge.model import cookies, query_string
from edge.model.claim import Claim
from edge.model.distribution import Behavior
from edge.model.note import Note
from edge.model.refusal import Refusal
from edge.model.request import Request
from edge.model.viewer import Viewer
from edge.rules import signed_policy

PARAMETERS = frozenset({"Expires", "Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm"})
_COOKIES = {f"CloudFront-{name}": name for name in PARAMETERS}
_ALPHABET = str.maketrans("-_~", "+=/")


def examine(request: Request, viewer: Viewer, behavior: Behavior, now: float) -> Refusal | Claim:
    """What the request claims, after everything but the signature has been checked."""
    given = _given(request)
    key_id = given.get("Key-Pair-Id")
    if not key_id or "Signature" not in given:
        return _refusal("MissingKey", "Missing Key-Pair-Id query parameter or cookie value", "no signature was sent")
    key = behavior.trusted_keys.get(key_id)
    if key is None:
        return _refusal("InvalidKey", "Unknown Key", f"{key_id} is in no trusted key group of this behavior")
    signature = _decode(given["Signature"])
    if signature is None:
        return _refusal("MalformedSignature", "Could not unencode Signature", "the signature is not base64")
    url = f"{viewer.scheme}://{request.host}{strip(request).target}"
    if "Policy" in given:
        message = _decode(given["Policy"])
        if message is None:
            return _refusal("MalformedPolicy", "Malformed Policy", "the policy is not base64")
    else:
        message = signed_policy.canned(url, given.get("Expires", "")).encode()
    policy = signed_policy.parse(message)
    if policy is None:
        return _refusal("MalformedPolicy", "Malformed Policy", "the policy is not one statement in JSON")
    denied = signed_policy.denies(policy, url, viewer.ip, now)
    if denied is not None:
        return _denied(denied)
    return Claim(key, "SHA256" if given.get("Hash-Algorithm") == "SHA256" else "SHA1", signature, message)


def judge(claim: Claim, genuine: bool) -> Refusal | None:
    """The verdict once the signature has been checked."""
    return None if genuine else _denied(f"the signature is not one of key {claim.key.id} over this policy")


def strip(request: Request) -> Request:
    """The request without CloudFront's own parameters: neither the cache key nor the origin gets them."""
    if request.query is None:
        return request
    pairs = query_string.parse(request.query)
    kept = [pair for pair in pairs if pair[0] not in PARAMETERS]
    return request if len(kept) == len(pairs) else request._replace(query=query_string.render(kept) or None)


def _given(request: Request) -> Mapping[str, str]:
    found = {name: value or "" for name, value in query_string.parse(request.query) if name in PARAMETERS}
    if found:
        return found
    return {_COOKIES[name]: value for name, value in cookies.parse(request.headers) if name in _COOKIES}


def _decode(text: str) -> bytes | None:
    """CloudFront's base64, where `-`, `_` and `~` stand for `+`, `=` and `/`."""
    try:
        return base64.b64decode(text.translate(_ALPHABET), validate=True)
    except (binascii.Error, ValueError):
        return None


def _denied(why: str) -> Refusal:
    return _refusal("AccessDenied", "Access denied", why)


def _refusal(code: str, message: str, why: str) -> Refusal:
    note = Note(f"signed_urls.{code}", "{}", (why,))
    return Refusal(403, message, note, xml_code=code)
