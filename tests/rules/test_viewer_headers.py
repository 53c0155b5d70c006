"""The CloudFront-* request headers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge.model.device import Device
from edge.model.distribution import Behavior
from edge.model.headers import Headers, Line
from edge.model.policies import CachePolicy, ForwardedValues, Names, OriginRequestPolicy, Selection
from edge.model.request import Request
from edge.model.viewer import Fingerprints, Handshake, Location, Tls, Viewer
from edge.rules import viewer_headers

BERLIN = Location(
    country="DE",
    country_name="Germany",
    region="BE",
    region_name="Land Berlin",
    city="Neukölln",
    latitude="52.48",
    longitude="13.43",
    postal_code="12043",
    time_zone="Europe/Berlin",
    asn="3320",
)
PRINTS = Fingerprints("ada70206e40642a3e4461f35503241d5", "t13d1516h2_8daaf6152771_e5627efa2ab1")
TLS = Tls("TLSv1.3", "TLS_AES_128_GCM_SHA256", fingerprints=PRINTS)
VIEWER = Viewer("192.0.2.1", 46532, "https", "2.0", TLS, BERLIN)

ALL = (
    "cloudfront-forwarded-proto",
    "cloudfront-is-android-viewer",
    "cloudfront-is-desktop-viewer",
    "cloudfront-is-ios-viewer",
    "cloudfront-is-mobile-viewer",
    "cloudfront-is-smarttv-viewer",
    "cloudfront-is-tablet-viewer",
    "cloudfront-viewer-address",
    "cloudfront-viewer-asn",
    "cloudfront-viewer-city",
    "cloudfront-viewer-country",
    "cloudfront-viewer-country-name",
    "cloudfront-viewer-country-region",
    "cloudfront-viewer-country-region-name",
    "cloudfront-viewer-header-count",
    "cloudfront-viewer-header-order",
    "cloudfront-viewer-http-version",
    "cloudfront-viewer-ja3-fingerprint",
    "cloudfront-viewer-ja4-fingerprint",
    "cloudfront-viewer-latitude",
    "cloudfront-viewer-longitude",
    "cloudfront-viewer-metro-code",
    "cloudfront-viewer-postal-code",
    "cloudfront-viewer-time-zone",
    "cloudfront-viewer-tls",
)


def forwarding(*names: str) -> Behavior:
    policy = OriginRequestPolicy("o", "o", headers=Names(Selection.WHITELIST, names))
    return Behavior("site", cache_policy=CachePolicy("c", "c"), origin_request_policy=policy)


def request(*lines: Line) -> Request:
    return Request("GET", "/", None, Headers((("Host", "d1.cloudfront.net"), ("User-Agent", "curl/8.4.0"), *lines)))


def added(behavior: Behavior, viewer: Viewer = VIEWER) -> tuple[Line, ...]:
    return viewer_headers.apply(request(), viewer, behavior).headers.lines[2:]


def test_everything_that_can_be_known() -> None:
    """Each header in AWS's spelling; a metro code outside the United States is left out."""
    assert added(forwarding(*ALL)) == (
        ("CloudFront-Forwarded-Proto", "https"),
        ("CloudFront-Is-Android-Viewer", "false"),
        ("CloudFront-Is-Desktop-Viewer", "true"),
        ("CloudFront-Is-IOS-Viewer", "false"),
        ("CloudFront-Is-Mobile-Viewer", "false"),
        ("CloudFront-Is-SmartTV-Viewer", "false"),
        ("CloudFront-Is-Tablet-Viewer", "false"),
        ("CloudFront-Viewer-Address", "192.0.2.1:46532"),
        ("CloudFront-Viewer-ASN", "3320"),
        ("CloudFront-Viewer-City", "Neuk%C3%B6lln"),
        ("CloudFront-Viewer-Country", "DE"),
        ("CloudFront-Viewer-Country-Name", "Germany"),
        ("CloudFront-Viewer-Country-Region", "BE"),
        ("CloudFront-Viewer-Country-Region-Name", "Land Berlin"),
        ("CloudFront-Viewer-Header-Count", "2"),
        ("CloudFront-Viewer-Header-Order", "Host:User-Agent"),
        ("CloudFront-Viewer-Http-Version", "2.0"),
        ("CloudFront-Viewer-JA3-Fingerprint", "ada70206e40642a3e4461f35503241d5"),
        ("CloudFront-Viewer-JA4-Fingerprint", "t13d1516h2_8daaf6152771_e5627efa2ab1"),
        ("CloudFront-Viewer-Latitude", "52.48"),
        ("CloudFront-Viewer-Longitude", "13.43"),
        ("CloudFront-Viewer-Postal-Code", "12043"),
        ("CloudFront-Viewer-Time-Zone", "Europe/Berlin"),
        ("CloudFront-Viewer-TLS", "TLSv1.3:TLS_AES_128_GCM_SHA256:fullHandshake"),
    )


def test_a_viewer_of_whom_nothing_is_known() -> None:
    """Over plain HTTP and without a location only the connection speaks."""
    names = ("cloudfront-forwarded-proto", "cloudfront-viewer-country", "cloudfront-viewer-tls")
    assert added(forwarding(*names), Viewer("192.0.2.1")) == (("CloudFront-Forwarded-Proto", "http"),)


COUNTRY = ("cloudfront-viewer-country",)


