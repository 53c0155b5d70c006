"""FILE[:handler] on the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge.configuration import ConfigurationError, handlers
from edge.model.function import EventType
from edge.model.quotas import LAMBDA_CLASSIC_2023, LAMBDA_CURRENT

Write = Callable[[str, Any], Path]


@pytest.mark.parametrize(
    ("text", "file", "export"),
    [
        ("resize.mjs", "resize.mjs", ""),
        ("resize.mjs:main", "resize.mjs", "main"),
        ("edge/auth.py:lambda_handler", "edge/auth.py", "lambda_handler"),
        ("C:/edge/auth.py", "C:/edge/auth.py", ""),
        ("resize.mjs:", "resize.mjs:", ""),
    ],
)
def test_a_file_and_what_is_called_in_it(text: str, file: str, export: str) -> None:
    assert handlers.split(text) == (Path(file), export)


def test_a_file_whose_own_name_has_a_colon_is_a_file(write: Write) -> None:
    path = write("a:b", "")
    assert handlers.split(str(path)) == (path, "")


@pytest.mark.parametrize(
    ("name", "code", "runtime", "handler"),
    [
        ("resize.mjs", "export const handler = async (event) => event;", "nodejs22.x", "resize.handler"),
        ("resize.cjs", "exports.handler = async (event) => event;", "nodejs22.x", "resize.handler"),
        ("resize.js", "exports.handler = async (event) => event;", "nodejs22.x", "resize.handler"),
        ("auth.py", "def lambda_handler(event, context): ...", "python3.12", "auth.lambda_handler"),
        ("auth.py", "async def lambda_handler(event, context): ...", "python3.12", "auth.lambda_handler"),
        ("auth.py", "lambda_handler = lambda event, context: event", "python3.12", "auth.lambda_handler"),
        ("auth.py", "from app import main as lambda_handler", "python3.12", "auth.lambda_handler"),
        ("auth.py", "def handler(event, context): ...", "python3.12", "auth.handler"),
        ("auth.py", "def broken(", "python3.12", "auth.handler"),
    ],
)
def test_runtime_and_handler_come_from_the_file(write: Write, name: str, code: str, runtime: str, handler: str) -> None:
    path = write(name, code)
    function = handlers.function(str(path), EventType.ORIGIN_REQUEST, LAMBDA_CURRENT)
    assert (function.name, function.runtime, function.handler) == (path.stem, runtime, handler)
    assert function.code_path == str(path.parent)


def test_the_handler_that_is_named_is_the_one_that_runs(write: Write) -> None:
    path = write("auth.py", "def lambda_handler(event, context): ...")
    assert handlers.function(f"{path}:main", EventType.ORIGIN_REQUEST, LAMBDA_CURRENT).handler == "auth.main"


def test_a_file_called_index_has_the_name_of_its_folder(write: Write) -> None:
    path = write("resize/index.mjs", "export const handler = async (event) => event;")
    assert handlers.function(str(path), EventType.ORIGIN_RESPONSE, LAMBDA_CURRENT).name == "resize"


def test_memory_is_that_of_a_new_function_and_time_the_longest_allowed(write: Write) -> None:
    path = write("auth.py", "")
    at_viewer = handlers.function(str(path), EventType.VIEWER_REQUEST, LAMBDA_CLASSIC_2023)
    at_origin = handlers.function(str(path), EventType.ORIGIN_REQUEST, LAMBDA_CLASSIC_2023)
    assert (at_viewer.memory_mb, at_viewer.timeout_s) == (128, 5)
    assert (at_origin.memory_mb, at_origin.timeout_s) == (128, 30)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("none.mjs", "none.mjs: cannot be read"),
        ("none.mjs:main", "none.mjs: cannot be read"),
        ("resize.ts", "is no file of a Lambda@Edge function: those end in .js, .mjs, .cjs, .py"),
    ],
)
def test_what_is_no_handler_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, words: str) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError) as raised:
        handlers.function(text, EventType.ORIGIN_REQUEST, LAMBDA_CURRENT)
    assert words in str(raised.value)
