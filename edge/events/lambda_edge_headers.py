"""Headers in the events and results of Lambda@Edge: lower-case name -> one {key, value} for each line.

Source: CloudFront Developer Guide, "Lambda@Edge event structure", "Restrictions on all edge functions", "Generate HTTP
responses in request triggers". A header is changed when its values are, whatever the case of its `key`; lines that a
function leaves alone keep their bytes and their place. A property may be spelt in any case; without `key` every word of
the name gets a capital. Choice where AWS is silent: a `key` that is not the property's name is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from edge.events.lambda_edge_violations import BLACKLISTED, HEADER_ENTRY, READ_ONLY, Broken, broken, failed
from edge.events.restricted_headers import READ_ONLY_FOR_LAMBDA_EDGE, is_disallowed
from edge.events.utf8 import to_user, to_wire
from edge.model.function import EventType
from edge.model.headers import Headers, Line
from edge.model.json_value import JsonValue

_CANONICAL = {"host": "Host", "user-agent": "User-Agent"}
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_STRINGS_ONLY = (
    "The Lambda function returned an invalid entry in the headers object, the value of each header value must be of "
    "string or array of string type, header :{} has one or more entries whose value is neither string nor array of "
    "strings."
)

Entries = Mapping[str, list[Line]]
"""What a function returned: lower-case name -> lines as it wrote them, text not yet on the wire."""


def entries(headers: Headers) -> dict[str, JsonValue]:
    """Headers as an event shows them, without those that are hidden from functions."""
    found: dict[str, list[JsonValue]] = {}
    for name, value in headers.lines:
        lower = name.lower()
        if not is_disallowed(lower):
            found.setdefault(lower, []).append({"key": _CANONICAL.get(lower, name), "value": to_user(value)})
    return dict(found)


def parse(value: JsonValue) -> Entries:
    """A headers object as a function wrote it. Raises Broken for a wrong shape."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise broken(HEADER_ENTRY, "headers.not_an_object", "The Lambda function returned headers that are no object.")
    found: dict[str, list[Line]] = {}
    for name, each in value.items():
        if not isinstance(each, Sequence) or isinstance(each, str):
            log = "The Lambda function returned an invalid entry in the headers object, header {} is not an array."
            raise broken(HEADER_ENTRY, "headers.not_an_array", log, name)
        found.setdefault(name.lower(), []).extend(line for one in each for line in _lines(name, one))
    return found


def applied(returned: Entries, before: Headers, event_type: EventType) -> Headers:
    """The header lines after a function that was shown `before`. Raises Broken for a header it may not touch."""
    seen = shown(before)
    read_only = READ_ONLY_FOR_LAMBDA_EDGE[event_type]
    changed: dict[str, list[Line]] = {}
    for name, lines in returned.items():
        if [text for _, text in lines] == seen.get(name, []):
            continue
        _may_change(name, "change" if name in seen else "add", event_type)
        changed[name] = list(on_the_wire(lines))
    for name in seen:
        if name not in returned:
            if name in read_only:
                raise _read_only("delete", name)
            changed[name] = []
    if not changed:
        return before
    made: list[Line] = []
    for line in before.lines:
        new = None if is_disallowed(line[0].lower()) else changed.get(line[0].lower())
        if new is None:
            made.append(line)
        elif new:
            made += new
            changed[line[0].lower()] = []
    return Headers((*made, *(line for name, lines in changed.items() if name not in seen for line in lines)))


def generated(returned: Entries, event_type: EventType) -> Headers:
    """The header lines of a response that a function made. Raises Broken for a header it may not set."""
    for name, lines in returned.items():
        if lines:
            _may_change(name, "add", event_type)
    return Headers(line for lines in returned.values() for line in on_the_wire(lines))


def shown(headers: Headers) -> dict[str, list[str]]:
    """The values of each header that functions see, by lower-case name."""
    found: dict[str, list[str]] = {}
    for name, value in headers.lines:
        if not is_disallowed(name.lower()):
            found.setdefault(name.lower(), []).append(to_user(value))
    return found


def on_the_wire(lines: Iterable[Line]) -> Iterable[Line]:
    """Lines with names and values fit for a message. Raises Broken for characters that are not."""
    for name, text in lines:
        if not _TOKEN.fullmatch(name):
            raise failed("headers.name_characters", "the function returned an invalid header name : {}", name)
        found = _FORBIDDEN.search(text)
        if found is not None:
            what = "the function returned an invalid header, invalid character : '{}' in header value, headerName : {}"
            raise _invalid_character(what, f"%{ord(found.group()):02X}", name)
        yield name, to_wire(text)


def _lines(name: str, entry: JsonValue) -> list[Line]:
    """One {key, value}; a value may be an array of strings."""
    if not isinstance(entry, Mapping):
        raise broken(HEADER_ENTRY, "headers.entry_not_an_object", _STRINGS_ONLY, name)
    key = entry.get("key")
    if key is None:
        key = "-".join(word.capitalize() for word in name.split("-"))
    elif not isinstance(key, str) or key.lower() != name.lower():
        raise failed("headers.key", "the key of header {} must be its name in any case, not {}", name, key)
    value = entry.get("value")
    if isinstance(value, str):
        return [(key, value)]
    if isinstance(value, Sequence):
        texts = [text for text in value if isinstance(text, str)]
        if len(texts) == len(value):
            return [(key, text) for text in texts]
    raise broken(HEADER_ENTRY, "headers.value", _STRINGS_ONLY, name)


def _may_change(name: str, done: str, event_type: EventType) -> None:
    # CloudFront adds the country after the viewer request function, so a function may not.
    country = event_type is EventType.VIEWER_REQUEST and name == "cloudfront-viewer-country" and done == "add"
    if is_disallowed(name) or country:
        log = "Lambda function result failed validation, the function tried to add blacklisted header, headerName : {}."
        raise broken(BLACKLISTED, "headers.blacklisted", log, _titled(name))
    if name in READ_ONLY_FOR_LAMBDA_EDGE[event_type]:
        raise _read_only(done, name)


def _read_only(done: str, name: str) -> Broken:
    log = "Lambda function result failed validation, the function tried to {} read-only header, headerName : {}."
    return broken(READ_ONLY, "headers.read_only", log, done, _titled(name))


def _invalid_character(what: str, character: str, name: str) -> Broken:
    message = "The Lambda function result failed validation: The function returned an invalid header."
    return broken(
        message, "headers.character", f"Lambda function result validation failed, {what}.", character, _titled(name)
    )


def _titled(name: str) -> str:
    return "-".join(word.capitalize() for word in name.split("-"))
