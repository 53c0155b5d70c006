"""Which Host names a distribution answers to."""

from __future__ import annotations

import pytest

from edge.model.distribution import Behavior, Distribution
from edge.model.headers import Headers
from edge.model.request import Request
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
