"""Signed URLs and signed cookies, up to the check of the signature itself."""

from __future__ import annotations

import base64
import json

import pytest

from edge.model.claim import Claim
from edge.model.distribution import Behavior, PublicKey
from edge.model.headers import Headers
from edge.model.refusal import Refusal
from edge.model.request import Request
from edge.model.viewer import Viewer
from edge.rules import signed_urls

KEY = PublicKey("K1", "signer", "-----BEGIN PUBLIC KEY-----")
BEHAVIOR = Behavior("site", trusted_keys={"K1": KEY})
NOW = 1_000.0
SIGNATURE = b"\xfb\xff\xfe a signature"


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode().translate(str.maketrans("+=/", "-_~"))


def policy(resource: str = "https://d1.cloudfront.net/*", end: int = 2_000) -> str:
    statement = {"Resource": resource, "Condition": {"DateLessThan": {"AWS:EpochTime": end}}}
    return encoded(json.dumps({"Statement": [statement]}, separators=(",", ":")).encode())


def examined(
    query: str | None, cookie: str | None = None, *, now: float = NOW, path: str = "/a.jpg"
) -> Refusal | Claim:
    lines = [("Host", "d1.cloudfront.net")] + ([("Cookie", cookie)] if cookie is not None else [])
    request = Request("GET", path, query, Headers(lines))
    return signed_urls.examine(request, Viewer("192.0.2.1", scheme="https"), BEHAVIOR, now)


def code(found: Refusal | Claim) -> str:
    assert isinstance(found, Refusal)
    assert found.status == 403
    return found.xml_code


CANNED = f"Expires=2000&Signature={encoded(SIGNATURE)}&Key-Pair-Id=K1"
CUSTOM = f"Policy={policy()}&Signature={encoded(SIGNATURE)}&Key-Pair-Id=K1"


def test_a_canned_policy_signs_the_whole_url_with_its_own_query() -> None:
    """The claim is the exact text that the signer had, with the signature and the key to check it with."""
    assert examined(f"color=red&{CANNED}&size=large") == Claim(
        KEY,
        "SHA1",
        SIGNATURE,
        b'{"Statement":[{"Resource":"https://d1.cloudfront.net/a.jpg?color=red&size=large",'
        b'"Condition":{"DateLessThan":{"AWS:EpochTime":2000}}}]}',
    )


def test_a_canned_policy_without_own_query_has_no_question_mark() -> None:
    """The URL ends with its path."""
    claim = examined(CANNED)
    assert isinstance(claim, Claim)
    assert b'"https://d1.cloudfront.net/a.jpg"' in claim.message


def test_a_custom_policy_is_claimed_as_the_bytes_that_came() -> None:
    """White space that a signer left in stays in what is checked."""
    text = b'{ "Statement": [ { "Condition": { "DateLessThan": { "AWS:EpochTime": 2000 } } } ] }\n'
    claim = examined(f"Policy={encoded(text)}&Signature={encoded(SIGNATURE)}&Key-Pair-Id=K1")
    assert isinstance(claim, Claim)
    assert claim.message == text


@pytest.mark.parametrize(
    ("given", "algorithm"), [("", "SHA1"), ("&Hash-Algorithm=SHA1", "SHA1"), ("&Hash-Algorithm=SHA256", "SHA256")]
)
def test_sha1_unless_the_url_says_sha256(given: str, algorithm: str) -> None:
    """Hash-Algorithm is optional."""
    claim = examined(CUSTOM + given)
    assert isinstance(claim, Claim)
    assert claim.hash_algorithm == algorithm


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (None, "MissingKey"),
        ("x=1", "MissingKey"),
        (f"Policy={policy()}&Signature=AAAA", "MissingKey"),
        (f"Policy={policy()}&Signature=AAAA&Key-Pair-Id=", "MissingKey"),
        (CUSTOM.replace("K1", "K2"), "InvalidKey"),
        (f"Policy={policy()}&Key-Pair-Id=K1", "AccessDenied"),
        (f"Policy={policy()}&Signature=A&Key-Pair-Id=K1", "MalformedSignature"),
        (f"Policy={policy()}&Signature=AA%3D&Key-Pair-Id=K1", "MalformedSignature"),
        (f"Policy={policy()}&Signature=AA==&Key-Pair-Id=K1", "MalformedSignature"),
        ("Policy=A&Signature=AAAA&Key-Pair-Id=K1", "MalformedPolicy"),
        (f"Policy={encoded(b'no JSON')}&Signature=AAAA&Key-Pair-Id=K1", "MalformedPolicy"),
        ("Signature=AAAA&Key-Pair-Id=K1", "MalformedPolicy"),
        ("Expires=soon&Signature=AAAA&Key-Pair-Id=K1", "MalformedPolicy"),
        (CUSTOM + "&Hash-Algorithm=MD5", "AccessDenied"),
        (CANNED.replace("2000", "1000"), "AccessDenied"),
        (CUSTOM.replace(policy(), policy(end=999)), "AccessDenied"),
        (CUSTOM.replace(policy(), policy("https://d1.cloudfront.net/b.jpg")), "AccessDenied"),
        (CUSTOM.replace(policy(), policy("http://d1.cloudfront.net/*")), "AccessDenied"),
    ],
)
def test_what_is_wrong_has_a_code(query: str | None, expected: str) -> None:
    """Each fault gets CloudFront's own code."""
    assert code(examined(query)) == expected


