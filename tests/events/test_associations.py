"""When a function that is associated with a behavior does not run."""

from __future__ import annotations

import pytest

from edge.events import associations
from edge.model.answer import Answer, MadeBy
from edge.model.response import Response
from edge.model.result_type import ResultType


def answer(made_by: MadeBy, origin_status: int = 200, status: int = 200) -> Answer:
    return Answer(Response(status), ResultType.MISS, made_by, origin_status)


@pytest.mark.parametrize("made_by", [MadeBy.ORIGIN, MadeBy.CACHE])
@pytest.mark.parametrize("origin_status", [200, 206, 301, 304, 399])
def test_it_runs_for_what_an_origin_answered_well(made_by: MadeBy, origin_status: int) -> None:
    """From the origin or from the cache."""
    assert associations.skips_viewer_response(answer(made_by, origin_status)) is None


@pytest.mark.parametrize("made_by", [MadeBy.ORIGIN, MadeBy.CACHE])
@pytest.mark.parametrize("origin_status", [400, 404, 503])
def test_it_does_not_run_for_errors_of_the_origin(made_by: MadeBy, origin_status: int) -> None:
    """Whatever the viewer sees, a status of 400 or more skips it, a cached one too."""
    note = associations.skips_viewer_response(answer(made_by, origin_status))
    assert note is not None
    assert note.rule == "associations.viewer_response_skipped"
    assert note.sentence.endswith(f"did not run: the origin answered {origin_status}")


@pytest.mark.parametrize(
    ("made_by", "why"),
    [
        (MadeBy.EDGE, "CloudFront made the response itself"),
        (MadeBy.REDIRECT, "CloudFront redirected to HTTPS"),
        (MadeBy.FUNCTION, "the viewer request function made the response"),
        (MadeBy.FUNCTION_FAILURE, "the viewer request function failed"),
        (MadeBy.ERROR_PAGE, "a custom error page is served"),
    ],
)
def test_it_does_not_run_for_what_no_origin_answered(made_by: MadeBy, why: str) -> None:
    """The note says who made the response instead."""
    note = associations.skips_viewer_response(answer(made_by, origin_status=0))
    assert note is not None
    assert note.sentence == f"the viewer response function did not run: {why}"


def test_trap_29_it_does_not_run_for_a_custom_error_page() -> None:
    """Even for one that is served with 200."""
    assert associations.skips_viewer_response(answer(MadeBy.ERROR_PAGE, origin_status=404, status=200)) is not None
