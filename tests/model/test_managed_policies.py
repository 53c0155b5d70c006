"""The policies that AWS manages, against a table of their own: written from AWS's pages, not from the code."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest

from edge.model import managed_policies, quotas
from edge.model.policies import Names, Selection


class Cached(NamedTuple):
    """A row of "Use managed cache policies". Names as the page writes them; "all" stands for all."""

    id: str
    ttls_s: tuple[int, int, int]
    headers: str
    cookies: str
    query_strings: str
    gzip: bool
    brotli: bool


DAY, YEAR = 24 * 3600, 365 * 24 * 3600
FIVE = "Host Origin X-HTTP-Method-Override X-HTTP-Method X-Method-Override"

CACHE_POLICIES = {
    "CachingOptimized": Cached(
        "658327ea-f89d-4fab-a63d-7e88639e58f6", (1, DAY, YEAR), "", "", "", gzip=True, brotli=True
    ),
    "CachingOptimizedForUncompressedObjects": Cached(
        "b2884449-e4de-46a7-ac36-70bc7f1ddd6d", (1, DAY, YEAR), "", "", "", gzip=False, brotli=False
    ),
    "CachingDisabled": Cached("4135ea2d-6df8-44a3-9df3-4b5a84be39ad", (0, 0, 0), "", "", "", gzip=False, brotli=False),
    "UseOriginCacheControlHeaders": Cached(
        "83da9c7e-98b4-4e11-a168-04f0df8e2c65", (0, 0, YEAR), FIVE, "all", "", gzip=True, brotli=True
    ),
    "UseOriginCacheControlHeaders-QueryStrings": Cached(
        "4cc15a8a-d715-48a4-82b8-cc0b614638fe", (0, 0, YEAR), FIVE, "all", "all", gzip=True, brotli=True
    ),
    "Elemental-MediaPackage": Cached(
        "08627262-05a9-4f76-9ded-b50ca2e3a84f",
        (0, DAY, YEAR),
        "Origin",
        "",
        "aws.manifestfilter start end m",
        gzip=True,
        brotli=False,
    ),
    "Amplify": Cached(
        "2e54312d-136d-493c-8eb9-b001f22f67d2",
        (2, 2, 600),
        "Authorization CloudFront-Viewer-Country Host",
        "all",
        "all",
        gzip=True,
        brotli=True,
    ),
}

DEVICE_AND_LOCATION = """
    CloudFront-Is-Android-Viewer CloudFront-Is-Desktop-Viewer CloudFront-Is-IOS-Viewer CloudFront-Is-Mobile-Viewer
    CloudFront-Is-SmartTV-Viewer CloudFront-Is-Tablet-Viewer
    CloudFront-Viewer-City CloudFront-Viewer-Country CloudFront-Viewer-Country-Name CloudFront-Viewer-Country-Region
    CloudFront-Viewer-Country-Region-Name CloudFront-Viewer-Latitude CloudFront-Viewer-Longitude
    CloudFront-Viewer-Metro-Code CloudFront-Viewer-Postal-Code CloudFront-Viewer-Time-Zone