@pytest.mark.parametrize(
    ("query", "rule", "message"),
    [
        (None, "signed_urls.missing_key", "Missing Key-Pair-Id query parameter or cookie value"),
        (CUSTOM.replace("K1", "K2"), "signed_urls.invalid_key", "Unknown Key"),
        ("Signature=A&Key-Pair-Id=K1", "signed_urls.malformed_signature", "Could not unencode Signature"),
        ("Signature=AAAA&Key-Pair-Id=K1", "signed_urls.malformed_policy", "Malformed Policy"),
        ("Key-Pair-Id=K1", "signed_urls.access_denied", "Access denied"),
    ],
)
def test_a_code_has_its_message_and_its_note(query: str | None, rule: str, message: str) -> None:
    """The words that CloudFront sends, and a rule id for `edge explain`."""
    refusal = examined(query)
    assert isinstance(refusal, Refusal)
    assert (refusal.message, refusal.note.rule) == (message, rule)
    assert refusal.note.sentence.startswith(refusal.xml_code)


def test_trap_25_an_extra_parameter_is_denied_for_a_url_but_not_for_cookies() -> None:
    """A custom policy for one URL does not cover the same URL with another query; a folder's cookie does."""
    narrow = policy("https://d1.cloudfront.net/a.jpg")
    query = f"Policy={narrow}&Signature=AAAA&Key-Pair-Id=K1"
    assert isinstance(examined(query), Claim)
    assert code(examined(f"{query}&extra=1")) == "AccessDenied"
    cookie = f"CloudFront-Policy={policy()}; CloudFront-Signature=AAAA; CloudFront-Key-Pair-Id=K1"
    assert isinstance(examined("extra=1", cookie), Claim)


def test_trap_25_an_extra_parameter_changes_what_a_canned_policy_signs() -> None:
    """The claim then is over another text, so that the signature cannot be genuine."""
    plain, extra = examined(CANNED), examined(f"{CANNED}&extra=1")
    assert isinstance(plain, Claim)
    assert isinstance(extra, Claim)
    assert plain.message != extra.message


def test_trap_26_expiry_counts_anew_for_each_request() -> None:
    """The same URL is good for one range GET and denied for the next."""
    assert isinstance(examined(CANNED, now=1_999), Claim)
    assert code(examined(CANNED, now=2_000)) == "AccessDenied"


def test_cookies_sign_like_a_url() -> None:
    """A canned policy in cookies names the URL with its whole query."""
    cookie = f"CloudFront-Expires=2000; CloudFront-Signature={encoded(SIGNATURE)}; CloudFront-Key-Pair-Id=K1"
    claim = examined("size=large", cookie)
    assert isinstance(claim, Claim)
    assert b"/a.jpg?size=large" in claim.message
    assert claim.signature == SIGNATURE


def test_any_signed_url_parameter_makes_the_cookies_not_count() -> None:
    """A URL that is signed badly is not saved by good cookies."""
    cookie = f"CloudFront-Policy={policy()}; CloudFront-Signature=AAAA; CloudFront-Key-Pair-Id=K1"
    assert isinstance(examined(None, cookie), Claim)
    assert code(examined("Expires=2000", cookie)) == "MissingKey"


def test_of_two_parameters_with_one_name_the_first_counts() -> None:
    """What is appended to a signed URL cannot replace its parts."""
    claim = examined(f"{CANNED}&Expires=9999")
    assert isinstance(claim, Claim)
    assert b'"AWS:EpochTime":2000' in claim.message


def test_a_genuine_signature_lets_the_request_in() -> None:
    """Nothing is left to check then."""
    claim = examined(CANNED)
    assert isinstance(claim, Claim)
    assert signed_urls.judge(claim, True) is None


def test_a_false_signature_is_denied_and_the_note_shows_what_had_to_be_signed() -> None:
    """The text of the policy is what the signer must compare with."""
    claim = examined(CANNED)
    assert isinstance(claim, Claim)
    refusal = signed_urls.judge(claim, False)
    assert refusal is not None
    assert code(refusal) == "AccessDenied"
    assert claim.message.decode() in refusal.note.sentence
    assert "key K1 with SHA1" in refusal.note.sentence


@pytest.mark.parametrize(
    ("query", "left"),
    [
        (f"{CANNED}&Hash-Algorithm=SHA256", None),
        (f"a=1&{CANNED}&b", "a=1&b"),
        (f"a=1&&{CUSTOM}&b=%20&b=2", "a=1&&b=%20&b=2"),
        ("Expires&x=1", "x=1"),
        ("expires=1&SIGNATURE=2", "expires=1&SIGNATURE=2"),
    ],
)
def test_the_parameters_are_kept_from_the_cache_key_and_the_origin(query: str, left: str | None) -> None:
    """What is left stands as the viewer wrote it; names are case-sensitive."""
    assert signed_urls.strip(Request("GET", "/a", query)).query == left


@pytest.mark.parametrize("query", [None, "", "a=1&b=2"])
def test_a_url_without_the_parameters_stays_the_same_request(query: str | None) -> None:
    """Nothing is built anew."""
    request = Request("GET", "/a", query)
    assert signed_urls.strip(request) is request
