"""Node.js handlers: callbacks up to nodejs22.x, promises, both module systems, errors."""

from __future__ import annotations

from typing import Any

import pytest

from edge.events import lambda_edge_result
from edge.model.distribution import Distribution
from edge.model.function import Threw
from edge.model.request import Request
from edge.model.violation import Violation

NODE_24 = "nodejs24.x"


async def value(functions: Any, code: str, **settings: Any) -> Any:
    outcome = await functions.run(functions.node(code, **settings))
    assert not isinstance(outcome, Threw), outcome
    return outcome.value


@pytest.mark.parametrize("runtime", ["nodejs22.x", NODE_24])
async def test_an_async_handler_gets_event_and_context(functions: Any, runtime: str) -> None:
    code = """
exports.handler = async (event, context) => ({
  event, name: context.functionName, version: context.functionVersion, memory: context.memoryLimitInMB,
  arn: context.invokedFunctionArn, group: context.logGroupName, left: context.getRemainingTimeInMillis() > 0 });
"""
    assert await value(functions, code, runtime=runtime) == {
        "event": {"a": 1},
        "name": "us-east-1.f1",
        "version": "3",
        "memory": "128",
        "arn": "arn:aws:lambda:us-east-1:123456789012:function:us-east-1.f1:3",
        "group": "/aws/lambda/us-east-1.f1",
        "left": True,
    }


@pytest.mark.parametrize(
    ("code", "result"),
    [
        ("(e, c, cb) => cb(null, 'called back')", "called back"),
        ("(e, c, cb) => { setTimeout(() => cb(null, 'later'), 5) }", "later"),
        ("(e, c) => c.succeed('succeed')", "succeed"),
        ("(e, c) => c.done(null, 'done')", "done"),
        ("(e, c, cb) => { cb(null, 'first'); cb(null, 'second') }", "first"),
        ("async (e, c, cb) => { cb(null, 'callback'); return 'promise' }", "promise"),
        ("(e, c, cb) => {}", None),
        ("(e) => ({ status: '200' })", None),
        ("async () => {}", None),
    ],
)
async def test_traps_11_and_12_the_era_of_callbacks(functions: Any, code: str, result: Any) -> None:
    """The first to settle wins; a plain function's result is not looked at; one that never calls back gives null."""
    assert await value(functions, f"exports.handler = {code}") == result


async def test_a_callback_waits_for_an_empty_event_loop_unless_told_not_to(functions: Any) -> None:
    """A pending timer runs first."""
    code = """
let order = [];
exports.waits = (e, c, cb) => { setTimeout(() => order.push('timer'), 20); cb(null, order) };
exports.hurries = (e, c, cb) => {
  c.callbackWaitsForEmptyEventLoop = false; setTimeout(() => order.push('timer'), 20); cb(null, order) };
"""
    assert await value(functions, code, handler="index.waits") == ["timer"]
    assert await value(functions, code, handler="index.hurries") == []


async def test_trap_37_an_unfinished_timer_goes_on_with_the_next_event(functions: Any) -> None:
    """Nothing runs between events."""
    code = """
let fired = 0;
exports.handler = async (e) => {
  if (e.start) setTimeout(() => fired++, 30);
  else await new Promise((resolve) => setTimeout(resolve, 60));
  return fired;
};
"""
    function = functions.node(code)
    assert (await functions.run(function, {"start": True})).value == 0
    assert (await functions.run(function, {"wait": True})).value == 1


async def test_since_nodejs24_there_are_no_callbacks(functions: Any) -> None:
    """A handler with three parameters is refused at init; a plain function's result is the result."""
    assert await value(functions, "exports.handler = (e) => ({ status: '200' })", runtime=NODE_24) == {"status": "200"}
    outcome = await functions.run(functions.node("exports.handler = (e, c, cb) => cb(null, 1)", runtime=NODE_24))
    assert outcome.payload["errorType"] == "Runtime.CallbackHandlerDeprecated"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("index.mjs", "import fs from 'node:fs'; export const handler = async () => typeof fs.readFileSync;"),
        ("index.cjs", "exports.handler = async () => typeof require('node:fs').readFileSync;"),
    ],
)
async def test_both_module_systems(functions: Any, name: str, code: str) -> None:
    assert await value(functions, code, name=name) == "function"


async def test_a_package_of_type_module_with_a_dependency_in_a_folder(functions: Any) -> None:
    files = {
        "package.json": '{"type": "module"}',
        "src/index.js": "import x from 'dep'; export const handler = async () => x;",
        "node_modules/dep/package.json": '{"name": "dep", "main": "main.cjs"}',
        "node_modules/dep/main.cjs": "module.exports = 42;",
    }
    functions.node("")
    outcome = await functions.run(functions.package(files, "src/index.handler", "nodejs22.x"))
    assert outcome.value == 42


