"""The code of a CloudFront Function, before anybody asks what it says: its size.

Source: CloudFront Developer Guide, "Quotas on CloudFront Functions". AWS writes 10 KB; taken for 10,240 bytes.
"""

from __future__ import annotations

from collections.abc import Iterator

from edge.configuration.finding import Finding, error
from edge.model import quotas

_QUOTAS = 'CloudFront Developer Guide, "Quotas on CloudFront Functions"'


def check_size(code: str, where: str) -> Iterator[Finding]:
    """The size, comments included."""
    size = len(code.encode())
    if size > quotas.FUNCTION_CODE_MAX_BYTES:
        message = (
            f"the code has {size} bytes, comments included, and at most {quotas.FUNCTION_CODE_MAX_BYTES} are allowed"
        )
        yield error("quotas.function_code", where, message, _QUOTAS)
