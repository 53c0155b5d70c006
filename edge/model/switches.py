"""Named choices for what AWS does not document. Each has a default, a reason, and a row in docs/fidelity.md.

They are set in `edge.toml` under `[switches]`, so that a user who knows better can say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Switches:
    """One field for each undecided behavior."""

    signature_before_viewer_request: bool = True
    """A signature is checked before the viewer request function runs, so on what the viewer sent."""

    default_root_object_after_viewer_request: bool = True
    """The viewer request function sees `/`; the default root object comes after it."""

    resolve_before_origin_request: bool = True
    """An origin's name is resolved before its origin request function runs: one that does not resolve is a 502 even if
    the function chooses another origin."""

    forward_conditionals: bool = True
    """Range and If-* headers of the viewer go to the origin although no policy lists them."""

    serve_stale_x_cache: str = "Error"
    """What X-Cache says when a stale object is served because the origin failed: "Error" or "Hit"."""

    policy_on_function_errors: bool = True
    """A response headers policy applies to the 502 and 503 pages that a failing function causes."""

    error_pages_for_function_errors: bool = False
    """Custom error pages replace the 502 and 503 pages that a failing function causes."""

    cache_unreachable_errors: bool = True
    """The 502 and 504 pages for an origin that cannot be reached are cached for the error caching minimum TTL."""

    viewer_response_sees_rewritten_request: bool = True
    """The viewer response function sees the request as the viewer request function left it."""

    function_throttling: bool = False
    """A CloudFront Function that fails to compile, or runs over its time, again and again is throttled: not run for
    five minutes, even when it is repaired. Off, so that a repair is seen at once."""

    question_mark_in_uri: Literal["encoded", "refused"] = "encoded"
    """What becomes of a `?` in the request.uri that a CloudFront Function returns: %3F, so it stays in the path, or an
    error."""

    lambda_viewer_response_body: Literal["ignored", "used", "refused"] = "ignored"
    """What becomes of a body that a Lambda@Edge viewer response function returns."""

    lambda_limit_counts_base64: bool = True
    """The size limit of a response that a Lambda@Edge function makes counts its body as it was returned, in base64."""

    waf_before_geo_restriction: bool = True
    """AWS WAF looks at a request before geo restriction does."""

    cloudfront_may_list_bucket: bool = False
    """CloudFront may list a bucket that a folder plays (s3:ListBucket), so what is not there is 404, not 403."""


DEFAULT_SWITCHES = Switches()
