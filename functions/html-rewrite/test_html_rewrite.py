"""What html-rewrite promises."""

import pytest

HTML = {"content-type": "text/html; charset=utf-8", "etag": '"1"'}
PAGE = "<html><body class=a><p>Hello</p><script>go()</script><script src=/a.js></script></body></html>"
URL = "https://origin.test/page"


@pytest.fixture
def fn(lambda_edge):
    return lambda_edge("index.mjs")


def test_html_gets_a_banner_and_nonces(fn, outbound):
    outbound.get(URL).replies(200, HTML, PAGE)
    response = fn.origin_response("/page", headers=HTML).response
    assert '<body class=a><div class="banner">Preview</div><p>Hello</p>' in response.text
    nonce = response.headers["content-security-policy"].partition("'nonce-")[2].rstrip("'")
    assert f'<script nonce="{nonce}">go()</script><script src=/a.js></script>' in response.text
    assert "etag" not in response.headers


@pytest.mark.parametrize(
    ("status", "headers"), [(200, {"content-type": "image/png"}), (404, HTML), (304, {}), (200, {})]
)
def test_all_else_is_left_alone(fn, status, headers):
    """The origin is not asked again."""
    response = fn.origin_response("/page", status=status, headers=headers).response
    assert response.status == status
    assert "content-security-policy" not in response.headers


def test_a_page_that_is_too_long_goes_out_as_it_is(fn, outbound):
    outbound.get(URL).replies(200, HTML, "<body>" + "x" * 1_000_000)
    assert "content-security-policy" not in fn.origin_response("/page", headers=HTML).response.headers
