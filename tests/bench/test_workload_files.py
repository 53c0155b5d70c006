"""Workloads from the files that people have."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from edge.bench.workload import Mix
from edge.bench.workload_files import WorkloadError, read
from edge.logs.standard_log import FIELDS

MIX = Mix(rate=10)

LINES = [
    {
        "date": "2026-11-25",
        "time": "10:00:05",
        "cs-method": "GET",
        "cs-uri-stem": "/b%2520c",
        "sc-content-len": "-",
        "sc-bytes": "700",
    },
    {
        "date": "2026-11-25",
        "time": "10:00:00",
        "cs-method": "HEAD",
        "cs-uri-stem": "/a",
        "cs-uri-query": "x=1",
        "x-host-header": "shop.example.com",
        "cs(Cookie)": "variant=a",
        "sc-content-len": "12",
    },
]


def w3c() -> str:
    rows = ["\t".join(line.get(field, "-") for field in FIELDS) for line in LINES]
    return "\n".join(["#Version: 1.0", f"#Fields: {' '.join(FIELDS)}", *rows]) + "\n"


def put(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("E2.2026-11-25-10.gz", gzip.compress(w3c().encode())),
        ("access.log", w3c().encode()),
    ],
)
def test_an_access_log_is_replayed_in_the_order_of_its_times(tmp_path: Path, name: str, content: bytes) -> None:
    workload = read(put(tmp_path, name, content), MIX)
    first, second = workload.asked
    assert (first.at_s, first.request.method, first.request.target, first.body_bytes) == (0, "HEAD", "/a?x=1", 12)
    assert first.request.headers.lines == (("Host", "shop.example.com"), ("Cookie", "variant=a"))
    assert (second.at_s, second.request.path, second.body_bytes) == (5, "/b%20c", 700)
    assert workload.times_are_real


def test_an_access_log_may_be_json_lines(tmp_path: Path) -> None:
    text = "\n".join(json.dumps(line) for line in LINES)
    assert [one.at_s for one in read(put(tmp_path, "access.json", text), MIX).asked] == [0, 5]


def test_a_list_has_urls_paths_methods_and_comments_and_comes_at_the_rate(tmp_path: Path) -> None:
    text = "# the shop\n/cart?id=1\n\nPOST https://api.example.com/orders\nhttps://example.com\n"
    workload = read(put(tmp_path, "urls.txt", text), MIX)
    assert [(one.request.method, one.request.host, one.request.target) for one in workload.asked] == [
        ("GET", "www.example.com", "/cart?id=1"),
        ("POST", "api.example.com", "/orders"),
        ("GET", "example.com", "/"),
    ]
    assert not workload.times_are_real
    assert 0 < workload.seconds < 3


def test_a_har_file_is_replayed_without_what_belongs_to_the_connection(tmp_path: Path) -> None:
    headers = [(":authority", "example.com"), ("Connection", "keep-alive"), ("Accept", "text/html")]
    entry: dict[str, Any] = {
        "startedDateTime": "2026-11-25T10:00:00.000Z",
        "request": {
            "method": "GET",
            "url": "https://example.com/a?b=c",
            "headers": [{"name": name, "value": value} for name, value in headers],
        },
        "response": {"content": {"size": 10}},
    }
    later = {**entry, "startedDateTime": "2026-11-25T12:00:01.500+02:00"}
    inline = {**entry, "request": {"method": "GET", "url": "data:text/plain,x"}}
    text = json.dumps({"log": {"entries": [later, entry, inline]}})
    first, second = read(put(tmp_path, "visit.har", text), MIX).asked
    assert first.request.target == "/a?b=c"
    assert first.request.headers.lines == (("Host", "example.com"), ("Accept", "text/html"))
    assert second.at_s == 1.5


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("urls.txt", b"", "no request in it"),
        ("urls.txt", b"/a\ncart and more\n", "urls.txt:2"),
        ("x.gz", b"\x1f\x8bno", "cannot be read"),
        ("x.har", b"{}", "not a HAR file"),
        ("x.har", b'{"log": {"entries": []}}', "no request in it"),
        ("x.json", b'{"a": 1}', "not a CloudFront standard log"),
        ("x.json", b'{"a": 1', "x.json:1: not JSON"),
        ("x.log", b"#Version: 1.0\n#Fields: date\n2026-11-25\n", "not a CloudFront standard log"),
    ],
)
def test_a_file_without_requests_is_refused_by_name_and_place(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    with pytest.raises(WorkloadError) as error:
        read(put(tmp_path, name, content), MIX)
    assert words in str(error.value)
