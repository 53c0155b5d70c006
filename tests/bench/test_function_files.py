"""What a file or a folder holds is seen without being told."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.bench.function_files import FunctionFileError, find, guessed_event
from edge.model.function import CloudFrontFunction, EventType, JavaScriptRuntime, LambdaFunction

JS_2_0 = JavaScriptRuntime.JS_2_0
REWRITE = "function handler(event) { return event.request; }"
HANDLER = "export const handler = async (event) => event.Records[0].cf.request;"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "lambda").mkdir()
    (tmp_path / "function.js").write_text(REWRITE)
    (tmp_path / "lambda/index.mjs").write_text(HANDLER)
    return tmp_path


@pytest.mark.parametrize(
    ("code", "event_type"),
    [
        (REWRITE, EventType.VIEWER_REQUEST),
        ("function handler(event) { return event.response; }", EventType.VIEWER_RESPONSE),
        ("// not event.response\n" + REWRITE, EventType.VIEWER_REQUEST),
        ("exports.handler = async (e) => e.Records[0].cf.response;", EventType.VIEWER_RESPONSE),
        ("const { request, response } = event.Records[0].cf;", EventType.VIEWER_RESPONSE),
        ("const response = { status: '302' };", EventType.VIEWER_REQUEST),
        ("request.origin.custom.domainName = 'b';", EventType.ORIGIN_REQUEST),
        ("def handler(e, c): return e['Records'][0]['cf']['response']", EventType.VIEWER_RESPONSE),
    ],
)
def test_the_event_is_seen_in_what_the_code_takes_from_it(code: str, event_type: EventType) -> None:
    assert guessed_event(code) is event_type


def test_a_folder_holds_a_function_and_its_twin(folder: Path) -> None:
    function, twin = find(str(folder), JS_2_0, "routes", 256)
    assert isinstance(function.function, CloudFrontFunction)
    assert function.function.key_value_store == "routes"
    assert isinstance(twin.function, LambdaFunction)
    assert (twin.function.handler, twin.function.memory_mb) == ("index.handler", 256)
    assert twin.event_type is function.event_type is EventType.VIEWER_REQUEST
    assert twin.function.name == function.function.name == folder.name


def test_a_function_of_another_name_has_a_twin_of_the_same_name(folder: Path) -> None:
    (folder / "assign.js").write_text(REWRITE)
    assert len(find(str(folder / "assign.js"), JS_2_0, None, 128)) == 1
    (folder / "lambda/assign.mjs").write_text(HANDLER)
    assert find(str(folder / "assign.js"), JS_2_0, None, 128)[1].path.name == "assign.mjs"


@pytest.mark.parametrize(
    ("name", "code", "given", "handler"),
    [
        ("a.mjs", HANDLER, "a.mjs", "a.handler"),
        ("a.js", "exports.handler = async () => null", "a.js", "a.handler"),
        ("a.js", "module.exports = { main }", "a.js:main", "a.main"),
        ("app.py", "def handler(event, context): return None", "app.py", "app.handler"),
    ],
)
def test_what_is_exported_is_a_handler(tmp_path: Path, name: str, code: str, given: str, handler: str) -> None:
    (tmp_path / name).write_text(code)
    (found,) = find(str(tmp_path / given), JS_2_0, None, 128)
    assert isinstance(found.function, LambdaFunction)
    assert found.function.handler == handler
    assert found.function.runtime.startswith("python" if name.endswith("py") else "nodejs")


@pytest.mark.parametrize(
    ("given", "event_type", "words"),
    [
        ("missing.js", None, "no such file"),
        ("lambda", EventType.VIEWER_REQUEST, None),
        (".", EventType.ORIGIN_REQUEST, "does not run at origin-request"),
    ],
)
def test_what_cannot_be_run_is_refused_with_what_to_do(
    folder: Path, given: str, event_type: EventType | None, words: str | None
) -> None:
    if words is None:
        assert len(find(str(folder / given), JS_2_0, None, 128, event_type)) == 1
        return
    with pytest.raises(FunctionFileError, match=words):
        find(str(folder / given), JS_2_0, None, 128, event_type)


def test_a_folder_without_a_function_says_what_it_looked_for(tmp_path: Path) -> None:
    with pytest.raises(FunctionFileError, match="no JavaScript in it"):
        find(str(tmp_path), JS_2_0, None, 128)
