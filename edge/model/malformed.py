"""What a viewer's bytes can be besides a request. The listener finds it; the edge answers it and closes."""

from __future__ import annotations

from enum import StrEnum


class Malformed(StrEnum):
    """The value is the sentence for the log."""

    NOT_HTTP = "the bytes are not an HTTP request"
    LENGTH_AND_CHUNKED = "both Content-Length and Transfer-Encoding are present"
    BAD_LENGTH = "Content-Length is not a number, or there are several that differ"
    BAD_CHUNK = "a chunk of the body has a bad size line or end"
    BAD_TRANSFER_CODING = "a transfer coding other than chunked"
    BAD_HEADER = "a header name or value holds a character that HTTP forbids"
    BAD_TARGET = "the request target is not a path"
    BAD_METHOD = "a method that CloudFront does not know"
    NO_HOST = "the Host header is missing, repeated or malformed"
    URI_TOO_LONG = "the URL is longer than the limit"
    HEADERS_TOO_LARGE = "the request line and headers are larger than the limit"
    TIMED_OUT = "the request did not arrive in time"
