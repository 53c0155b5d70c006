"""Which Host names a distribution answers to."""

from __future__ import annotations

import pytest

from edge.model.distribution import Behavior, Distribution
from edge.model.headers import Headers
from edge.model.request import Request
from edge.model.tenant import Tenant
from edge.model.viewer import Tls, Viewer
from edge.rules import alternate_domain_names

ALIASES = ("www.example.com", "*.shop.example.com", "MiXed.example.com")


def distribution(*, any_host: bool = False) -> Distribution:
    return Distribution(
        "E1EXAMPLE", "d1example.cloudfront.net", {}, (Behavior("site"),), aliases=ALIASES, any_host=any_host
    )


def asked(host: str) -> Request:
    return Request("GET", "/", None, Headers((("Host", host),)))


@pytest.mark.parametrize(
    "host",
    [
        "d1example.cloudfront.net",
        "D1EXAMPLE.CloudFront.net",
        "d1example.cloudfront.net:8080",
        "www.example.com",
        "WWW.example.com:443",
        "www.example.com.",
        "mixed.example.com",
        "a.shop.example.com",
        "a.b.shop.example.com",
        "localhost",
        "localhost:8080",
        "site.localhost:8080",
        "127.0.0.1",
        "127.8.9.1:8080",
        "192.168.1.20:8080",
        "[::1]",
        "[::1]:8080",
    ],
)
def test_names_of_the_distribution_and_of_this_machine_are_answered(host: str) -> None:
    """Domain name, aliases, wildcard aliases at any depth, localhost and addresses, whatever the case and the port."""
    assert alternate_domain_names.check(asked(host), distribution()) is None


@pytest.mark.parametrize(
    "host",
    [
        "example.com",
        "shop.example.com",
        ".shop.example.com",
        "evilshop.example.com",
        "www.example.com.evil.org",
        "notlocalhost",
        "999.1.1.1",
        "1.2.3",
        "a:b:c",
        "",
    ],
)
def test_trap_23_a_host_that_is_no_alias_gets_403_bad_request(host: str) -> None:
    """Every other name is refused; a wildcard does not stand for the bare domain."""
    refusal = alternate_domain_names.check(asked(host), distribution())
    assert refusal is not None
    assert (refusal.status, refusal.message, refusal.close) == (403, "Bad request.", False)


def test_the_note_says_which_line_to_add() -> None:
    """The name that would have been an alias stands in the note, without its port."""
    refusal = alternate_domain_names.check(asked("New.example.com:8080"), distribution())
    assert refusal is not None
    assert refusal.note.rule == "alternate_domain_names.unknown_host"
    assert "add 'new.example.com' to its Aliases" in refusal.note.sentence


def test_a_request_without_host_is_refused() -> None:
    """HTTP/1.0 may leave Host out, and then no distribution can be found."""
    assert alternate_domain_names.check(Request("GET", "/"), distribution()) is not None


def test_a_distribution_made_from_flags_answers_to_every_host() -> None:
    """It has no name of its own."""
    assert alternate_domain_names.check(asked("anything.example.org"), distribution(any_host=True)) is None


SHOP = Distribution("E1SHOP", "d1.cloudfront.net", {}, (Behavior("s"),), name="Shop", aliases=("*.example.com",))
DOCS = Distribution("E2DOCS", "d2.cloudfront.net", {}, (Behavior("s"),), name="Docs", aliases=("docs.example.com",))
EU = Distribution("E3EU", "d3.cloudfront.net", {}, (Behavior("s"),), name="Eu", aliases=("*.eu.example.com",))
STAGED = Distribution("E4", "d4.cloudfront.net", {}, (Behavior("s"),), aliases=("staged.example.com",), staging=True)
ACME = Distribution(
    "E5T", "d5.cloudfront.net", {}, (Behavior("s"),), aliases=("acme.example.org",), tenant=Tenant("dt_1", "acme")
)
ALL = (SHOP, DOCS, EU, STAGED, ACME)


@pytest.mark.parametrize(
    ("host", "chosen"),
    [
        ("d2.cloudfront.net", DOCS),
        ("DOCS.example.com:8080", DOCS),
        ("www.example.com", SHOP),
        ("a.eu.example.com", EU),
        ("acme.example.org", ACME),
        ("docs.localhost:8080", DOCS),
        ("e3eu.localhost", EU),
        ("acme.localhost", ACME),
        ("dt_1.localhost", ACME),
        ("localhost", SHOP),
        ("127.0.0.1:8080", SHOP),
        ("unknown.example.net", SHOP),
        ("staged.example.com", SHOP),
        ("d4.cloudfront.net", SHOP),
    ],
)
def test_the_host_says_which_distribution_answers(host: str, chosen: Distribution) -> None:
    """The exact name before wildcards, and of these the most specific; on this machine NAME.localhost too. Nobody
    reaches a staging distribution by its own name."""
    assert alternate_domain_names.choose(asked(host), ALL) is chosen


def test_a_name_that_no_distribution_has_is_refused_by_the_first() -> None:
    assert alternate_domain_names.check(asked("d4.cloudfront.net"), SHOP) is not None


@pytest.mark.parametrize(
    ("server_name", "host", "refused"),
    [
        ("docs.example.com", "docs.example.com", False),
        ("docs.example.com", "d2.cloudfront.net", False),
        ("docs.example.com", "www.example.com", True),
        ("", "www.example.com", False),
        ("localhost", "docs.localhost", False),
    ],
)
def test_a_connection_with_another_distributions_certificate_gets_421(
    server_name: str, host: str, refused: bool
) -> None:
    """SNI of one distribution and Host of another: InvalidRequestCertificate in the log. Names of this machine are for
    all."""
    viewer = Viewer("192.0.2.1", scheme="https", tls=Tls("TLSv1.3", "TLS_AES_128_GCM_SHA256", server_name))
    distribution = alternate_domain_names.choose(asked(host), ALL)
    found = alternate_domain_names.check_certificate(asked(host), viewer, distribution, ALL)
    assert (found is not None) is refused
    if found is not None:
        assert (found.status, found.detailed) == (421, "InvalidRequestCertificate")
        assert found.note.rule == "alternate_domain_names.misdirected"
