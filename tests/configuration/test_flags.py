"""A distribution from flags."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge import configuration
from edge.configuration import ConfigurationError
from edge.model.distribution import ALL_METHODS
from edge.model.function import CloudFrontFunction, EventType, JavaScriptRuntime, LambdaFunction
from edge.model.origin import OriginKind

Write = Callable[[str, Any], Path]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder that an edge.toml is looked for in."""
    monkeypatch.chdir(tmp_path)


def test_one_default_behavior_in_front_of_one_url() -> None:
    made = configuration.from_flags("http://localhost:3000")
    (site,) = made.distributions
    (behavior,) = site.behaviors
    assert site.any_host
    assert site.origins["origin"].local_url == "http://localhost:3000"
    assert (behavior.allowed_methods, behavior.compress) == (ALL_METHODS, True)
    assert behavior.cache_policy is not None
    assert behavior.cache_policy.name == "CachingOptimized"
    assert made.watched == ()


def test_the_path_of_the_url_is_the_origin_path() -> None:
    origin = configuration.from_flags("https://localhost:3000/base/").distributions[0].origins["origin"]
    assert (origin.path, origin.local_url, origin.domain_name) == ("/base", "https://localhost:3000", "localhost:3000")


def test_a_folder_is_a_bucket_with_index_documents(tmp_path: Path) -> None:
    """So `/docs/` is docs/index.html, as behind S3's website endpoint."""
    (tmp_path / "My site_dist").mkdir()
    origin = configuration.from_flags("./My site_dist").distributions[0].origins["origin"]
    assert origin.domain_name == "my-site-dist.s3-website-us-east-1.amazonaws.com"
    assert (origin.kind, origin.protocol_policy) == (OriginKind.CUSTOM, "http-only")
    assert origin.local_url == (tmp_path / "My site_dist").as_uri()


def test_the_root_folder_is_a_bucket_too() -> None:
    origin = configuration.from_flags("/").distributions[0].origins["origin"]
    assert origin.domain_name == "bucket.s3-website-us-east-1.amazonaws.com"


def test_code_of_more_than_10_kb_is_refused(write: Write) -> None:
    """As CreateFunction refuses it; 10,240 bytes are fine."""
    code = "function handler(event) { return event.request; }//"
    code += "x" * (10_240 - len(code))
    configuration.from_flags("http://localhost:1", viewer_request=write("f.js", code))
    with pytest.raises(configuration.ConfigurationError) as raised:
        configuration.from_flags("http://localhost:1", viewer_request=write("f.js", code + "x"))
    assert raised.value.findings[0].rule == "quotas.function_code"


def test_lambda_edge_functions_at_origin_events(write: Write) -> None:
    resize = write("resize/index.mjs", "export const main = async (event) => event;")
    auth = write("auth/auth.py", "def lambda_handler(event, context): ...")
    made = configuration.from_flags("http://localhost:3000", origin_request=str(auth), origin_response=f"{resize}:main")
    functions = made.distributions[0].behaviors[0].functions
    assert functions == {
        EventType.ORIGIN_REQUEST: LambdaFunction(
            "auth", "1", str(auth.parent), "auth.lambda_handler", "python3.12", timeout_s=30
        ),
        EventType.ORIGIN_RESPONSE: LambdaFunction(
            "resize", "1", str(resize.parent), "index.main", "nodejs22.x", timeout_s=30
        ),
    }


def test_all_files_of_a_handlers_folder_are_watched(write: Write) -> None:
    """Each once, and not what npm has put there."""
    index = write("edge/index.mjs", "export const handler = async (event) => event;")
    helper = write("edge/lib/helper.mjs", "")
    write("edge/node_modules/sharp/index.js", "")
    made = configuration.from_flags("http://localhost:1", origin_request=str(index), origin_response=str(index))
    assert made.watched == (index, helper)


def test_functions_and_policies_by_name(write: Write) -> None:
    path = write("rewrite.js", "function handler(event) { return event.request; }")
    made = configuration.from_flags(
        "http://localhost:3000",
        viewer_request=path,
        runtime=JavaScriptRuntime.JS_1_0,
        cache_policy="cachingdisabled",
        origin_request_policy="b689b0a8-53d0-40ab-baf2-68738e2966ac",
        response_headers_policy="SimpleCORS",
    )
    (behavior,) = made.distributions[0].behaviors
    code = path.read_text()
    assert behavior.functions == {
        EventType.VIEWER_REQUEST: CloudFrontFunction("rewrite", code, JavaScriptRuntime.JS_1_0, str(path))
    }
    policies = (behavior.cache_policy, behavior.origin_request_policy, behavior.response_headers_policy)
    names = [policy and policy.name for policy in policies]
    assert names == ["CachingDisabled", "AllViewerExceptHostHeader", "SimpleCORS"]
    assert made.watched == (path,)


def test_edge_toml_of_the_working_folder_is_read(write: Write) -> None:
    text = '[kvs.routes.values]\na = "b"\n[switches]\nforward_conditionals = false\n'
    path = write("edge.toml", f'{text}[origins]\n"eu.example.com" = "http://localhost:4000"\n')
    write("f.js", "function handler(event) { return event.request; }")
    made = configuration.from_flags("http://localhost:3000", viewer_request=Path("f.js"))
    function = made.distributions[0].behaviors[0].functions[EventType.VIEWER_REQUEST]
    assert isinstance(function, CloudFrontFunction)
    assert (function.key_value_store, made.stores) == ("routes", {"routes": {"a": "b"}})
    assert not made.distributions[0].switches.forward_conditionals
    assert made.distributions[0].local_urls == {"eu.example.com": "http://localhost:4000"}
    assert path.name in [watched.name for watched in made.watched]


@pytest.mark.parametrize(
    ("url", "options", "words"),
    [
        ("localhost:3000", {}, "is neither the URL of a site (http://localhost:3000) nor a folder"),
        ("http://localhost:99999", {}, "is neither the URL of a site"),
        ("http://localhost:3000?x", {}, "an origin has no query string"),
        ("http://localhost:3000", {"cache_policy": "CachingOptimised"}, "did you mean CachingOptimized?"),
        ("http://localhost:3000", {"viewer_request": Path("none.js")}, "none.js: cannot be read"),
        ("http://localhost:3000", {"origin_request": "none.mjs:main"}, "none.mjs: cannot be read"),
        ("./none", {}, "'./none' is neither the URL of a site (http://localhost:3000) nor a folder"),
    ],
)
def test_wrong_flags_are_errors_that_say_what_to_write(url: str, options: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        configuration.from_flags(url, **options)
    assert words in str(raised.value)


def test_flags_alone_load_no_parsers() -> None:
    """Nothing that only files need is imported: starting is fast."""
    code = (
        "import sys; from edge import configuration; configuration.from_flags('http://localhost:3000');"
        "print([name for name in ('pydantic', 'yaml', 'tomllib') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"
