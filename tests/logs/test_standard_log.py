"""Promises of edge/logs/standard_log.py."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from edge.logs.standard_log import FIELDS, StandardLog, encode, record
from edge.model.distribution import Behavior, Distribution
from edge.model.managed_policies import cache_policy
from edge.model.origin import Origin
from edge.model.served import Served
from edge.model.viewer import Tls
from edge.testing import Playbook

DISTRIBUTION = Distribution(
    "E1EXAMPLE",
    "d1.cloudfront.net",
    {"site": Origin("site", "site.example.org")},
    (Behavior("site", cache_policy=cache_policy("CachingOptimized")),),
)


def answered(target: str = "/a?x=1", headers: Any = (), **viewer: Any) -> Served:
    talk = Playbook(DISTRIBUTION).get(target, headers, **viewer)
    talk.origin_answers(200, "hello", {"Content-Type": "text/plain"})
    return talk.served


def logged(served: Served, body_bytes: int = 5, complete: bool = True, seconds: float = 0.25) -> dict[str, str]:
    found = record(served, body_bytes, complete, served.trail.started + seconds, "d1.cloudfront.net")
    assert found is not None
    return found


def test_the_33_fields_in_awss_order() -> None:
    assert len(FIELDS) == 33
    assert list(logged(answered())) == list(FIELDS)


def test_what_is_said_of_a_request() -> None:
    headers = {
        "Host": "www.example.org",
        "User-Agent": "curl/8.5.0",
        "Referer": "https://example.org/",
        "X-Forwarded-For": "192.0.2.1",
        "Cookie": "a=1",
    }
    alias = DISTRIBUTION
    served = Playbook(Distribution(alias.id, alias.domain_name, alias.origins, alias.behaviors, any_host=True)).get(
        "/a?x=1", headers, tls=Tls("TLSv1.3", "TLS_AES_128_GCM_SHA256"), http_version="2.0"
    )
    found = logged(served.origin_answers(200, "hello", {"Content-Type": "text/plain"}).served)
    assert found["cs(Host)"] == "d1.cloudfront.net"
    assert found["x-host-header"] == "www.example.org"
    assert (found["cs-method"], found["cs-uri-stem"], found["cs-uri-query"]) == ("GET", "/a", "x=1")
    assert (found["cs(Referer)"], found["cs(User-Agent)"]) == ("https://example.org/", "curl/8.5.0")
    assert found["cs(Cookie)"] == "-"
    assert found["x-forwarded-for"] == "192.0.2.1"
    assert (found["ssl-protocol"], found["ssl-cipher"]) == ("TLSv1.3", "TLS_AES_128_GCM_SHA256")
    assert (found["cs-protocol"], found["cs-protocol-version"]) == ("https", "HTTP/2.0")


def test_what_is_said_of_the_answer() -> None:
    found = logged(answered())
    assert (found["sc-status"], found["sc-content-type"], found["sc-content-len"]) == ("200", "text/plain", "5")
    assert (found["x-edge-result-type"], found["x-edge-response-result-type"]) == ("Miss", "Miss")
    assert found["x-edge-detailed-result-type"] == "Miss"
    assert (found["time-taken"], found["time-to-first-byte"]) == ("0.250", "0.000")
    assert found["x-edge-location"] == "LAP50-P1"
    assert int(found["sc-bytes"]) > 5


def test_a_viewer_who_left_first_is_000() -> None:
    found = logged(answered(), body_bytes=0, complete=False)
    assert (found["sc-status"], found["x-edge-detailed-result-type"]) == ("000", "ClientCommError")


def test_cookies_are_logged_where_the_distribution_says_so() -> None:
    served = answered(headers={"Cookie": "a=1"})
    found = record(served, 5, True, served.trail.started, "d1.cloudfront.net", with_cookies=True)
    assert found is not None
    assert found["cs(Cookie)"] == "a=1"


def test_a_part_of_an_object_has_its_range() -> None:
    play = Playbook(DISTRIBUTION)
    play.get("/a").origin_answers(200, "0123456789")
    found = logged(play.get("/a", {"Range": "bytes=2-4"}).served)
    assert (found["sc-status"], found["sc-range-start"], found["sc-range-end"]) == ("206", "2", "4")


def test_a_request_that_is_too_large_is_not_logged() -> None:
    served = Playbook(DISTRIBUTION).get("/" + "a" * 9_000).served
    assert served.response.status == 414
    assert record(served, 0, True, 0, "d1.cloudfront.net") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mozilla/5.0 (X11)", "Mozilla/5.0%20(X11)"),
        ("<\"#%{}|\\^~[]`'>", "%3C%22%23%25%7B%7D%7C%5C%5E%7E%5B%5D%60%27%3E"),
    ],
)
def test_what_the_documentation_lists_is_encoded(text: str, expected: str) -> None:
    assert encode(text) == expected


def lines_of(path: Path) -> list[str]:
    with gzip.open(path, "rt") as file:
        return file.read().splitlines()


def test_a_file_for_each_hour_with_awss_name_and_head(tmp_path: Path) -> None:
    served = answered()
    times = iter([3_600.0, 3_700.0, 7_200.0])
    log = StandardLog(tmp_path / "logs", lambda: ("E1EXAMPLE", "d1.cloudfront.net"), lambda: next(times))
    for _ in range(3):
        log(served, 5, True)
    log.close()
    first, second = sorted((tmp_path / "logs").iterdir())
    assert first.name.startswith("E1EXAMPLE.1970-01-01-01.")
    assert second.name.startswith("E1EXAMPLE.1970-01-01-02.")
    lines = lines_of(first)
    assert lines[0] == "#Version: 1.0"
    assert lines[1] == f"#Fields: {' '.join(FIELDS)}"
    assert len(lines) == 4
    assert len(lines[2].split("\t")) == 33


def test_json_lines_have_the_same_names(tmp_path: Path) -> None:
    log = StandardLog(tmp_path, lambda: ("E1EXAMPLE", "d1.cloudfront.net"), lambda: 0.0, format="json")
    log(answered(), 5, True)
    log.close()
    (file,) = tmp_path.iterdir()
    assert list(json.loads(lines_of(file)[0])) == list(FIELDS)
