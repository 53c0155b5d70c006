"""What the exchange hands to the viewer's side, and to the log."""

from __future__ import annotations

from typing import NamedTuple

from edge.model.headers import Line
from edge.model.request import Request
from edge.model.response import Response
from edge.model.result_type import ResultType
from edge.model.trail import Trail
from edge.model.viewer import Viewer


class Served(NamedTuple):
    """A finished answer. `edge_lines` are the header lines that the edge adds last, after those of `response`.

    `request` is what the viewer sent. `close` asks for the viewer's connection to be closed after the answer.
    """

    response: Response
    edge_lines: tuple[Line, ...]
    result_type: ResultType
    request: Request
    viewer: Viewer
    request_id: str
    trail: Trail
    close: bool = False
