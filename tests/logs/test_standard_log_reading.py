"""Access logs read again, in the forms in which CloudFront delivers them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from edge.logs.standard_log_reading import LoggedRequest, read

W3C = (
    "#Version: 1.0\n"
    "#Fields: date time cs-method cs(Host) cs-uri-stem cs-uri-query x-host-header cs-protocol\n"
    "2026-01-01\t10:00:00\tGET\td1.cloudfront.net\t/a\t-\twww.example.com\thttps\n"
    "2026-01-01\t10:00:01\tGET\td1.cloudfront.net\t/a\t-\twww.example.com\thttps\n"
    "2026-01-01\t10:00:02\tPOST\td1.cloudfront.net\t/b%20c\tx=1\twww.example.com\thttp\n"
)
LINE = {"cs-method": "GET", "cs-uri-stem": "/a", "cs-uri-query": "-", "x-host-header": "www.example.com"}
A = LoggedRequest("GET", "https", "www.example.com", "/a", None)
B = LoggedRequest("POST", "http", "www.example.com", "/b%20c", "x=1")


def test_tab_separated_files_zipped_or_not(tmp_path: Path) -> None:
    (tmp_path / "E1.2026-01-01-10.aaaa.gz").write_bytes(gzip.compress(W3C.encode()))
    (tmp_path / "E1.2026-01-01-11.bbbb").write_text(W3C)
    assert read(tmp_path) == {A: 4, B: 2}


def test_json_lines(tmp_path: Path) -> None:
    (tmp_path / "log.json").write_text(f"{json.dumps(LINE)}\n{json.dumps(LINE | {'cs-uri-stem': '/a?y=2'})}\n")
    assert read(tmp_path / "log.json") == {A: 1, A._replace(query="y=2"): 1}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("GET / HTTP/1.1\n", "line 1 comes before a line that begins with #Fields:"),
        ("{}\n", "line 1 has no cs-uri-stem"),
        ("{oops\n", "Expecting property name"),
    ],
)
def test_what_is_no_log_is_named(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "x.log").write_text(text)
    with pytest.raises(ValueError, match=r"x\.log is no access log of CloudFront") as caught:
        read(tmp_path / "x.log")
    assert words in str(caught.value)
