"""Path patterns: `*` is any run of characters, `/` included; `?` is exactly one.

Source: CloudFront Developer Guide, "All distribution settings reference", Path pattern: anchored at both ends,
case-sensitive, and a leading `/` may be left out.
"""

from __future__ import annotations

import re

from edge.model import wildcards


class PathPattern:
    """A compiled pattern. `text` is what the configuration says, `regex` the regular expression of the same meaning,
    which the whole of a path must match (with `re.DOTALL`); it has no groups."""

    __slots__ = ("_matches", "regex", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        # `*product.jpg` means `/*product.jpg`; a lone `*` matches everything either way.
        anchored = text if text.startswith("/") else f"/{text}"
        self.regex = wildcards.expression(anchored)
        self._matches = re.compile(self.regex, re.DOTALL).fullmatch

    def matches(self, path: str) -> bool:
        """Whether the whole of a normalised path (it begins with "/") fits."""
        return self._matches(path) is not None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PathPattern) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"PathPattern({self.text!r})"


DEFAULT_PATTERN = PathPattern("*")
