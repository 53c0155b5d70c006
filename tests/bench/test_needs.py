"""What a function needs is seen in its source."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.bench import needs
from edge.model.function import CloudFrontFunction, EventType, LambdaFunction

REQUEST = EventType.VIEWER_REQUEST


@pytest.mark.parametrize(
    ("code", "network"),
    [
        ("const https = require('https')", ("https",)),
        ("import net from 'node:net'", ("net",)),
        ("import { S3Client } from '@aws-sdk/client-s3'", ("@aws-sdk/client-s3",)),
        ("exports.handler = async () => fetch('https://a')", ("fetch",)),
        ("// require('https')\n/* fetch('x') */ exports.handler = 1", ()),
        ("const url = 'https://example.com'; fetchedAt(url)", ()),
        ("const crypto = require('crypto')", ()),
    ],
)
def test_the_network_is_seen_in_modules_and_calls_and_not_in_comments(code: str, network: tuple[str, ...]) -> None:
    assert needs.of_source([code], REQUEST).network == network


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("exports.handler = (event, context, done) => { const b = event.request.body; }", True),
        ("request?.body.data", True),
        ("request['body']", True),
        ("response.body = 'hello'", False),
    ],
)
def test_reading_the_requests_body_is_seen(code: str, expected: bool) -> None:
    assert needs.of_source([code], REQUEST).reads_body is expected


def test_an_association_with_include_body_reads_the_body() -> None:
    assert needs.of_source(["exports.handler = 1"], REQUEST, reads_body=True).reads_body


def test_packages_are_modules_that_neither_tier_brings() -> None:
    found = needs.of_source(["require('cookie'); require('./own'); require('fs'); require('querystring')"], REQUEST)
    assert found.modules == ("cookie",)
    assert found.files == ("fs",)


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("export const handler = async (event) => event.Records[0].cf.request;", ""),
        ("import crypto from 'node:crypto';\nexport async function handler(event) { return event; }", ""),
        ("class Router {}\nexports.handler = 1;", 'SyntaxError: Token "class" not supported in this version in 1'),
    ],
)
def test_language_is_what_cloudfronts_engine_does_not_understand_and_exports_do_not_count(
    code: str, language: str
) -> None:
    assert needs.of_source([code], REQUEST).language == language


def test_a_package_is_read_file_by_file_without_its_node_modules(tmp_path: Path) -> None:
    (tmp_path / "node_modules/x").mkdir(parents=True)
    (tmp_path / "node_modules/x/index.js").write_text("require('net')")
    (tmp_path / "index.js").write_text("exports.handler = async () => null")
    function = LambdaFunction("f", "1", str(tmp_path), "index.handler", "nodejs22.x")
    found = needs.of_lambda_function(function, EventType.ORIGIN_REQUEST)
    assert found.network == ()
    assert found.code_bytes == len("exports.handler = async () => null")


def test_a_handler_in_python_has_to_be_written_otherwise(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("def handler(event, context): return None\n")
    function = LambdaFunction("f", "1", str(tmp_path), "app.handler", "python3.13", include_body=True)
    found = needs.of_lambda_function(function, REQUEST)
    assert found.language == "it is written for python3.13"
    assert found.reads_body


def test_a_cloudfront_function_that_does_not_compile_says_why() -> None:
    function = CloudFrontFunction("f", "function handler(event) { return event?.request; }")
    found = needs.of_cloudfront_function(function, REQUEST, None, None)
    assert found.language.startswith("SyntaxError")
