"""A request that the edge answers itself, with an error page."""

from __future__ import annotations

from typing import NamedTuple

from edge.model.note import Note
from edge.model.result_type import ResultType


class Refusal(NamedTuple):
    """`message` is the sentence on CloudFront's page; `note` says why in ours.

    `detailed` is the access log's x-edge-detailed-result-type. `close` ends the connection after the answer.
    `xml_code` is set for the XML errors of signed URLs and holds their Code.
    """

    status: int
    message: str
    note: Note
    detailed: str = "Error"
    result_type: ResultType = ResultType.ERROR
    close: bool = False
    xml_code: str = ""
