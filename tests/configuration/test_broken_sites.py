"""Sites broken at random, in every form: whatever is wrong is a finding, and never an exception of ours.

The seed is the name of the file, so a failure comes again; it says which value was changed, and to what.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any

import pytest

from edge import configuration
from edge.configuration import ConfigurationError, document, sources
from edge.configuration.positions import Block, Items, Place

SITES = Path(__file__).parent / "sites"
FILES = [*sorted(SITES.glob("*.yaml")), *sorted(SITES.glob("api/*/distribution.json")), *sorted(SITES.glob("*/*.json"))]
MUTATIONS = 12

Keys = tuple[str | int, ...]
VALUES: list[Any] = [None, "", [], {}, 0, -1, True, "x", ["x"], {"a": 1}, 3.5, {"Ref": "Nobody"}, {"Fn::If": ["x", 1]}]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SITES)))
def test_a_broken_site_is_reported(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, read = document.read(path), document.read
    random = Random(str(path.relative_to(SITES)))
    everywhere = sorted(places(whole.tree), key=repr)
    for keys in random.sample(everywhere, min(MUTATIONS, len(everywhere))):
        tree = deepcopy(whole.tree)
        how = broken(tree, keys, random)
        changed = Place(str(path), "", tree)
        monkeypatch.setattr(sources.document, "read", lambda file, one=changed: one if file == path else read(file))
        try:
            configuration.inspect(path)
        except ConfigurationError as problem:
            assert problem.findings  # noqa: PT017 -- any other exception is a failure of its own
        except Exception as problem:
            raise AssertionError(f"{keys}: {how}") from problem


def places(tree: Any, keys: Keys = ()) -> Iterator[Keys]:
    children = tree.items() if isinstance(tree, Block) else enumerate(tree) if isinstance(tree, Items) else ()
    for key, child in children:
        yield (*keys, key)
        yield from places(child, (*keys, key))


def broken(tree: Any, keys: Keys, random: Random) -> str:
    """Take a key away, misspell it, or put something else in its place; in words, which."""
    for key in keys[:-1]:
        tree = tree[key]
    last, how = keys[-1], random.choice(["gone", "misspelt", "other", "other"])
    if isinstance(tree, Block) and how == "gone":
        del tree[last]
    elif isinstance(tree, Block) and how == "misspelt":
        tree.put(f"{last}x", tree.pop(last), 1)
    else:
        tree[last] = with_lines(random.choice(VALUES))
        how = repr(tree[last])
    return how


def with_lines(value: Any) -> Any:
    if isinstance(value, dict):
        block = Block()
        for key, child in value.items():
            block.put(key, with_lines(child), 1)
        return block
    if isinstance(value, list):
        items = Items()
        for child in value:
            items.put(with_lines(child), 1)
        return items
    return value
