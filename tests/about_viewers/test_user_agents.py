"""Promises of edge/about_viewers/user_agents.py: devices that people hold."""

from __future__ import annotations

import pytest

from edge.about_viewers import user_agents

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "kinds"),
    [
        (f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} Chrome/120.0.0.0 Safari/537.36", {"desktop"}),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14.1; rv:120.0) Gecko/20100101 Firefox/120.0", {"desktop"}),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:125.0) Gecko/20100101 Firefox/125.0", {"desktop"}),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) Version/17.1 Mobile/15E148", {"mobile", "ios"}),
        ("Mozilla/5.0 (iPad; CPU OS 17_1 like Mac OS X) Version/17.1 Mobile/15E148", {"tablet", "ios"}),
        (f"Mozilla/5.0 (Linux; Android 10; K) {WEBKIT} Chrome/124 Mobile Safari/537.36", {"mobile", "android"}),
        (f"Mozilla/5.0 (Linux; Android 13; SM-X700) {WEBKIT} Chrome/120 Safari/537.36", {"tablet", "android"}),
        # A tablet that says it is mobile, and a stick for televisions: known by their models.
        (f"Mozilla/5.0 (Linux; Android 11; SM-T505) {WEBKIT} Chrome/120 Mobile Safari/537.36", {"tablet", "android"}),
        (
            f"Mozilla/5.0 (Linux; Android 7.1.2; AFTMM Build/NS6265; wv) {WEBKIT} Version/4.0 Mobile Safari/537.36",
            {"smarttv", "android"},
        ),
        ("Mozilla/5.0 (SMART-TV; Linux; Tizen 5.0) AppleWebKit/538.1 Version/5.0 Safari/538.1", {"smarttv"}),
        ("Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 Chrome/79 Safari/537.36 WebAppManager", {"smarttv"}),
        ("curl/8.4.0", {"desktop"}),
        ("Amazon CloudFront", {"desktop"}),
        ("", {"desktop"}),
    ],
)
def test_a_device_is_known_by_its_model(user_agent: str, kinds: set[str]) -> None:
    found = user_agents.device_of(user_agent)
    assert {name for name, value in found._asdict().items() if value} == kinds
