"""Following redirects."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.testing import LambdaEdgeFixture, UnexpectedResultError, cloudfront_function

TO_HTTPS_AND_WWW = """function handler(event) {
  var request = event.request; var host = request.headers.host.value;
  if (request.uri === '/round') return {statusCode: 302, headers: {location: {value: '/and-round'}}};
  if (request.uri === '/and-round') return {statusCode: 302, headers: {location: {value: '/round'}}};
  if (request.uri === '/more') return {statusCode: 302, headers: {location: {value: '/more?' +
    ((request.querystring.n ? 'n=' + request.querystring.n.value : 'n=') + '1')}}};
  if (request.uri === '/moved') return {statusCode: 301, headers: {location: {value: 'new?x=1'}}};
  if (host === 'example.com') {
    return {statusCode: 301, headers: {location: {value: 'https://www.example.com' + request.uri}}};
  }
  return request;
}"""
fn = cloudfront_function(code=TO_HTTPS_AND_WWW)


def test_what_is_not_redirected_is_one_step() -> None:
    """The URL itself."""
    assert fn.follow("/a?x=1") == ["https://www.example.com/a?x=1"]


def test_redirects_are_followed_to_their_end() -> None:
    """Relative and absolute ones, to another host too."""
    assert fn.follow("/moved", headers={"host": "example.com", "x-a": "1"}) == [
        "https://example.com/moved",
        "https://example.com/new?x=1",
        "https://www.example.com/new",
    ]


def test_a_circle_fails_the_test() -> None:
    """And shows the way."""
    with pytest.raises(UnexpectedResultError, match=r"/round -> https://www.example.com/and-round -> "):
        fn.follow("/round")


def test_a_way_without_an_end_fails_the_test() -> None:
    """Even when no URL comes twice."""
    with pytest.raises(UnexpectedResultError, match="the redirects never end"):
        fn.follow("/more")


def test_a_handler_is_followed_too(lambda_edge: LambdaEdgeFixture, tmp_path: Path) -> None:
    """And stopped where it goes in circles."""
    (tmp_path / "circle.cjs").write_text("""exports.handler = async (event) => {
      const { request } = event.Records[0].cf;
      const to = { '/a': '/b', '/b': '/c', '/x': '/x' }[request.uri];
      return to ? { status: '302', headers: { location: [{ value: to }] } } : request;
    };""")
    fn = lambda_edge(tmp_path / "circle.cjs")
    assert [url.rpartition("/")[2] for url in fn.follow("/a")] == ["a", "b", "c"]
    with pytest.raises(UnexpectedResultError, match="never end"):
        fn.follow("/x")
