"""Signed cookies."""

from __future__ import annotations

from edge.model.headers import Headers
from edge.model.request import Request
from edge.rules import signed_cookies


def given(*lines: str) -> dict[str, str]:
    return signed_cookies.given(Request("GET", "/", None, Headers(("Cookie", line) for line in lines)))


def test_cookies_have_the_names_of_the_parameters_behind_cloudfront() -> None:
    """Five names count, and other cookies do not."""
    assert given(
        "a=1; CloudFront-Policy=P; CloudFront-Signature=S__; CloudFront-Key-Pair-Id=K1",
        "CloudFront-Expires=5; CloudFront-Hash-Algorithm=SHA256; CloudFront-Other=x",
    ) == {"Policy": "P", "Signature": "S__", "Key-Pair-Id": "K1", "Expires": "5", "Hash-Algorithm": "SHA256"}


def test_names_are_case_sensitive() -> None:
    """`cloudfront-policy` is just a cookie."""
    assert given("cloudfront-policy=P; CLOUDFRONT-SIGNATURE=S") == {}


def test_of_two_cookies_with_one_name_the_first_counts() -> None:
    """Browsers send the one with the longest Path first."""
    assert given("CloudFront-Signature=near; CloudFront-Signature=far") == {"Signature": "near"}


def test_without_cookies_there_is_nothing() -> None:
    """No Cookie header, no values."""
    assert given() == {}
