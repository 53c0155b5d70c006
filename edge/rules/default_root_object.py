"""The default root object: what is served for the root of the site, and only there.

Source: CloudFront Developer Guide, "Specify a default root object". Any method, and the query string stays. A name
that begins with a slash makes the origin see `//name`, as it does on AWS, where S3 then refuses it. Not modelled: the
400 InvalidDefaultRootObject for a name that is too long.
"""

from __future__ import annotations

from edge.model.distribution import Distribution
from edge.model.request import Request


def apply(request: Request, distribution: Distribution) -> Request:
    """The request for the default root object when the path is exactly `/`; itself otherwise."""
    if request.path != "/" or not distribution.default_root_object:
        return request
    return request._replace(path=f"/{distribution.default_root_object}")
