"""The language gate: verdicts and words, frozen for more than a thousand snippets, and the rules around them.

A snippet's record holds `code` and the gate's words for runtime 2.0 (`js-2.0`, null when the code compiles). `js-1.0`
is there when runtime 1.0 differs, with the reason as `since`; `njs` is there when the njs 0.7.9 of the command line
differs from the gate, with the reason as `why`.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from edge.model.function import Invalid, JavaScriptRuntime
from edge.runtimes.quickjs.gate import NO_HANDLER, TOO_DEEP, check, check_syntax

JS_1_0, JS_2_0 = JavaScriptRuntime.JS_1_0, JavaScriptRuntime.JS_2_0
GROUPS = sorted((Path(__file__).parent / "snippets").glob("*.jsonl"))
LINE = re.compile(r" in (\d+)\Z")


def snippets(group: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in group.read_text(encoding="utf-8").splitlines()]


def words(code: str, runtime: JavaScriptRuntime) -> str | None:
    verdict = check_syntax(code, runtime)
    return verdict.error if verdict else None


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.stem)
def test_runtime_2_0_says_what_the_snippets_expect(group: Path) -> None:
    """Runtime 2.0 accepts and refuses each snippet as written down, in the words written down."""
    expected = {snippet["code"]: snippet["js-2.0"] for snippet in snippets(group)}
    assert expected == {code: words(code, JS_2_0) for code in expected}


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.stem)
def test_runtime_1_0_differs_only_where_the_snippets_say_so(group: Path) -> None:
    """Runtime 1.0 is runtime 2.0 without let, const, async, separators, the sticky flag and two modules."""
    expected = {snippet["code"]: snippet.get("js-1.0", snippet["js-2.0"]) for snippet in snippets(group)}
    assert expected == {code: words(code, JS_1_0) for code in expected}


def test_the_corpus_is_large_and_every_difference_has_a_reason() -> None:
    """A difference between runtimes, or from njs, is data with a reason, and is a real difference."""
    records = [snippet for group in GROUPS for snippet in snippets(group)]
    codes = [record["code"] for record in records]
    assert len(codes) == len(set(codes)) >= 1000
    for record in records:
        assert ("js-1.0" in record) == bool(record.get("since")), record
        assert ("njs" in record) == bool(record.get("why")), record
        assert record.get("js-1.0", "") != record["js-2.0"], record
        assert record.get("njs", "") != record["js-2.0"], record


@pytest.mark.parametrize("runtime", [JS_1_0, JS_2_0])
def test_the_line_in_the_words_is_the_line_of_the_verdict(runtime: JavaScriptRuntime) -> None:
    """A verdict's `line` is the number that its words end in, and its column lies within that line."""
    for group in GROUPS:
        for snippet in snippets(group):
            verdict = check_syntax(snippet["code"], runtime)
            named = LINE.search(verdict.error) if verdict else None
            if verdict and named:
                lines = re.split(r"\r\n|[\n\r]", snippet["code"])
                assert verdict.line == int(named[1]), snippet
                assert 1 <= verdict.column <= len(lines[verdict.line - 1]) + 1, snippet


def test_a_verdict_names_line_and_column() -> None:
    """Lines and columns count from 1, in characters."""
    code = "function handler(e) {\n  const a = '😀'; const b = 1;\n}"
    expected = Invalid('SyntaxError: Token "const" not supported in this version in 2', line=2, column=3)
    assert expected == check(code, JS_1_0)
    assert check(code, JS_2_0) is None


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_every_line_break_counts_once(line_break: str) -> None:
    """Windows line breaks do not shift the line."""
    verdict = check_syntax(line_break.join(["var a;", "var b;", "class A {}"]), JS_2_0)
    assert verdict is not None
    assert (verdict.line, verdict.column) == (3, 1)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("const a = 1;\nvar b = = 2;", 'SyntaxError: Token "const" not supported in this version in 1'),
        ("function f() {\n  let a;\n  var b = ;\n}", 'SyntaxError: Token "let" not supported in this version in 2'),
        ("var b = = 2;\nconst a = 1;", 'SyntaxError: Unexpected token "=" in 1'),
    ],
)
def test_the_first_fault_in_the_source_wins(code: str, expected: str) -> None:
    """Code that does not even parse is still told of what the runtime lacks, when that comes first."""
    assert expected == words(code, JS_1_0)


@pytest.mark.parametrize(
    "declaration",
    [
        "function handler(event) {}",
        "async function handler(event) {}",
        "var handler = function (event) {};",
        "const handler = (event) => event.request;",
        "let handler = async (event) => event.request;",
    ],
)
def test_any_top_level_handler_will_do(declaration: str) -> None:
    """A function, or a variable that may hold one, called handler at the top level is an entry point."""
    assert check(declaration, JS_2_0) is None


@pytest.mark.parametrize(
    "code",
    [
        "",
        "// nothing",
        "function main(event) {}",
        "{ let handler = 1; }",
        "function f() { function handler() {} }",
        "handler;",
    ],
)
def test_code_without_a_handler_is_unfit(code: str) -> None:
    """Without a top-level handler the verdict is njs's ReferenceError for an undeclared name."""
    assert check(code, JS_2_0) == NO_HANDLER
    assert check_syntax(code, JS_2_0) is None


def test_deep_nesting_is_a_verdict_not_an_exception() -> None:
    """A function's worth of nesting passes, what no function's size allows is refused, the recursion limit stays."""
    limit = sys.getrecursionlimit()
    assert check_syntax("x = " + "(" * 500 + "1" + ")" * 500, JS_2_0) is None
    assert check_syntax("x = " + "1 + " * 2500 + "1", JS_2_0) is None
    assert check_syntax("[" * 20_000, JS_2_0) == TOO_DEEP
    assert sys.getrecursionlimit() == limit


def test_the_parser_is_imported_by_the_first_check_only() -> None:
    """`edge serve` starts without the parser: the gate alone does not import it."""
    script = "import sys, edge.runtimes.quickjs.gate; print('esprima' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
