"""A response on its way through the viewer's side of the rules, and who made it."""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple

from edge.model.origin import OriginFailure
from edge.model.response import Response
from edge.model.result_type import ResultType
from edge.model.stored_object import StoredObject


class MadeBy(Enum):
    """Who made a response: error pages, viewer response functions and conditionals depend on it."""

    EDGE = auto()
    """A refusal, or a page for an origin that failed."""
    REDIRECT = auto()
    """The redirect from HTTP to HTTPS."""
    FUNCTION = auto()
    """A viewer request function answered."""
    FUNCTION_FAILURE = auto()
    """The 502 or 503 page for a function that failed."""
    ORIGIN = auto()
    """The origin, on this request's behalf."""
    CACHE = auto()
    """The cache, or another request's fetch."""
    ERROR_PAGE = auto()
    """A custom error page."""


class Answer(NamedTuple):
    """`origin_status` is what the origin answered with, whatever the viewer will see (0: it was not asked, and the
    cache neither); `age_s` the Age of an object from the cache; `close` ends the viewer's connection afterwards.

    The rest is for the cache in front of the one that the answer comes from. `stored` is the object as caches hold it,
    None for an answer that is this viewer's alone; `keep` says whether a cache may keep it, `shared` whether others who
    wait for it may have it. `failure` says how the origin failed, where the answer is the page for that.
    """

    response: Response
    result_type: ResultType
    made_by: MadeBy
    origin_status: int = 0
    age_s: int | None = None
    close: bool = False
    stored: StoredObject | None = None
    keep: bool = True
    shared: bool = True
    failure: OriginFailure | None = None
