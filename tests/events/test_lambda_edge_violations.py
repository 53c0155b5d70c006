"""What Lambda@Edge functions are refused for, in words."""

from __future__ import annotations

from edge.events.lambda_edge_violations import READ_ONLY, broken, failed


def test_the_validation_log_has_the_details() -> None:
    """The page says less than the line in the distribution's log group."""
    log = "Lambda function result failed validation, the function tried to {} read-only header, headerName : {}."
    violation = broken(READ_ONLY, "headers.read_only", log, "delete", "Transfer-Encoding").violation
    assert violation.message == READ_ONLY
    assert violation.note.sentence == (
        "Lambda function result failed validation, the function tried to delete read-only header, headerName : "
        "Transfer-Encoding."
    )


def test_a_rule_without_a_known_sentence_follows_the_pattern() -> None:
    """Page and log say the same."""
    violation = failed("status", "the status must be from 200 to 599, not {}", 700).violation
    assert violation.message == (
        "The Lambda function result failed validation: The status must be from 200 to 599, not 700."
    )
    assert violation.note.sentence == (
        "Lambda function result failed validation, the status must be from 200 to 599, not 700."
    )