@pytest.mark.parametrize(
    ("code", "error_type", "message"),
    [
        ("exports.handler = async () => { throw new TypeError('nope') }", "TypeError", "nope"),
        ("exports.handler = (e, c, cb) => cb(new RangeError('far'))", "RangeError", "far"),
        ("exports.handler = (e, c, cb) => cb('text')", "string", "text"),
        ("exports.handler = (e, c) => c.fail(new Error('failed'))", "Error", "failed"),
        ("exports.other = 1", "Runtime.HandlerNotFound", "index.handler is undefined or not exported"),
        (
            "exports.handler = async () => { const a = {}; a.a = a; return a }",
            "Error",
            "Unable to stringify response body",
        ),
        ("throw new Error('early')", "Error", "early"),
    ],
)
async def test_an_error_has_the_type_and_message_of_the_real_client(
    functions: Any, code: str, error_type: str, message: str
) -> None:
    """Under the key `trace`."""
    outcome = await functions.run(functions.node(code))
    assert isinstance(outcome, Threw), outcome
    payload: Any = outcome.payload
    assert (payload["errorType"], payload["errorMessage"]) == (error_type, message)
    assert payload.keys() == {"errorType", "errorMessage", "trace"}


async def test_a_module_that_is_missing_or_no_javascript(functions: Any) -> None:
    missing = await functions.run(functions.node("require('nothing-like-it')"))
    assert missing.payload["errorType"] == "Runtime.ImportModuleError"
    assert missing.payload["errorMessage"].startswith("Error: Cannot find module 'nothing-like-it'\nRequire stack:")
    broken = await functions.run(functions.node("exports.handler = ("))
    assert broken.payload["errorType"] == "Runtime.UserCodeSyntaxError"


async def test_a_rejection_that_nobody_handles_ends_the_runtime(functions: Any) -> None:
    """The next event has a new one."""
    code = "exports.handler = (e, c, cb) => { if (e.reject) Promise.reject(new Error('lost')); else cb(null, 'ok') }"
    function = functions.node(code)
    outcome = await functions.run(function, {"reject": True})
    assert outcome.payload["errorType"] == "Runtime.UnhandledPromiseRejection"
    assert (await functions.run(function)).value == "ok"


async def test_the_console_has_time_request_id_and_level(functions: Any) -> None:
    code = """
exports.handler = async (e, c) => { console.log('a\\nb', { x: 1 }); console.warn('%d', 1); return c.awsRequestId }
"""
    outcome = await functions.run(functions.node(code))
    lines = [line.split("\t")[1:] for line in outcome.logs[2:4]]
    assert lines == [[outcome.value, "INFO", "a\nb { x: 1 }"], [outcome.value, "WARN", "1"]]


async def test_a_body_of_a_megabyte_goes_both_ways(functions: Any) -> None:
    """In any characters."""
    text = "äöü" * 400_000
    outcome = await functions.run(functions.node("exports.handler = async (e) => e.text"), {"text": text})
    assert outcome.value == text


async def test_tmp_can_be_written(functions: Any) -> None:
    code = """
const fs = require('node:fs'), os = require('node:os'), path = require('node:path');
exports.handler = async () => {
  const file = path.join(os.tmpdir(), 'kept'); fs.writeFileSync(file, 'x'); return fs.readFileSync(file, 'utf8') };
"""
    assert await value(functions, code) == "x"


async def test_trap_11_a_plain_handler_that_returns_answers_null(functions: Any) -> None:
    """Up to nodejs22.x its result is ignored, and CloudFront refuses null."""
    outcome = await functions.run(functions.node("exports.handler = (e) => ({ status: '200' })"))
    assert outcome.value is None
    request = Request("GET", "/")
    verdict = lambda_edge_result.read_viewer_request(outcome.value, request, "", Distribution("E", "d", {}, ()))
    assert isinstance(verdict, Violation)
    assert verdict.message.endswith("The JSON output must be an object type.")


@pytest.mark.parametrize(
    ("code", "result"),
    [
        ("async (e, c, cb) => { cb(null, 'called back'); return 'returned'; }", "returned"),
        ("async (e, c, cb) => { c.succeed('succeeded'); return 'returned'; }", "succeeded"),
        ("(e, c, cb) => { cb(null, 'first'); cb(null, 'second'); }", "first"),
    ],
)
async def test_trap_12_the_first_to_settle_wins(functions: Any, code: str, result: str) -> None:
    """A promise settles when it does, a callback when the event loop is empty."""
    assert (await functions.run(functions.node(f"exports.handler = {code}"))).value == result
