"""Where an origin is."""

from __future__ import annotations

import pytest

from edge.model.headers import Headers
from edge.model.origin import Origin, OriginAttempt, OriginRequest
from edge.origins.address import Address, address_of, is_local


def where(origin: Origin, scheme: str = "http", host: str = "site.example.org") -> Address:
    request = OriginRequest("GET", "/", Headers((("Host", host),)), b"")
    return address_of(OriginAttempt(origin, request, scheme))  # type: ignore[arg-type]


def test_without_a_local_url_it_is_the_real_domain() -> None:
    """On the port that the distribution gives for the scheme."""
    origin = Origin("site", "site.example.org", http_port=8080, https_port=8443)
    assert where(origin).url == "http://site.example.org:8080"
    assert where(origin, "https").url == "https://site.example.org:8443"


def test_a_local_url_takes_the_place_of_domain_scheme_and_port() -> None:
    """CloudFront may speak HTTPS to the real origin; on this machine the local URL decides."""
    origin = Origin("site", "site.example.org", local_url="http://localhost:3000")
    assert where(origin, "https").url == "http://localhost:3000"


@pytest.mark.parametrize(
    ("local_url", "url"),
    [
        ("http://localhost", "http://localhost:80"),
        ("https://dev.example.org", "https://dev.example.org:443"),
        ("http://[::1]:3000", "http://[::1]:3000"),
        ("http://user:secret@localhost:3000/", "http://localhost:3000"),
    ],
)
def test_ports_and_addresses_of_local_urls(local_url: str, url: str) -> None:
    """The port may be left to the scheme, and the host may be an IPv6 address."""
    assert where(Origin("site", "site.example.org", local_url=local_url)).url == url


@pytest.mark.parametrize("local_url", ["ftp://localhost", "localhost:3000", "file:///srv", "http://"])
def test_a_local_url_must_be_http(local_url: str) -> None:
    """Anything else is a mistake in edge.toml, and the message names the origin and the URL."""
    with pytest.raises(ValueError, match="the origin site has the local URL"):
        where(Origin("site", "site.example.org", local_url=local_url))


def test_a_certificate_is_for_the_domain_or_for_the_forwarded_host() -> None:
    """CloudFront takes either. A port in Host is no part of the name."""
    origin = Origin("site", "site.example.org")
    assert where(origin, "https").server_names == ("site.example.org",)
    assert where(origin, "https", "www.example.org").server_names == ("www.example.org", "site.example.org")
    assert where(origin, "https", "www.example.org:8443").server_names == ("www.example.org", "site.example.org")
    assert where(origin, "https", "[::1]:8443").server_names == ("::1", "site.example.org")


@pytest.mark.parametrize(
    ("local_url", "verified"),
    [
        ("https://localhost:3000", False),
        ("https://app.localhost", False),
        ("https://127.0.0.1:3000", False),
        ("https://[::1]", False),
        ("https://staging.example.org", True),
        ("https://192.0.2.7", True),
    ],
)
def test_certificates_are_checked_but_on_this_machine(local_url: str, verified: bool) -> None:
    """Dev servers sign their own."""
    assert where(Origin("site", "site.example.org", local_url=local_url)).verify is verified


def test_the_real_domain_is_always_checked() -> None:
    """Even where it leads to this machine."""
    assert where(Origin("site", "localhost"), "https").verify


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("localhost", True),
        ("a.b.localhost", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("localhost.example.org", False),
        ("10.0.0.1", False),
        ("notlocalhost", False),
    ],
)
def test_what_is_this_machine(host: str, local: bool) -> None:
    """The loopback names and addresses, and nothing that only looks like them."""
    assert is_local(host) is local
