"""AWS Signature Version 4 in the Authorization header, as a function of the request, the credentials and the time.

Source: AWS General Reference and IAM User Guide, "Create a signed AWS API request"; Amazon S3 API Reference,
"Authenticating Requests: Using the Authorization Header". S3 signs the path as it stands in the request line; every
other service signs it without dot segments and empty ones, and encoded once more. The query string is signed as it
stands, sorted.
"""

from __future__ import annotations

import calendar
import hashlib
import hmac
import re
from collections.abc import Iterable
from email.utils import parsedate_tz
from posixpath import normpath
from urllib.parse import quote

from edge.model import http_date
from edge.model.headers import Line
from edge.model.origin import Credentials

ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
EMPTY_PAYLOAD = hashlib.sha256().hexdigest()
_SPACES = re.compile(r"\s+")


def amz_date(at: float) -> str:
    """Epoch seconds as X-Amz-Date has them: `20260401T120000Z`."""
    parts = parsedate_tz(http_date.render(at))
    assert parts is not None, at
    year, month, day, hour, minute, second = parts[:6]
    return f"{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z"


def epoch(moment: str) -> float | None:
    """X-Amz-Date as epoch seconds; None for what is no such date."""
    found = re.fullmatch(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z", moment)
    if found is None:
        return None
    year, month, day, hour, minute, second = map(int, found.groups())
    try:
        return calendar.timegm((year, month, day, hour, minute, second))
    except ValueError:
        return None


def authorization(
    method: str,
    target: str,
    signed: Iterable[Line],
    payload_hash: str,
    credentials: Credentials,
    region: str,
    service: str,
    at: float,
) -> str:
    """The value of Authorization. `signed` are the header lines that the signature covers, Host and X-Amz-Date among
    them; `target` is path and query as they stand in the request line."""
    moment = amz_date(at)
    scope = f"{moment[:8]}/{region}/{service}/aws4_request"
    headers = _canonical(signed)
    names = ";".join(name for name, _ in headers)
    path, _, query = target.partition("?")
    canonical = "\n".join(
        (
            method,
            path if service == "s3" else _path(path),
            _query(query),
            *(f"{name}:{value}" for name, value in headers),
            "",
            names,
            payload_hash,
        )
    )
    text = "\n".join((ALGORITHM, moment, scope, hashlib.sha256(canonical.encode("iso-8859-1")).hexdigest()))
    key = f"AWS4{credentials.secret_access_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    return f"{ALGORITHM} Credential={credentials.access_key_id}/{scope}, SignedHeaders={names}, Signature={signature}"


def _canonical(lines: Iterable[Line]) -> list[Line]:
    """Names in lower case, sorted; the values of one name joined, runs of spaces as one."""
    values: dict[str, list[str]] = {}
    for name, value in lines:
        values.setdefault(name.lower(), []).append(_SPACES.sub(" ", value).strip())
    return [(name, ",".join(values[name])) for name in sorted(values)]


def _path(path: str) -> str:
    plain = normpath(path)
    if plain.startswith("//"):
        plain = plain[1:]
    if path.endswith("/") and not plain.endswith("/"):
        plain += "/"
    return quote(plain, safe="/-_.~", encoding="iso-8859-1")


def _query(query: str) -> str:
    pairs = (piece.partition("=") for piece in query.split("&") if piece)
    return "&".join(f"{name}={value}" for name, value in sorted((name, value) for name, _, value in pairs))
