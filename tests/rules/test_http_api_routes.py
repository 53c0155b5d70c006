"""Which route of an HTTP API a request takes."""

from __future__ import annotations

import pytest

from edge.model.http_api import HttpApi, Route, Stage
from edge.rules.http_api_routes import choose

PETS = (
    "GET /pets/dog/1",
    "GET /pets/dog/{id}",
    "GET /pets/{proxy+}",
    "ANY /{proxy+}",
    "$default",
)


def api(*keys: str, stages: tuple[Stage, ...] = (Stage(),)) -> HttpApi:
    return HttpApi("a1", tuple(Route(key, None) for key in keys), stages)


def taken(api: HttpApi, method: str, path: str) -> tuple[str, dict[str, str]] | None:
    chosen = choose(api, method, path)
    return None if chosen is None else (chosen.route.key, dict(chosen.parameters))


@pytest.mark.parametrize("keys", [PETS, tuple(reversed(PETS))], ids=["in order", "in reverse"])
@pytest.mark.parametrize(
    ("method", "path", "key", "parameters"),
    [
        ("GET", "/pets/dog/1", "GET /pets/dog/1", {}),
        ("GET", "/pets/dog/2", "GET /pets/dog/{id}", {"id": "2"}),
        ("GET", "/pets/cat/1", "GET /pets/{proxy+}", {"proxy": "cat/1"}),
        ("POST", "/test/5", "ANY /{proxy+}", {"proxy": "test/5"}),
        ("POST", "/pets/dog/1", "ANY /{proxy+}", {"proxy": "pets/dog/1"}),
        ("GET", "/", "$default", {}),
    ],
)
def test_the_most_specific_route_wins(
    keys: tuple[str, ...], method: str, path: str, key: str, parameters: dict[str, str]
) -> None:
    """In whatever order they were made. A greedy variable takes at least one segment."""
    assert taken(api(*keys), method, path) == (key, parameters)


@pytest.mark.parametrize(
    ("keys", "method", "path", "expected"),
    [
        (("GET /a", "ANY /a"), "GET", "/a", ("GET /a", {})),
        (("GET /a", "ANY /a"), "PUT", "/a", ("ANY /a", {})),
        (("GET /{x}/b", "GET /a/{y}"), "GET", "/a/b", ("GET /a/{y}", {"y": "b"})),
        (("GET /a/{id}",), "GET", "/a/b%2Fc%20d", ("GET /a/{id}", {"id": "b/c d"})),
        (("GET /a/{id}",), "GET", "/a/", None),
        (("GET /a",), "GET", "/a/", None),
        (("GET /a",), "GET", "/a/b", None),
        (("GET /a/b",), "GET", "/a", None),
        (("GET /a",), "POST", "/a", None),
        (("GET /",), "GET", "/", ("GET /", {})),
        ((), "GET", "/", None),
    ],
)
def test_what_matches(
    keys: tuple[str, ...], method: str, path: str, expected: tuple[str, dict[str, str]] | None
) -> None:
    """None is a 404."""
    assert taken(api(*keys), method, path) == expected


def test_a_stage_is_the_first_segment() -> None:
    """All but $default, which has none."""
    stages = (Stage("dev"), Stage("v1"))
    chosen = choose(api("GET /items", stages=stages), "GET", "/v1/items")
    assert chosen is not None
    assert (chosen.stage, chosen.route.key) == (stages[1], "GET /items")
    assert choose(api("GET /", stages=stages), "GET", "/v1") is not None
    assert choose(api("GET /items", "$default", stages=stages), "GET", "/items") is None
    both = choose(api("GET /items", stages=(*stages, Stage())), "GET", "/items")
    assert both is not None
    assert both.stage.name == "$default"
