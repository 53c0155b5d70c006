"""Warnings for code that compiles, and yet depends on what CloudFront's engine lacks or does otherwise."""

from __future__ import annotations

import pytest

from edge.model.function import JavaScriptRuntime
from edge.runtimes.quickjs.js_warnings import Warning, warnings

JS_1_0, JS_2_0 = JavaScriptRuntime.JS_1_0, JavaScriptRuntime.JS_2_0

EVERYWHERE = [
    ("new Map()", "absent-global", 5),
    ("typeof Proxy", "absent-global", 8),
    ("var u = new URL('http://a/')", "absent-global", 13),
    ("setTimeout(f, 1)", "absent-global", 1),
    ("eval('1')", "eval", 1),
    ("new Function('return 1')", "eval", 1),
    ("Function('return 1')", "eval", 1),
    ("'a'.at(0)", "absent-method", 5),
    ("[].flatMap(f)", "absent-method", 4),
    ("Array.from([1])", "absent-method", 7),
    ("var g = Object.fromEntries", "absent-method", 16),
    ("String.raw`a`", "absent-method", 8),
    ("console.error('a')", "absent-method", 9),
    ("console.log('a', 1)", "console-arguments", 18),
    ("var a = 'x😀'", "code-points", 9),
    ("var a = '\\ud83d\\ude00'", "code-points", 9),
    ("var a = '\\u{1F600}'", "code-points", 9),
    ("var a = `x😀${1}`", "code-points", 9),
    ("/(?i)a/", "pcre-only", 1),
    ("/(?>a)b/", "pcre-only", 1),
    ("/a++/", "pcre-only", 1),
    ("/a{2}+/", "pcre-only", 1),
    ("/\\Aab\\z/", "pcre-only", 1),
    ("/\\p{L}/", "pcre-only", 1),
    ("/[[:alpha:]]/", "pcre-only", 1),
    ("/(?P<n>a)/", "pcre-only", 1),
    ("new RegExp('(?i)a')", "pcre-only", 12),
    ("RegExp('\\\\p{L}')", "pcre-only", 8),
    ("Date.parse('2020-01-02T03:04:05+02:00')", "date-text", 12),
    ("new Date('2020-01-02 03:04:05')", "date-text", 10),
    ("new Date('Jan 1, 1970')", "date-text", 10),
    ("new Date('1/2/1970')", "date-text", 10),
]

NOWHERE = [
    "var o = {b: 1, 1: 2}",
    "function handler(event) { return event.request; }",
    "var Map = 1; f(Map)",
    "function f(Set) { return Set; }",
    "try {} catch (URL) { f(URL); }",
    "function Proxy() {} new Proxy()",
    "f(event.Map, event.fetch(1), {Set: 1})",
    "console.log('a')",
    "var a = 'é日本'",
    "var o = {1: 1, 2: 2, a: 3, b: 4}",
    "var o = {a: 1, [1]: 2, '01': 3, 1.5: 4}",
    "/(?:a)(?=b)(?!c)(?<=d)(?<!e)(?<n>f)/",
    "/a+b*c?d{2,3}?/",
    "/\\\\Ab/",
    "f.replace(/a/g, 'b')",
    "new RegExp('^a+$', 'i')",
    "new RegExp(event.pattern)",
    "new Date('2020-01-02T03:04:05Z')",
    "new Date('Thu, 01 Jan 1970 00:00:00 GMT')",
    "new Date(0), Date.parse('1970-01-01')",
    "crypto.at",
]

ONE_RUNTIME = [
    ("Buffer.from('a')", JS_1_0, "absent-global"),
    ("atob('YQ==')", JS_1_0, "absent-global"),
    ("a.replaceAll('b', 'c')", JS_1_0, "absent-method"),
    ("Promise.all([])", JS_1_0, "absent-method"),
    ("Symbol.for('a')", JS_1_0, "absent-method"),
    ("String.bytesFrom([1])", JS_2_0, "absent-method"),
    ("a.toUTF8()", JS_2_0, "absent-method"),
]


@pytest.mark.parametrize("runtime", [JS_1_0, JS_2_0])
@pytest.mark.parametrize(("code", "rule", "column"), EVERYWHERE)
def test_a_difference_is_warned_of(code: str, rule: str, column: int, runtime: JavaScriptRuntime) -> None:
    """Each rule finds its cases, and says where."""
    found = warnings(f"var first;\n{code}", runtime)
    assert [(rule, 2, column)] == [(each.rule, each.line, each.column) for each in found]


@pytest.mark.parametrize("runtime", [JS_1_0, JS_2_0])
@pytest.mark.parametrize("code", NOWHERE)
def test_what_works_alike_is_not_warned_of(code: str, runtime: JavaScriptRuntime) -> None:
    """Names that the code declares itself, members of other objects and plain JavaScript pass in silence."""
    assert warnings(code, runtime) == []


@pytest.mark.parametrize(("code", "lacking", "rule"), ONE_RUNTIME)
def test_a_runtime_is_warned_of_what_it_alone_lacks(code: str, lacking: JavaScriptRuntime, rule: str) -> None:
    """What one runtime has and the other has not is a warning in the other only."""
    assert {lacking: [rule]} == {
        runtime: [each.rule for each in warnings(code, runtime)]
        for runtime in (JS_1_0, JS_2_0)
        if warnings(code, runtime)
    }


def test_warnings_come_in_source_order_and_name_their_page() -> None:
    """A warning is a value: rule, place, sentence and the AWS page it rests on."""
    found = warnings("eval('1');\nnew Map();", JS_2_0)
    page = "JavaScript runtime 2.0 features for CloudFront Functions"
    assert [
        Warning("eval", 1, 1, "eval throws: CloudFront Functions do not compile code at run time.", page),
        Warning("absent-global", 2, 5, "Map does not exist in cloudfront-js-2.0.", page),
    ] == found


@pytest.mark.parametrize("code", ["var a = = 1; new Map()", "[" * 20_000])
def test_code_that_does_not_parse_has_no_warnings(code: str) -> None:
    """The gate says what is wrong with it; warnings would only add noise."""
    assert warnings(code, JS_2_0) == []
