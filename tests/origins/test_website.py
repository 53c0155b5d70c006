"""Promises of edge/origins/website.py: a folder in place of a bucket's website endpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from edge.model.headers import Headers
from edge.model.origin import Origin, OriginAttempt, OriginRequest, OriginResponse
from edge.model.website import RoutingRule, Website
from edge.origins.origins import Origins

HOST = "site.s3-website-eu-west-1.amazonaws.com"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "empty").mkdir()
    (tmp_path / "index.html").write_text("<h1>home</h1>")
    (tmp_path / "docs" / "index.html").write_text("<h1>docs</h1>")
    (tmp_path / "oops.html").write_text("<h1>oops</h1>")
    return tmp_path


@pytest.fixture
def ask(folder: Path) -> Any:
    """Asks the website for a target."""

    async def fetch(target: str, website: Website | None = None, *lines: Any, method: str = "GET") -> OriginResponse:
        origin = Origin("site", HOST, local_url=folder.as_uri(), website=website)
        request = OriginRequest(method, target, Headers((("Host", HOST), *lines)), b"")
        answer = await Origins().fetch(OriginAttempt(origin, request, "http"))
        assert isinstance(answer, OriginResponse)
        if not isinstance(answer.body, bytes):
            answer = answer._replace(body=b"".join([piece async for piece in answer.body]))  # type: ignore[union-attr]
        return answer

    return fetch


def location(answer: OriginResponse) -> tuple[int, str | None]:
    return answer.status, answer.headers.get("location")


async def test_a_folder_has_its_index_document(ask: Any) -> None:
    assert (await ask("/")).body == b"<h1>home</h1>"
    assert (await ask("/docs/")).body == b"<h1>docs</h1>"
    assert (await ask("/docs/", Website("oops.html"))).status == 404


async def test_a_folder_without_its_slash_is_redirected_where_it_has_one(ask: Any) -> None:
    assert location(await ask("/docs?x=1")) == (302, "/docs/")
    assert (await ask("/empty")).status == 404


async def test_what_is_not_there_has_s3s_page(ask: Any) -> None:
    answer = await ask("/<gone>")
    assert (answer.status, answer.headers.get("content-type")) == (404, "text/html; charset=utf-8")
    assert b"<li>Code: NoSuchKey</li>" in answer.body
    assert b"<li>Key: &lt;gone&gt;</li>" in answer.body
    assert (await ask("/", method="POST")).status == 405


async def test_the_error_document_has_the_status_of_the_error(ask: Any) -> None:
    website = Website(error_document="oops.html")
    answer = await ask("/gone", website, ("Range", "bytes=0-1"))
    assert (answer.status, answer.body, answer.headers.get("content-type")) == (404, b"<h1>oops</h1>", "text/html")
    assert b"NoSuchKey" in (await ask("/gone", Website(error_document="gone.html"))).body


async def test_everything_may_be_redirected(ask: Any) -> None:
    assert location(await ask("/a?b", Website(redirect_host="www.example.org"))) == (301, "http://www.example.org/a")
    https = Website(redirect_host="www.example.org", redirect_protocol="https")
    assert location(await ask("/a", https)) == (301, "https://www.example.org/a")


@pytest.mark.parametrize(
    ("rule", "target", "expected"),
    [
        (RoutingRule("docs/", replace_prefix="documents/"), "/docs/a.html", (301, f"http://{HOST}/documents/a.html")),
        (RoutingRule("docs/", replace_key="index.html", redirect_code=302), "/docs/", (302, f"http://{HOST}/index.html")),
        (RoutingRule("old/", host_name="old.example.org", protocol="https"), "/old/x", (301, "https://old.example.org/old/x")),
        (RoutingRule(error_code=404, replace_prefix="#!/"), "/gone", (301, f"http://{HOST}/#!/gone")),
        (RoutingRule(error_code=404, replace_prefix="#!/"), "/docs/", (200, None)),
        (RoutingRule("gone/", error_code=404, replace_key="a"), "/gone", (404, None)),
    ],
)  # fmt: skip
async def test_routing_rules(ask: Any, rule: RoutingRule, target: str, expected: tuple[int, str | None]) -> None:
    assert location(await ask(target, Website(routing_rules=(rule,)))) == expected
