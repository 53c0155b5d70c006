"""Custom error pages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge.model.answer import Answer, MadeBy
from edge.model.distribution import Behavior, CustomErrorResponse, Distribution
from edge.model.headers import Headers
from edge.model.request import Request
from edge.model.response import Response
from edge.model.result_type import ResultType
from edge.model.switches import Switches
from edge.rules import error_pages
from edge.rules.error_pages import Page

SPA = {
    403: CustomErrorResponse(403, "/index.html", 200),
    404: CustomErrorResponse(404, "/404.html", 404),
    502: CustomErrorResponse(502, "/down.html", 503),
    500: CustomErrorResponse(500, error_caching_min_ttl_s=60),
}
SITE = Distribution("E1", "d1.cloudfront.net", {}, (Behavior("site"),), custom_error_responses=SPA)


def failed(status: int, made_by: MadeBy = MadeBy.ORIGIN, *, origin_status: int = 0, close: bool = False) -> Answer:
    return Answer(Response(status), ResultType.ERROR, made_by, origin_status, close=close)


@pytest.mark.parametrize(
    ("status", "page"),
    [
        (403, Page("/index.html", 200)),
        (404, Page("/404.html", 404)),
        (502, Page("/down.html", 503)),
        (500, None),
        (405, None),
    ],
)
def test_a_status_has_the_page_that_is_configured_for_it(status: int, page: Page | None) -> None:
    """A rule with an error caching TTL only has no page, a status without a rule neither."""
    assert error_pages.page_for(SITE, failed(status)) == page


@pytest.mark.parametrize(
    ("made_by", "replaced"),
    [
        (MadeBy.ORIGIN, True),
        (MadeBy.CACHE, True),
        (MadeBy.EDGE, True),
        (MadeBy.FUNCTION, False),
        (MadeBy.FUNCTION_FAILURE, False),
        (MadeBy.ERROR_PAGE, False),
        (MadeBy.REDIRECT, False),
    ],
)
def test_errors_of_origins_caches_and_the_edge_are_replaced(made_by: MadeBy, replaced: bool) -> None:
    """What a function answers is never replaced, nor is a page by another page."""
    assert (error_pages.page_for(SITE, failed(403, made_by)) is not None) == replaced


def test_pages_for_failing_functions_are_a_switch() -> None:
    """`error_pages_for_function_errors` lets a page replace the 502 and 503 of a function."""
    switched = replace(SITE, switches=Switches(error_pages_for_function_errors=True))
    assert error_pages.page_for(switched, failed(502, MadeBy.FUNCTION_FAILURE)) == Page("/down.html", 503)


def test_the_page_is_asked_for_by_its_own_path() -> None:
    """A GET without query, headers or body of the original request."""
    assert error_pages.request_for(Page("/404.html", 404)) == Request("GET", "/404.html")


PAGE = Answer(Response(200, Headers((("ETag", '"p"'),)), b"<app>", "Fine"), ResultType.HIT, MadeBy.CACHE, 200, 17)


def test_trap_3_a_page_takes_the_place_of_any_403_of_the_distribution() -> None:
    """The single page application's rule turns an API's 403 into its index page with 200 as well."""
    denied = failed(403, origin_status=403)
    page = error_pages.page_for(SITE, denied)
    assert page is not None
    answer = error_pages.answer(page, denied, PAGE)
    assert answer == Answer(
        Response(200, Headers((("ETag", '"p"'),)), b"<app>"), ResultType.ERROR, MadeBy.ERROR_PAGE, 403, 17
    )


def test_a_page_that_cannot_be_fetched_leaves_its_own_failure() -> None:
    """The viewer gets the status of the attempt to fetch the page."""
    missing = Answer(Response(503, body=b"busy"), ResultType.ERROR, MadeBy.ORIGIN, 503)
    answer = error_pages.answer(Page("/404.html", 404), failed(404, origin_status=404), missing)
    assert (answer.response.status, answer.response.body, answer.made_by) == (503, b"busy", MadeBy.ERROR_PAGE)


@pytest.mark.parametrize(
    ("status", "close"),
    [
        (400, True),
        (403, False),
        (404, False),
        (405, True),
        (414, True),
        (416, True),
        (500, True),
        (501, True),
        (502, False),
        (503, False),
        (504, False),
    ],
)
def test_the_status_of_the_error_says_whether_the_connection_is_closed(status: int, close: bool) -> None:
    """AWS's two lists; the status that the page is served with does not count."""
    assert error_pages.answer(Page("/e.html", 200), failed(status), PAGE).close == close


def test_a_connection_that_was_to_be_closed_is_closed() -> None:
    """A page does not change that."""
    assert error_pages.answer(Page("/e.html", 200), failed(403, close=True), PAGE).close
