"""The CloudFront-Is-*-Viewer headers, from User-Agent."""

from __future__ import annotations

import pytest

from edge.rules import device_detection

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "kinds"),
    [
        (f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} Chrome/120.0.0.0 Safari/537.36", {"desktop"}),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14.1; rv:120.0) Gecko/20100101 Firefox/120.0", {"desktop"}),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) Version/17.1 Mobile/15E148", {"mobile", "ios"}),
        ("Mozilla/5.0 (iPad; CPU OS 17_1 like Mac OS X) Version/17.1 Mobile/15E148", {"tablet", "ios"}),
        (f"Mozilla/5.0 (Linux; Android 14; Pixel 8) {WEBKIT} Chrome/120 Mobile Safari/537.36", {"mobile", "android"}),
        (f"Mozilla/5.0 (Linux; Android 13; SM-X700) {WEBKIT} Chrome/120 Safari/537.36", {"tablet", "android"}),
        (f"Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) {WEBKIT} Version/6.0 TV Safari/537.36", {"smarttv"}),
        ("Mozilla/5.0 (Linux; Android 9; BRAVIA 4K) AppleWebKit/537.36", {"smarttv", "android"}),
        ("curl/8.4.0", {"desktop"}),
        ("", {"desktop"}),
    ],
)
def test_words_in_user_agent_tell_the_device(user_agent: str, kinds: set[str]) -> None:
    """Who says nothing is a desktop."""
    found = device_detection.detect(user_agent)
    assert {name for name, value in found._asdict().items() if value} == kinds


def test_only_the_beginning_of_a_user_agent_is_looked_at() -> None:
    """A viewer may send 20 KB of words that nearly fit."""
    assert device_detection.detect("x" * 2_000 + " iPhone").mobile
    assert device_detection.detect("x" * 3_000 + " iPhone").desktop
