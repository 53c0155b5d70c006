"""The default root object: what is served for the root of the site, and only there.

Source: CloudFront Developer Guide, "Specify a default root object". Any method, and the query string stays. A name
that begins with a slash makes the origin see `//name`, as it does on AWS, where S3 then refuses it. A name that is too
long, or holds other characters than the page lists, is answered with 400 InvalidDefaultRootObject; near: its text.
"""

from __future__ import annotations

import re
from functools import lru_cache

from edge.model import quotas
from edge.model.distribution import Distribution
from edge.model.note import Note
from edge.model.refusal import Refusal
from edge.model.request import Request

_NAME = re.compile(r"[A-Za-z0-9_.*$/~\"'&-]+")


def apply(request: Request, distribution: Distribution) -> Request | Refusal:
    """The request for the default root object when the path is exactly `/`; itself otherwise."""
    name = distribution.default_root_object
    if request.path != "/" or not name:
        return request
    return _fault(name) or request._replace(path=f"/{name}")


@lru_cache(maxsize=64)
def _fault(name: str) -> Refusal | None:
    if len(name) <= quotas.DEFAULT_ROOT_OBJECT_MAX_CHARS and _NAME.fullmatch(name):
        return None
    template = "the DefaultRootObject has {} characters, or some that it may not have: at most {} of A-Z a-z 0-9 {}"
    values = (len(name), quotas.DEFAULT_ROOT_OBJECT_MAX_CHARS, "_-.*$/~\"'&")
    note = Note("default_root_object.invalid", template, values)
    return Refusal(400, "Invalid default root object", note, "InvalidRequest", xml_code="InvalidDefaultRootObject")
