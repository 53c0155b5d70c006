"""Signed URLs and signed cookies.

Source: CloudFront Developer Guide, "Serve private content with signed URLs and signed cookies", the pages on canned
and custom policies; the XML errors as they were seen on the wire. A signed URL parameter anywhere makes the URL
count, and the cookies (`signed_cookies.py`) not. The conditions of a policy are `signed_policy.py`; the signature
itself is checked by an Ask. Choices where nothing is documented: values are taken as they stand, not percent-decoded,
and base64 in no other alphabet is read; of several parameters with one name the first counts; without Signature, or
with an unknown Hash-Algorithm, the answer is AccessDenied; without Expires and Policy it is MalformedPolicy;
Hash-Algorithm is kept from the origin like the others.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping

from edge.model import query_string
from edge.model.claim import Claim
from edge.model.distribution import Behavior
from edge.model.note import Note
from edge.model.refusal import Refusal
from edge.model.request import Request
from edge.model.viewer import Viewer
from edge.rules import signed_cookies, signed_policy
from edge.rules.signed_policy import Policy

PARAMETERS = frozenset({"Expires", "Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm"})
_BASE64 = re.compile(r"[A-Za-z0-9~-]*_{0,2}")
_ALPHABET = str.maketrans("-_~", "+=/")

_MESSAGES = {
    "MissingKey": "Missing Key-Pair-Id query parameter or cookie value",
    "InvalidKey": "Unknown Key",
    "MalformedSignature": "Could not unencode Signature",
    "MalformedPolicy": "Malformed Policy",
    "AccessDenied": "Access denied",
}


def examine(request: Request, viewer: Viewer, behavior: Behavior, now: float) -> Refusal | Claim:
    """What the request claims, after everything but the signature has been checked. `now` is epoch seconds."""
    given = _given(request)
    key_id = given.get("Key-Pair-Id")
    if not key_id:
        return _refusal(
            "MissingKey", "the behavior trusts key groups, and neither the URL nor a cookie has Key-Pair-Id"
        )
    key = behavior.trusted_keys.get(key_id)
    if key is None:
        return _refusal("InvalidKey", "{} is in no trusted key group of the behavior", key_id)
    if "Signature" not in given:
        return _refusal("AccessDenied", "there is no Signature")
    signature = _decode(given["Signature"])
    if signature is None:
        return _refusal("MalformedSignature", "Signature is not base64 in CloudFront's alphabet (- _ ~ for + = /)")
    algorithm = given.get("Hash-Algorithm", "SHA1")
    if algorithm not in ("SHA1", "SHA256"):
        return _refusal("AccessDenied", "Hash-Algorithm is {!r}, neither SHA1 nor SHA256", algorithm)
    url = f"{viewer.scheme}://{request.host}{strip(request).target}"
    found = _policy(given, url)
    if found is None:
        return _refusal("MalformedPolicy", "Policy is not one JSON statement in base64, or Expires is not a time")
    policy, message = found
    denied = signed_policy.denies(policy, url, viewer.ip, now)
    if denied is not None:
        return _refusal("AccessDenied", "{}", denied)
    return Claim(key, "SHA256" if algorithm == "SHA256" else "SHA1", signature, message)


def judge(claim: Claim, genuine: bool) -> Refusal | None:
    """The verdict once the signature has been checked."""
    if genuine:
        return None
    template = "the signature was not made by key {} with {} over exactly {}"
    text = claim.message.decode("utf-8", "replace")
    return _refusal("AccessDenied", template, claim.key.id, claim.hash_algorithm, text)


def strip(request: Request) -> Request:
    """The request without CloudFront's own parameters: neither the cache key nor the origin gets them."""
    if request.query is None:
        return request
    pieces = request.query.split("&")
    kept = [piece for piece in pieces if piece.partition("=")[0] not in PARAMETERS]
    return request if len(kept) == len(pieces) else request._replace(query="&".join(kept) or None)


def _given(request: Request) -> Mapping[str, str]:
    """The values by parameter name: those of the URL if it has any, otherwise those of the cookies."""
    pairs = reversed(query_string.parse(request.query))
    return {name: value or "" for name, value in pairs if name in PARAMETERS} or signed_cookies.given(request)


def _policy(given: Mapping[str, str], url: str) -> tuple[Policy, bytes] | None:
    """The policy and the bytes that were signed; None for one that is malformed."""
    if "Policy" in given:
        message = _decode(given["Policy"])
        policy = None if message is None else signed_policy.parse(message)
        return None if message is None or policy is None else (policy, message)
    expires = given.get("Expires", "")
    before = signed_policy.time_of(expires)
    if before is None:
        return None
    # A canned policy names the URL that is asked for, so there is nothing to compare.
    return Policy(None, before), signed_policy.canned(url, expires).encode("iso-8859-1", "replace")


def _decode(text: str) -> bytes | None:
    """CloudFront's base64, where `-`, `_` and `~` stand for `+`, `=` and `/`."""
    if not _BASE64.fullmatch(text):
        return None
    try:
        return base64.b64decode(text.translate(_ALPHABET), validate=True)
    except binascii.Error:
        return None


def _refusal(code: str, template: str, *values: object) -> Refusal:
    verdict = re.sub(r"(?<!^)(?=[A-Z])", "_", code).lower()
    note = Note(f"signed_urls.{verdict}", f"{code}: {template}", values)
    return Refusal(403, _MESSAGES[code], note, xml_code=code)
