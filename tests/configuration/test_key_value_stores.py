"""Seeds of key value stores."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge.configuration import Configuration, ConfigurationError
from edge.configuration.key_value_stores import check, read_file, seeds
from edge.configuration.local import Local, Seed

Write = Callable[[str, Any], Path]
Stack = Callable[..., Path]
Inspect = Callable[..., Configuration]

ORIGINS = '[origins]\napp = "http://localhost:3000"\n'
STORE = {"Routes": {"Type": "AWS::CloudFront::KeyValueStore", "Properties": {"Name": "my-routes"}}}


@pytest.mark.parametrize("content", [{"data": [{"key": "a", "value": "1"}]}, {"a": "1"}])
def test_a_file_is_an_import_file_of_aws_or_a_plain_object(write: Write, content: Any) -> None:
    assert read_file(write("seed.json", content)) == {"a": "1"}


def test_values_in_edge_toml_win_over_those_of_the_file(write: Write) -> None:
    path = write("seed.json", {"a": "1", "b": "2"})
    made, files = seeds(Local(kvs={"routes": Seed(path, {"b": "3"})}))
    assert made == {"routes": {"a": "1", "b": "3"}}
    assert files == (path,)


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        ("{", "kvs.syntax"),
        ("[1]", "kvs.shape"),
        ({"a": 1}, "kvs.shape"),
        ({"data": [{"key": "a"}]}, "kvs.shape"),
        ({"data": [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]}, "kvs.duplicate"),
        ({"k" * 513: "v"}, "kvs.quota"),
        ({"k": "v" * 1025}, "kvs.quota"),
    ],
)
def test_a_seed_that_aws_would_not_import_is_an_error(write: Write, content: Any, rule: str) -> None:
    path = write("seed.json", content)
    with pytest.raises(ConfigurationError) as raised:
        seeds(Local(kvs={"routes": Seed(path)}))
    assert raised.value.findings[0].rule == rule


STORE_BYTES = 5 * 1024 * 1024


def full_store(spare: int) -> dict[str, str]:
    """Pairs that fill a store but for some bytes."""
    pairs = {f"{number:04}": "v" * 1020 for number in range(STORE_BYTES // 1024)}
    pairs["0000"] = "v" * (1020 - spare)
    return pairs


@pytest.mark.parametrize(
    ("at_the_limit", "past_it"),
    [
        ({"k" * 512: "v"}, {"k" * 513: "v"}),
        ({"ü" * 256: "v"}, {"ü" * 256 + "k": "v"}),
        ({"k": "v" * 1024}, {"k": "v" * 1025}),
        (full_store(0), {**full_store(2), "k": "vv"}),
    ],
    ids=["a key", "a key in UTF-8", "a value", "a store"],
)
def test_the_quotas_of_a_store_hold_to_the_byte(at_the_limit: dict[str, str], past_it: dict[str, str]) -> None:
    check(at_the_limit, "here")
    with pytest.raises(ConfigurationError) as raised:
        check(past_it, "here")
    assert raised.value.findings[0].rule == "kvs.quota"


@pytest.mark.parametrize("name", ["my-routes", "Routes"])
def test_a_store_is_called_by_its_name_or_its_logical_id(
    stack: Stack, inspect: Inspect, write: Write, name: str
) -> None:
    path = stack(resources=STORE)
    write("edge.toml", f'{ORIGINS}[kvs.{name}.values]\na = "b"\n')
    made = inspect(path)
    assert made.findings == ()
    assert made.stores == {"my-routes": {"a": "b"}}


def test_a_store_without_a_seed_is_empty_and_says_how_to_fill_it(stack: Stack, inspect: Inspect) -> None:
    made = inspect(stack(resources=STORE))
    assert made.stores == {"my-routes": {}}
    (finding,) = made.findings
    assert (finding.level, finding.rule) == ("warning", "kvs.empty")
    assert finding.message.endswith('edge.toml: [kvs.my-routes], and below it file = "my-routes.json"')


def test_a_seed_for_no_store_is_listed_with_the_nearest_name(stack: Stack, inspect: Inspect, write: Write) -> None:
    path = stack(resources=STORE)
    write("edge.toml", f'{ORIGINS}[kvs.Routes.values]\na = "b"\n[kvs.route.values]\na = "b"\n')
    (finding,) = inspect(path).findings
    assert finding.message == "there is no key value store route; did you mean Routes?"
