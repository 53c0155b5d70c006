"""Path patterns by themselves, and against those before them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from edge.configuration.checks.path_patterns import covers

Stack = Callable[..., Path]
Rules = Callable[[Path], dict[str, str]]


@pytest.mark.parametrize(
    ("wide", "narrow", "expected"),
    [
        ("*", "/a", True),
        ("/*", "*", True),
        ("/api/*", "/api/v1/*", True),
        ("/api/*", "api/users", True),
        ("*.jpg", "/images/*.jpg", True),
        ("/a?", "/ab", True),
        ("/a*c", "/abbc", True),
        ("/api/*", "/api", False),
        ("/images/*.jpg", "*.jpg", False),
        ("/a?", "/a*", False),
        ("/a", "/A", False),
        ("/a.b", "/aXb", False),
    ],
)
def test_one_pattern_covers_another(wide: str, narrow: str, expected: bool) -> None:
    assert covers(wide, narrow) is expected


def behaviors(*patterns: str) -> dict[str, object]:
    return {
        "CacheBehaviors": [
            {
                "PathPattern": pattern,
                "TargetOriginId": "app",
                "ViewerProtocolPolicy": "allow-all",
                "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
            }
            for pattern in patterns
        ]
    }


@pytest.mark.parametrize(
    ("patterns", "rule", "place"),
    [
        (("/a b",), "path_patterns.characters", "CacheBehaviors[0].PathPattern"),
        (("",), "path_patterns.characters", "CacheBehaviors[0].PathPattern"),
        (("/" + "x" * 255,), "path_patterns.length", "CacheBehaviors[0].PathPattern"),
        (("*a" * 5000, "/b"), "path_patterns.length", "CacheBehaviors[0].PathPattern"),
        (("/api/*", "/api/v1/*"), "path_patterns.covered", "CacheBehaviors[1].PathPattern"),
        (("/a", "/*"), "path_patterns.default_covered", "CacheBehaviors[1].PathPattern"),
    ],
)
def test_a_pattern_that_cannot_work_is_found(
    stack: Stack, rules: Rules, patterns: tuple[str, ...], rule: str, place: str
) -> None:
    assert rules(stack(config=behaviors(*patterns))) == {rule: place}


def test_patterns_from_narrow_to_wide_are_fine(stack: Stack, rules: Rules) -> None:
    assert rules(stack(config=behaviors("/api/v1/*", "/api/*", "*.jpg"))) == {}
