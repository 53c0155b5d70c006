"""What is said of something that was to be an event and is none."""

from __future__ import annotations


class NoEvent(ValueError):  # noqa: N818 -- named after what it says
    """Something is no event of a function. The text says what it lacks."""
