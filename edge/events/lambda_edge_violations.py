"""What Lambda@Edge functions are refused for: the sentences of the 502 page, and of the validation log.

Source: CloudFront Developer Guide, "HTTP 502 status code (Lambda validation error)", "Edge function logs": the log
group `/aws/cloudfront/LambdaEdge/<DistributionId>` gets `(<request id>) ERROR Validation error: <sentence>`. The
constants are sentences that have been seen on the wire. Near: what AWS says in the other cases is made after their
pattern. The note of a violation is the log's sentence.
"""

from __future__ import annotations

from edge.model.note import Note
from edge.model.violation import Violation

_FAILED = "The Lambda function result failed validation: "

NOT_AN_OBJECT = "The Lambda function returned invalid JSON: The JSON output must be an object type."
BODY = f"{_FAILED}The body is not a string, is not an object, or exceeds the maximum size."
READ_ONLY = f"{_FAILED}The function tried to add, delete, or change a read-only header."
BLACKLISTED = f"{_FAILED}The function tried to add a blacklisted header."
HEADER_ENTRY = (
    "The Lambda function returned an invalid entry in the headers object: Each header entry in the headers object must "
    "be an array."
)
ORIGIN_HEADERS = (
    "The Lambda function returned an invalid origin configuration: One or more HeaderName or HeaderValue values are "
    "invalid."
)


class Broken(Exception):  # noqa: N818 -- a way out of nested reading, never seen outside edge/events
    """What a function returned breaks a rule."""

    def __init__(self, violation: Violation) -> None:
        super().__init__(violation.message)
        self.violation = violation


def broken(message: str, rule: str, template: str, *values: object) -> Broken:
    """A rule is broken: the page's sentence, the rule's id without `lambda_edge.`, and the log's sentence."""
    return Broken(Violation(message, Note(f"lambda_edge.{rule}", template, values)))


def failed(rule: str, what: str, *values: object) -> Broken:
    """A rule is broken for which no sentence of AWS is known. `what` begins in lower case and ends without a stop."""
    message = f"{_FAILED}{what[0].upper()}{what[1:]}."
    return broken(message.format(*values), rule, f"Lambda function result failed validation, {what}.", *values)


def bad_origin(rule: str, what: str, *values: object) -> Broken:
    """The origin that a function returned is none."""
    message = f"The Lambda function returned an invalid origin configuration: {what[0].upper()}{what[1:]}."
    log = f"The Lambda function returned an invalid origin configuration, {what}."
    return broken(message.format(*values), f"origin.{rule}", log, *values)
