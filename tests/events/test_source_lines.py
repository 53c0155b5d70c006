"""Which lines may have made what is refused."""

from __future__ import annotations

import pytest

from edge.events import source_lines

CODE = """function handler(event) {
    var request = event.request;
    // headers['x-a'] = { value: 'in a comment' };
    var headers = request.headers;
    headers['x-a'] = { value: '1' };
    headers.host = { value: headers['x-b'].value };
    headers.via.value += '!';
    delete headers['cdn-loop'];
    if (request.uri === '/old') {
        return { statusCode: '301', headers: { 'x-long-name': { value: '/' }, location: '/' } };
    }
    cf.updateRequestOrigin({ domainName: 'a' });
    request.querystring = 'a b';
    request['method'] = 'POST';
    return request;
}
"""


@pytest.mark.parametrize(
    ("written", "lines"),
    [
        (("headers", "x-a"), (5,)),
        (("headers", "host"), (6,)),
        (("headers", "via"), (7,)),
        (("headers", "cdn-loop"), (8,)),
        (("headers", "x-long-name"), (10,)),
        (("location",), (10,)),
        (("statusCode",), (10,)),
        (("querystring",), (13,)),
        (("method",), (14,)),
        (("call", "updateRequestOrigin"), (12,)),
        (("return",), (10, 15)),
        (("headers", "made-at-run-time"), (10,)),
        (("nowhere",), ()),
        ((), ()),
    ],
)
def test_a_name_is_found_where_it_is_written(written: tuple[str, ...], lines: tuple[int, ...]) -> None:
    """Not where it is only read, and not in comments; the name around it stands in for one that is not there."""
    assert source_lines.find(CODE, written) == lines


def test_a_handler_without_a_return_is_shown_by_its_name() -> None:
    """There is no better line."""
    assert source_lines.find("\nfunction handler(event) {\n}\n", ("return",)) == (2,)


def test_slashes_in_text_are_no_comments() -> None:
    """As in a URL."""
    code = "var u = 'https://example.org'; request.uri = 'x'; // request.uri\n/* request.uri = 1 */ request.uri = u;"
    assert source_lines.find(code, ("uri",)) == (1, 2)
