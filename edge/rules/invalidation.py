"""Which objects an invalidation removes.

Source: CloudFront Developer Guide, "Invalidate files to remove content", "Specify the files to invalidate"; API
Reference, CreateInvalidation, CacheTagConfig. Case counts. `*` is a wildcard as the last character only. A query string
that is in the cache key must be given, or be covered by the wildcard; variants by header and cookie all go. Cached
errors go too. Near: an invalidation is done at once. Not modelled: quotas on invalidations in progress.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from edge.model import quotas
from edge.model.cache_key import CacheKey
from edge.model.stored_object import StoredObject


def fault(path: str) -> str | None:
    """What is wrong with an invalidation path; None when it is right."""
    if not path.startswith("/"):
        return f"{path}: an invalidation path begins with /"
    if len(path) > quotas.INVALIDATION_PATH_MAX_CHARS:
        return f"{path[:60]}...: an invalidation path has at most {quotas.INVALIDATION_PATH_MAX_CHARS} characters"
    if "~" in path:
        return f"{path}: ~ is not supported in an invalidation path"
    if not path.isascii() or any(character <= " " for character in path):
        return f"{path}: spaces and characters outside ASCII must be percent-encoded"
    return None


def by_path(path: str, key: CacheKey) -> bool:
    """Whether an invalidation path names the object of a key."""
    target = f"{key.path}?{key.query}" if key.query else key.path
    return target.startswith(path[:-1]) if path.endswith("*") else target == path


def by_tag(tag: str, header: str, stored: StoredObject) -> bool:
    """Whether an object carries a cache tag: `header` (lower case) lists them, separated by commas."""
    listed = stored.headers.joined(header) or ""
    return tag in (one.strip() for one in listed.split(","))


def named(
    paths: Sequence[str], tags: Sequence[str], tag_headers: Mapping[str, str]
) -> Callable[[CacheKey, StoredObject], bool]:
    """Whether an object is named by one of these paths or tags. `tag_headers` are the headers (lower case) that list an
    object's tags, by the id of its distribution."""

    def is_named(key: CacheKey, stored: StoredObject) -> bool:
        return any(by_path(path, key) for path in paths) or any(
            by_tag(tag, tag_headers.get(key.distribution_id, ""), stored) for tag in tags
        )

    return is_named
