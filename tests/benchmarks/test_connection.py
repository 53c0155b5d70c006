"""benchmarks/connection.py: hits it is, over every protocol."""

from __future__ import annotations

import json

import pytest

from benchmarks import connection


def test_every_protocol_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    assert connection.main(["--requests", "8", "--rounds", "1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) == {"HTTP/1.1", "HTTP/1.1 with a function", "HTTP/2"}
    assert all(took_us > 0 for took_us in found.values())


def test_what_is_no_hit_is_not_measured() -> None:
    with pytest.raises(RuntimeError, match="not a hit"):
        connection._prove(b"HTTP/1.1 200 OK\r\nX-Cache: Miss from cloudfront\r\n\r\n" + connection.BODY)
