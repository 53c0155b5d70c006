"""Custom error pages.

Source: CloudFront Developer Guide, "Generate custom error responses" and its sub-pages. The page is fetched through
the first behavior that matches its own path, without the original query string; when fetching it fails, the viewer
gets the status of that failure. A response that a function made is never replaced; whether pages replace the 502 and
503 of a failing function is the switch `error_pages_for_function_errors`. The connection is closed by the status of
the error, not by that of the page: AWS lists exactly the statuses that can be configured. CloudFront-Error-Uri and
-Args tell the origin what was asked for, where a policy of the page's behavior lists them ("Add CloudFront request
headers").
"""

from __future__ import annotations

from typing import NamedTuple

from edge.model.answer import Answer, MadeBy
from edge.model.distribution import Distribution
from edge.model.request import Request
from edge.model.result_type import ResultType

_REPLACED = frozenset({MadeBy.EDGE, MadeBy.ORIGIN, MadeBy.CACHE})
_CLOSING_STATUSES = frozenset({400, 405, 414, 416, 500, 501})


class Page(NamedTuple):
    """`path` is where the page is, `response_code` the status that the viewer gets with it."""

    path: str
    response_code: int


def page_for(distribution: Distribution, answer: Answer) -> Page | None:
    """The page in place of an error, if one is configured for its status."""
    replaced = answer.made_by in _REPLACED or (
        answer.made_by is MadeBy.FUNCTION_FAILURE and distribution.switches.error_pages_for_function_errors
    )
    rule = distribution.custom_error_responses.get(answer.response.status) if replaced else None
    if rule is None or rule.response_page_path is None:
        return None
    return Page(rule.response_page_path, rule.response_code or rule.error_code)


def request_for(page: Page) -> Request:
    """The request that fetches the page."""
    return Request("GET", page.path)


def tell_of(original: Request, request: Request, wanted: tuple[str, ...]) -> Request:
    """The page's request with the path and the query string that led to the error, as far as they are `wanted` (names
    in lower case)."""
    lines = []
    if "cloudfront-error-uri" in wanted:
        lines.append(("CloudFront-Error-Uri", original.path))
    if "cloudfront-error-args" in wanted and original.query:
        lines.append(("CloudFront-Error-Args", original.query))
    return request._replace(headers=request.headers.plus(lines)) if lines else request


def answer(page: Page, failed: Answer, fetched: Answer) -> Answer:
    """The page under its configured status; when it could not be had, the failure to get it."""
    response = fetched.response
    if response.status < 400:
        response = response._replace(status=page.response_code, reason=None)
    close = failed.close or failed.response.status in _CLOSING_STATUSES
    return Answer(response, ResultType.ERROR, MadeBy.ERROR_PAGE, failed.origin_status, fetched.age_s, close)
