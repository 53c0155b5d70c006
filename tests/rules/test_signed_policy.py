"""The policy of a signed URL."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as some

from edge.rules import signed_policy
from edge.rules.signed_policy import Policy

URL = "https://d1.cloudfront.net/images/a.jpg?size=large"


def test_the_canned_policy_byte_for_byte() -> None:
    """No spaces, and the members in this order."""
    assert signed_policy.canned("http://d1.cloudfront.net/a.jpg?x=1", "1767290400") == (
        '{"Statement":[{"Resource":"http://d1.cloudfront.net/a.jpg?x=1",'
        '"Condition":{"DateLessThan":{"AWS:EpochTime":1767290400}}}]}'
    )


def custom(**condition: Any) -> bytes:
    condition = {"DateLessThan": {"AWS:EpochTime": 2_000}} | condition
    return json.dumps({"Statement": [{"Resource": URL, "Condition": condition}]}).encode()


def test_a_custom_policy_with_everything() -> None:
    """Resource, end, start and network are read; white space does not matter."""
    message = custom(DateGreaterThan={"AWS:EpochTime": 1_000}, IpAddress={"AWS:SourceIp": "192.0.2.0/24"}) + b"\n"
    assert signed_policy.parse(message) == Policy(URL, 2_000, 1_000, "192.0.2.0/24")


def test_only_the_end_is_required() -> None:
    """A policy without Resource, start and network is for every file, from now on, from anywhere."""
    message = b'{"Statement":[{"Condition":{"DateLessThan":{"AWS:EpochTime":2000}}}]}'
    assert signed_policy.parse(message) == Policy(None, 2_000, None, None)


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"not JSON",
        b"\xff\xfe{",
        b"[]",
        b"5",
        b"{}",
        b'{"Statement":[]}',
        b'{"Statement":{"Condition":{"DateLessThan":{"AWS:EpochTime":1}}}}',
        b'{"Statement":["x"]}',
        b'{"Statement":[{"Condition":{}}]}',
        b'{"Statement":[{"Condition":"DateLessThan"}]}',
        b'{"Statement":[{"Condition":{"DateLessThan":{"AWS:EpochTime":"2000"}}}]}',
        b'{"Statement":[{"Condition":{"DateLessThan":{"AWS:EpochTime":2000.5}}}]}',
        b'{"Statement":[{"Condition":{"DateLessThan":{"AWS:EpochTime":true}}}]}',
        b'{"Statement":[{"Condition":{"DateLessThan":{"AWS:EpochTime":NaN}}}]}',
        b'{"Statement":[{"Condition":{"DateLessThan":{"AWS:EpochTime":-1}}}]}',
        b'{"Statement":[{"Condition":{"DateLessThan":{"AWS:EpochTime":9223372036854775808}}}]}',
        b'{"Statement":[{"Condition":{"DateLessThan":{"AWS:EpochTime":' + b"9" * 5_000 + b"}}}]}",
        b'{"Statement":[{"Resource":5,"Condition":{"DateLessThan":{"AWS:EpochTime":1}}}]}',
        custom(DateGreaterThan={}),
        custom(DateGreaterThan={"AWS:EpochTime": "1000"}),
        custom(IpAddress={"AWS:SourceIp": ["192.0.2.0/24", "198.51.100.0/24"]}),
        b'{"Statement":[{"Condition":{"DateLessThan":{"AWS:EpochTime":1}}},'
        b'{"Condition":{"DateLessThan":{"AWS:EpochTime":1}}}]}',
        b'{"Statement":' + b"[" * 3_000 + b"]" * 3_000 + b"}",
    ],
)
def test_anything_else_is_malformed(message: bytes) -> None:
    """One statement with a whole number as its end, or nothing; no input raises."""
    assert signed_policy.parse(message) is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1767290400", 1_767_290_400),
        ("0", 0),
        ("9223372036854775807", 2**63 - 1),
        ("9223372036854775808", None),
        ("9" * 5_000, None),
        ("", None),
        ("-1", None),
        ("1e9", None),
        ("1.5", None),
        ("²", None),
    ],
)
def test_expires_is_a_number_of_64_bits(text: str, seconds: int | None) -> None:
    """Up to 2^63 - 1, in digits."""
    assert signed_policy.time_of(text) == seconds


@pytest.mark.parametrize(
    ("now", "allowed"),
    [(999.0, False), (1_000.0, False), (1_000.5, True), (1_999.9, True), (2_000.0, False), (5_000.0, False)],
)
def test_a_policy_holds_after_its_start_and_before_its_end(now: float, allowed: bool) -> None:
    """On the second of the start it does not hold yet, on that of the end no more."""
    policy = Policy(None, before=2_000, after=1_000)
    assert (signed_policy.denies(policy, URL, "192.0.2.1", now) is None) == allowed


@pytest.mark.parametrize(
    ("network", "ip", "allowed"),
    [
        ("192.0.2.0/24", "192.0.2.200", True),
        ("192.0.2.0/24", "192.0.3.1", False),
        ("192.0.2.10/32", "192.0.2.10", True),
        ("192.0.2.10", "192.0.2.10", True),
        ("192.0.2.10/24", "192.0.2.99", True),
        ("0.0.0.0/0", "203.0.113.7", True),
        ("192.0.2.0/24", "::ffff:192.0.2.1", True),
        ("0.0.0.0/0", "::1", False),
        ("2001:db8::/32", "2001:db8::1", False),
        ("nonsense", "192.0.2.1", False),
        ("192.0.2.0/24", "nonsense", False),
    ],
)
def test_a_network_is_one_range_of_ipv4(network: str, ip: str, allowed: bool) -> None:
    """A viewer outside of it, or over IPv6, is denied."""
    assert (signed_policy.denies(Policy(None, 2_000, None, network), URL, ip, 0) is None) == allowed


@pytest.mark.parametrize(
    ("policy", "why"),
    [
        (Policy(None, 60), "it expired 40 s ago"),
        (Policy(None, 500, after=130), "it is not valid for another 30 s"),
        (Policy(None, 500, source_ip="10.0.0.0/8"), "the viewer 192.0.2.1 is not in 10.0.0.0/8"),
        (Policy("https://other/*", 500), f"{URL} is not the signed resource https://other/*"),
    ],
)
def test_a_denial_says_why(policy: Policy, why: str) -> None:
    """Each condition has its own sentence."""
    assert signed_policy.denies(policy, URL, "192.0.2.1", 100) == why


@pytest.mark.parametrize(
    ("resource", "url", "fits"),
    [
        ("https://d1/a.jpg", "https://d1/a.jpg", True),
        ("https://d1/a.jpg", "http://d1/a.jpg", False),
        ("https://d1/a.jpg", "https://d2/a.jpg", False),
        ("https://d1/a.jpg", "https://d1/A.jpg", False),
        ("https://d1/a.jpg", "https://d1/axjpg", False),
        ("https://d1/a.jpg", "https://d1/a.jpg?x=1", False),
        ("https://d1/a.jpg?x=1", "https://d1/a.jpg?x=1", True),
        ("https://d1/a.jpg?x=1", "https://d1/a.jpg", False),
        ("https://d1/a.jpg?x=1&y=2", "https://d1/a.jpg?y=2&x=1", False),
        # Wildcards stay within their section.
        ("http*://d1/a.jpg", "https://d1/a.jpg", True),
        ("*://d1/a.jpg", "http://d1/a.jpg", True),
        ("https://*.example.com/a", "https://www.example.com/a", True),
        ("https://*.example.com/a", "https://evil.org/.example.com/a", False),
        ("https://d1/hello*world", "https://d1/hello-big-world", True),
        ("https://d1/hello*world", "https://d1/hello?world", False),
        ("https://d1/a?c", "https://d1/abc", True),
        ("https://d1/a?c", "https://d1/a?c", True),
        ("https://d1/a?c", "https://d1/ac", False),
        ("https://d1/a/*/c", "https://d1/a/b/b/c", True),
        ("https://d1/*a*b*c", "https://d1/xxaxxbxxc", True),
        ("https://d1/*a*b*c", "https://d1/xxbxxaxxc", False),
        ("https://d1/a?size=*", "https://d1/a?size=large", True),
        ("https://d1/a?size=?", "https://d1/a?size=large", False),
        # A trailing star covers the sections that follow.
        ("https://d1/*game_download.zip*", "https://d1/game_download.zip", True),
        ("https://d1/*game_download.zip*", "https://d1/example_game_download.zip?license=yes", True),
        ("https://d1/images/*", "https://d1/images/a/b.jpg?x=1", True),
        ("https://d1/images/*", "https://d1/other/a.jpg", False),
        ("https://d1/images/*?x=1", "https://d1/images/a?x=2", False),
        ("http://example.com*", "http://example.com/any/path?x=1", True),
        ("http://example.com*", "http://example.community/any", True),
        ("http://example.com*/", "http://example.com/any", False),
        ("*example.com*", "https://www.example.com/a?b", True),
        # Without a protocol.
        ("*example.com", "https://www.example.com/", True),
        ("*example.com", "https://www.example.com/a", False),
        ("*example.com/a", "http://example.com/a", True),
        ("example.com/a", "http://example.com/a", False),
        ("*", "https://anything/at/all?x=1", True),
    ],
)
def test_a_resource_matches_section_by_section(resource: str, url: str, fits: bool) -> None:
    """Protocol, domain, path and query, each with its wildcards."""
    assert signed_policy.matches(resource, url) == fits


def test_a_resource_full_of_stars_is_answered_at_once() -> None:
    """A viewer writes the policy, so no pattern may take more time than its length deserves."""
    resource = "https://d1/" + "*a" * 1_000 + "*b"
    assert not signed_policy.matches(resource, "https://d1/" + "a" * 3_000)


hosts = some.sampled_from(["d1.cloudfront.net", "www.example.com", "localhost:8080"])
paths = some.text("ab/.-%", max_size=12)
queries = some.one_of(some.none(), some.text("ab=&%", max_size=10))
urls = some.builds(
    lambda scheme, host, path, query: f"{scheme}://{host}/{path}" + ("" if query is None else f"?{query}"),
    some.sampled_from(["http", "https"]),
    hosts,
    paths,
    queries,
)


@given(urls, some.data())
def test_a_resource_with_a_star_in_place_of_some_characters_still_names_the_url(
    url: str, data: some.DataObject
) -> None:
    """Within a section: the star takes what it stands for, and nothing beyond the section."""
    assert signed_policy.matches(url, url)
    scheme, _, rest = url.partition("://")
    host, _, path = rest.partition("/")
    first = data.draw(some.integers(0, len(path)))
    last = data.draw(some.integers(first, len(path)))
    if "?" not in path[first:last]:
        assert signed_policy.matches(f"{scheme}://{host}/{path[:first]}*{path[last:]}", url)
    assert signed_policy.matches(f"*://{host}/{path}", url)
    assert signed_policy.matches(f"{scheme}://*", url)


@given(urls, urls)
def test_a_resource_without_wildcards_names_one_url(one: str, other: str) -> None:
    """Where the URL has no query, a `?` in the resource is a wildcard, so both have one or neither."""
    assume(("?" in one) == ("?" in other))
    assert signed_policy.matches(one, other) == (one == other)


@given(urls, some.integers(0, 2**63 - 1), some.integers(0, 2**63 - 1))
def test_what_a_canned_policy_signs_is_read_back(url: str, expires: int, now: int) -> None:
    """And lets the URL in until it expires."""
    policy = signed_policy.parse(signed_policy.canned(url, str(expires)).encode())
    assert policy == Policy(url, expires)
    assert (signed_policy.denies(policy, url, "192.0.2.1", now) is None) is (now < expires)


@given(some.one_of(some.binary(max_size=80), some.text('{}[]":,StatemnRourc', max_size=60).map(str.encode)))
def test_no_policy_is_too_broken(message: bytes) -> None:
    """It is a policy or it is none."""
    found = signed_policy.parse(message)
    assert found is None or isinstance(found, Policy)