"""
EXCEPT_HOST = f"{DEVICE_AND_LOCATION} CloudFront-Forwarded-Proto CloudFront-Viewer-Http-Version CloudFront-Viewer-TLS"
ALL_21 = f"{EXCEPT_HOST} CloudFront-Viewer-Address CloudFront-Viewer-ASN"

ORIGIN_REQUEST_POLICIES = {
    "AllViewer": ("216adef6-5c7f-47e4-b989-5492eafa07d3", "allViewer", "", "all", "all", ""),
    "AllViewerExceptHostHeader": (
        "b689b0a8-53d0-40ab-baf2-68738e2966ac",
        "allExcept",
        "Host",
        "all",
        "all",
        EXCEPT_HOST,
    ),
    "AllViewerAndCloudFrontHeaders-2022-06": (
        "33f36d7e-f396-46d9-90e0-52428a34d9dc",
        "allViewerAndWhitelistCloudFront",
        "",
        "all",
        "all",
        ALL_21,
    ),
    "CORS-CustomOrigin": ("59781a5b-3903-41f3-afcb-af62929ccde1", "whitelist", "Origin", "", "", ""),
    "CORS-S3Origin": (
        "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf",
        "whitelist",
        "Origin Access-Control-Request-Headers Access-Control-Request-Method",
        "",
        "",
        "",
    ),
    "Elemental-MediaTailor-PersonalizedManifests": (
        "775133bc-15f2-49f9-abea-afb2e0bf67d2",
        "whitelist",
        "Origin Access-Control-Request-Headers Access-Control-Request-Method User-Agent X-Forwarded-For",
        "",
        "all",
        "",
    ),
    "HostHeaderOnly": ("bf0718e1-ba1e-49d1-88b1-f726733018ae", "whitelist", "Host", "", "", ""),
    "UserAgentRefererHeaders": (
        "acba4595-bd28-49b8-b9fe-13317c0390fa",
        "whitelist",
        "User-Agent Referer",
        "",
        "",
        "",
    ),
}
"""Id, kind of header selection, its names, cookies, query strings, and the CloudFront headers that are added."""

SECURITY = {
    "Referrer-Policy": ("strict-origin-when-cross-origin", False),
    "Strict-Transport-Security": ("max-age=31536000", False),
    "X-Content-Type-Options": ("nosniff", True),
    "X-Frame-Options": ("SAMEORIGIN", False),
    "X-XSS-Protection": ("1; mode=block", False),
}
SIMPLE = ("*", "", "")
PREFLIGHT = ("*", "*", "DELETE GET HEAD OPTIONS PATCH POST PUT")

RESPONSE_HEADERS_POLICIES = {
    "SimpleCORS": ("60669652-455b-4ae9-85a4-c4c02393f86c", SIMPLE, {}),
    "CORS-With-Preflight": ("5cc3b908-e619-4b99-88e5-2cf7f45965bd", PREFLIGHT, {}),
    "SecurityHeadersPolicy": ("67f7725c-6f97-4210-82d7-5512b31e9d03", None, SECURITY),
    "CORS-and-SecurityHeadersPolicy": ("e61eb60c-9c35-4d20-a928-2b84e02af89c", SIMPLE, SECURITY),
    "CORS-with-preflight-and-SecurityHeadersPolicy": ("eaab4381-ed33-4a86-88ca-d9558dc6cd63", PREFLIGHT, SECURITY),
}
"""Id; allowed origins, exposed headers and allowed methods; security headers with whether they override."""


def names(text: str) -> Names:
    """Cookies and query strings as written, "all" for all."""
    if text == "all":
        return Names(Selection.ALL)
    return Names(Selection.WHITELIST, tuple(text.split())) if text else Names()


def lower(text: str) -> tuple[str, ...]:
    return tuple(text.lower().split())


@pytest.mark.parametrize("name", CACHE_POLICIES)
def test_managed_cache_policies(name: str) -> None:
    """TTLs, what is keyed, and which encodings."""
    expected = CACHE_POLICIES[name]
    policy = managed_policies.cache_policy(name)
    assert policy is not None
    assert (policy.id, policy.name) == (expected.id, name)
    assert (policy.min_ttl_s, policy.default_ttl_s, policy.max_ttl_s) == expected.ttls_s
    assert policy.headers == names(expected.headers.lower())
    assert (policy.cookies, policy.query_strings) == (names(expected.cookies), names(expected.query_strings))
    assert (policy.gzip, policy.brotli) == (expected.gzip, expected.brotli)


@pytest.mark.parametrize("name", ORIGIN_REQUEST_POLICIES)
def test_managed_origin_request_policies(name: str) -> None:
    """What goes to the origin besides the key."""
    identifier, selection, headers, cookies, query_strings, added = ORIGIN_REQUEST_POLICIES[name]
    policy = managed_policies.origin_request_policy(name)
    assert policy is not None
    assert (policy.id, policy.name) == (identifier, name)
    assert (policy.headers.selection, policy.headers.names) == (selection, lower(headers))
    assert (policy.cookies, policy.query_strings) == (names(cookies), names(query_strings))
    assert sorted(policy.cloudfront_headers) == sorted(lower(added))


@pytest.mark.parametrize("name", RESPONSE_HEADERS_POLICIES)
def test_managed_response_headers_policies(name: str) -> None:
    """CORS and security headers; nothing is removed, and no Server-Timing."""
    identifier, cors, security = RESPONSE_HEADERS_POLICIES[name]
    policy = managed_policies.response_headers_policy(name)
    assert policy is not None
    assert (policy.id, policy.name) == (identifier, name)
    assert {header.name: (header.value, header.override) for header in policy.security} == security
    assert (policy.custom, policy.remove, policy.server_timing_rate) == ((), (), None)
    if cors is None:
        assert policy.cors is None
    else:
        assert policy.cors is not None
        found = (policy.cors.allow_origins, policy.cors.expose_headers, policy.cors.allow_methods)
        assert tuple(" ".join(each) for each in found) == cors
        assert (policy.cors.allow_credentials, policy.cors.origin_override) == (False, False)


def test_there_are_no_others() -> None:
    """But for those whose settings AWS does not publish."""
    assert [policy.name for policy in managed_policies.CACHE_POLICIES] == list(CACHE_POLICIES)
    assert [policy.name for policy in managed_policies.ORIGIN_REQUEST_POLICIES] == list(ORIGIN_REQUEST_POLICIES)
    assert [policy.name for policy in managed_policies.RESPONSE_HEADERS_POLICIES] == list(RESPONSE_HEADERS_POLICIES)


def test_the_policy_with_all_cloudfront_headers_has_21() -> None:
    """The number on AWS's page."""
    policy = managed_policies.origin_request_policy("AllViewerAndCloudFrontHeaders-2022-06")
    assert policy is not None
    assert len(set(policy.cloudfront_headers)) == len(policy.cloudfront_headers) == 21