@pytest.mark.parametrize(
    "behavior",
    [
        Behavior("site", cache_policy=CachePolicy("c", "c", headers=Names(Selection.WHITELIST, ("accept", *COUNTRY)))),
        Behavior("site", forwarded_values=ForwardedValues(headers=("accept", *COUNTRY))),
        forwarding("accept", *COUNTRY),
        Behavior(
            "site",
            cache_policy=CachePolicy("c", "c"),
            origin_request_policy=OriginRequestPolicy(
                "o", "o", Names(Selection.ALL_VIEWER_AND_WHITELIST_CLOUDFRONT, COUNTRY)
            ),
        ),
        Behavior(
            "site",
            cache_policy=CachePolicy("c", "c"),
            origin_request_policy=OriginRequestPolicy(
                "o", "o", Names(Selection.ALL_EXCEPT, ("host",)), cloudfront_headers=COUNTRY
            ),
        ),
        Behavior(
            "site",
            cache_policy=CachePolicy("c", "c", headers=Names(Selection.WHITELIST, COUNTRY)),
            origin_request_policy=OriginRequestPolicy("o", "o", Names(Selection.WHITELIST, COUNTRY)),
        ),
    ],
    ids=["cache policy", "legacy", "origin request policy", "allViewerAndWhitelist", "managed allExcept", "both"],
)
def test_every_kind_of_list_counts(behavior: Behavior) -> None:
    """A header is added once, whichever policy lists it."""
    assert added(behavior) == (("CloudFront-Viewer-Country", "DE"),)


def test_a_block_list_does_not_ask_for_what_it_blocks() -> None:
    """The names of allExcept are those that are not wanted."""
    policy = OriginRequestPolicy("o", "o", Names(Selection.ALL_EXCEPT, COUNTRY))
    assert added(Behavior("site", cache_policy=CachePolicy("c", "c"), origin_request_policy=policy)) == ()


def test_forged_headers_are_dropped() -> None:
    """What a viewer says under these names never counts, in whatever case; similar names stay."""
    forged = request(("cloudfront-viewer-country", "US"), ("CloudFront-Anything", "x"), ("X-CloudFront-Note", "stays"))
    plain = viewer_headers.apply(forged, VIEWER, Behavior("site", cache_policy=CachePolicy("c", "c")))
    assert plain.headers.lines[2:] == (("X-CloudFront-Note", "stays"),)
    genuine = viewer_headers.apply(forged, VIEWER, forwarding(*COUNTRY, "cloudfront-viewer-header-order"))
    assert genuine.headers.lines[2:] == (
        ("X-CloudFront-Note", "stays"),
        ("CloudFront-Viewer-Country", "DE"),
        ("CloudFront-Viewer-Header-Order", "Host:User-Agent:X-CloudFront-Note"),
    )


@pytest.mark.parametrize(
    "behavior",
    [
        Behavior("site", cache_policy=CachePolicy("c", "c")),
        Behavior("site", cache_policy=CachePolicy("c", "c", headers=Names(Selection.WHITELIST, ("accept",)))),
        Behavior("site", forwarded_values=ForwardedValues(headers=("*",))),
        Behavior("site"),
    ],
    ids=["no headers", "other headers", "legacy all", "nothing"],
)
def test_a_request_that_needs_nothing_stays_the_same(behavior: Behavior) -> None:
    """Nothing is built anew when no policy asks and the viewer forged nothing."""
    plain = request()
    assert viewer_headers.apply(plain, VIEWER, behavior) is plain


def test_an_http_1_0_viewer_has_no_accept_encoding() -> None:
    """CloudFront takes the header away, so that nothing is compressed."""
    request = Request("GET", "/", headers=Headers([("Accept-Encoding", "gzip"), ("Accept", "*/*")]))
    seen = viewer_headers.apply(request, Viewer("192.0.2.1", http_version="1.0"), Behavior("site"))
    assert seen.headers.lines == (("Accept", "*/*"),)


def test_the_device_is_looked_for_only_where_a_policy_asks() -> None:
    """By the viewer's own way of telling it."""
    asked: list[str] = []

    def device_of(user_agent: str) -> Device:
        asked.append(user_agent)
        return Device(smarttv=True)

    viewer = replace(VIEWER, device_of=device_of)
    assert added(forwarding(*COUNTRY), viewer) == (("CloudFront-Viewer-Country", "DE"),)
    assert asked == []
    assert added(forwarding("cloudfront-is-smarttv-viewer"), viewer) == (("CloudFront-Is-SmartTV-Viewer", "true"),)
    assert asked == ["curl/8.4.0"]


@pytest.mark.parametrize("handshake", ["fullHandshake", "sessionResumed", "connectionReused"])
def test_how_the_viewer_came_to_his_tls_session_is_said(handshake: Handshake) -> None:
    viewer = replace(VIEWER, tls=Tls("TLSv1.3", "TLS_AES_128_GCM_SHA256", handshake=handshake))
    expected = f"TLSv1.3:TLS_AES_128_GCM_SHA256:{handshake}"
    assert added(forwarding("cloudfront-viewer-tls"), viewer) == (("CloudFront-Viewer-TLS", expected),)


def test_the_order_of_headers_is_cut() -> None:
    many = request(*((f"X-Header-{number:04}", "") for number in range(700)))
    seen = viewer_headers.apply(many, VIEWER, forwarding("cloudfront-viewer-header-order"))
    order = seen.headers.get("cloudfront-viewer-header-order") or ""
    assert len(order) == 7_680
    assert order.startswith("Host:User-Agent:X-Header-0000:")