@pytest.mark.parametrize("called", ["{name}", "Managed-{name}", "{id}"])
def test_policies_are_found_by_name_and_by_id(called: str) -> None:
    """In any letter case, and with the prefix that the API puts before the name."""
    for find, policies in (
        (managed_policies.cache_policy, managed_policies.CACHE_POLICIES),
        (managed_policies.origin_request_policy, managed_policies.ORIGIN_REQUEST_POLICIES),
        (managed_policies.response_headers_policy, managed_policies.RESPONSE_HEADERS_POLICIES),
    ):
        for policy in policies:
            text = called.format(name=policy.name, id=policy.id)
            assert find(text) is find(text.upper()) is policy


def test_kinds_are_not_mixed_up() -> None:
    """A name of one kind of policy is unknown to the others."""
    assert managed_policies.cache_policy("AllViewer") is None
    assert managed_policies.origin_request_policy("CachingOptimized") is None
    assert managed_policies.response_headers_policy("216adef6-5c7f-47e4-b989-5492eafa07d3") is None
    assert managed_policies.cache_policy("") is None


def test_ids_are_unique_and_well_formed() -> None:
    """A slip of the finger in one would be a policy that no template can name."""
    every = (
        *managed_policies.CACHE_POLICIES,
        *managed_policies.ORIGIN_REQUEST_POLICIES,
        *managed_policies.RESPONSE_HEADERS_POLICIES,
    )
    assert len({policy.id for policy in every}) == len(every)
    assert all(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", policy.id) for policy in every)


def test_managed_cache_policies_keep_the_quotas_of_custom_ones() -> None:
    """So that copying one into a template is allowed."""
    for policy in managed_policies.CACHE_POLICIES:
        assert len(policy.headers.names) <= quotas.POLICY_HEADERS_MAX
        assert len(policy.query_strings.names) <= quotas.POLICY_QUERY_STRINGS_MAX
        assert policy.min_ttl_s <= policy.default_ttl_s <= policy.max_ttl_s
