"""A deployed distribution, fetched: botocore's own clients, answered by its Stubber."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber
from click.testing import CliRunner

from edge import configuration
from edge.cli import main
from edge.configuration import ConfigurationError, aws_account
from edge.model.function import CloudFrontFunction, EventType, JavaScriptRuntime, LambdaFunction

SITES = Path(__file__).parent / "sites" / "api"
CODE = b"function handler(event) { return event.request; }"
LAMBDA_ARN = "arn:aws:lambda:us-east-1:123456789012:function:resize:3"
FUNCTION_ARN = "arn:aws:cloudfront::123456789012:function/rewrite"
STORE_ARN = "arn:aws:cloudfront::123456789012:key-value-store/1111"
THEN = "2026-01-01T00:00:00Z"


def answer(site: str, file: str) -> Any:
    return json.loads((SITES / site / file).read_text())


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Callable[[str, str], Any]]:
    """Clients that expect these calls, in order, and answer them."""

    def account(*calls: tuple[str, dict[str, str], Any]) -> Callable[[str, str], Any]:
        clients: dict[str, Any] = {}
        for service in ("cloudfront", "lambda"):
            client = boto3.client(service, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
            stubber = Stubber(client)
            for action, given, answered in calls:
                if (service == "lambda") == (given.keys() == {"FunctionName"}):
                    if isinstance(answered, str):
                        stubber.add_client_error(action, answered, "is not for you", expected_params=given)
                    else:
                        stubber.add_response(action, answered, given)
            stubber.activate()
            clients[service] = client
        return lambda service, region: clients[service]

    return account


def deployed(config: dict[str, Any]) -> dict[str, Any]:
    whole = {
        "Id": "E1",
        "ARN": "arn:aws:cloudfront::123456789012:distribution/E1",
        "Status": "Deployed",
        "LastModifiedTime": THEN,
        "InProgressInvalidationBatches": 0,
        "DomainName": "d1.cloudfront.net",
        "DistributionConfig": config,
    }
    return {"ETag": "E2", "Distribution": whole}


def test_what_is_deployed_is_fetched_with_all_that_it_names(account: Callable[..., Any]) -> None:
    config = answer("signed-video", "distribution.json")["DistributionConfig"]
    behavior = config["DefaultCacheBehavior"]
    behavior["CachePolicyId"] = "mine"
    behavior["FunctionAssociations"] = {
        "Quantity": 1,
        "Items": [{"EventType": "viewer-request", "FunctionARN": FUNCTION_ARN}],
    }
    behavior["LambdaFunctionAssociations"] = {
        "Quantity": 1,
        "Items": [{"EventType": "origin-response", "LambdaFunctionARN": LAMBDA_ARN, "IncludeBody": False}],
    }
    summary = {
        "Name": "rewrite",
        "FunctionConfig": {
            "Comment": "",
            "Runtime": "cloudfront-js-2.0",
            "KeyValueStoreAssociations": {"Quantity": 1, "Items": [{"KeyValueStoreARN": STORE_ARN}]},
        },
        "FunctionMetadata": {"FunctionARN": FUNCTION_ARN, "Stage": "LIVE", "LastModifiedTime": THEN},
    }
    store = {"Name": "routes", "Id": "1111", "Comment": "", "ARN": STORE_ARN, "LastModifiedTime": THEN}
    policy = answer("experiment", "cache-policy-byvariant.json")
    policy["CachePolicy"]["Id"] = "mine"
    handler = {
        "FunctionName": "resize",
        "FunctionArn": LAMBDA_ARN,
        "Version": "3",
        "Runtime": "nodejs22.x",
        "Handler": "index.handler",
        "MemorySize": 512,
        "Timeout": 10,
    }
    client = account(
        ("get_distribution", {"Id": "E1"}, deployed(config)),
        ("get_cache_policy", {"Id": "mine"}, policy),
        (
            "get_origin_access_control",
            {"Id": "Control"},
            answer("signed-video", "origin-access-control-control.json"),
        ),
        ("get_key_group", {"Id": "Signers"}, answer("signed-video", "key-group-signers.json")),
        ("get_public_key", {"Id": "Signer"}, answer("signed-video", "public-key-signer.json")),
        ("describe_function", {"Name": "rewrite", "Stage": "LIVE"}, {"FunctionSummary": summary}),
        (
            "get_function",
            {"Name": "rewrite", "Stage": "LIVE"},
            {"FunctionCode": StreamingBody(io.BytesIO(CODE), len(CODE))},
        ),
        ("list_key_value_stores", {}, {"KeyValueStoreList": {"MaxItems": 100, "Quantity": 1, "Items": [store]}}),
        (
            "get_function",
            {"FunctionName": LAMBDA_ARN},
            {"Configuration": handler, "Code": {"Location": "https://example.com/code"}},
        ),
    )
    made = configuration.load(aws_account.fetched("E1", client=client, download=zipped))
    (site,) = made.distributions
    default = site.behaviors[-1]
    assert (site.id, site.domain_name) == ("E1", "d1.cloudfront.net")
    assert default.cache_policy is not None
    assert default.cache_policy.name == "by-variant"
    assert [key.name for key in default.trusted_keys.values()] == ["signer"]
    rewrite = default.functions[EventType.VIEWER_REQUEST]
    assert isinstance(rewrite, CloudFrontFunction)
    assert (rewrite.code, rewrite.runtime, rewrite.key_value_store) == (
        CODE.decode(),
        JavaScriptRuntime.JS_2_0,
        "routes",
    )
    resize = default.functions[EventType.ORIGIN_RESPONSE]
    assert isinstance(resize, LambdaFunction)
    assert (resize.name, resize.version, resize.memory_mb) == ("resize", "3", 512)
    assert Path(resize.code_path, "index.js").read_text() == "exports.handler = 1"


def zipped(url: str) -> bytes:
    assert url == "https://example.com/code"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        package.writestr("index.js", "exports.handler = 1")
    return file.getvalue()


def test_what_aws_refuses_is_said_in_its_words(account: Callable[..., Any]) -> None:
    client = account(("get_distribution", {"Id": "E1"}, "AccessDenied"))
    with pytest.raises(ConfigurationError, match=r"\(AccessDenied\).* is not for you") as caught:
        aws_account.fetched("E1", client=client)
    (finding,) = caught.value.findings
    assert (finding.rule, finding.where) == ("aws.refused", "--from-aws cloudfront:get_distribution")


def test_a_fetch_that_fails_leaves_the_one_before_it(account: Callable[..., Any]) -> None:
    config = answer("failover", "distribution.json")["DistributionConfig"]
    file = aws_account.fetched("E1", client=account(("get_distribution", {"Id": "E1"}, deployed(config))))
    with pytest.raises(ConfigurationError):
        aws_account.fetched("E1", client=account(("get_distribution", {"Id": "E1"}, "Throttling")))
    assert configuration.load(file).distributions[0].id == "E1"


@pytest.fixture
def deployed_site(account: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """E1 in an account that the commands reach, and a template that differs from it."""
    config = answer("failover", "distribution.json")["DistributionConfig"]
    client = account(("get_distribution", {"Id": "E1"}, deployed(config)))
    monkeypatch.setattr(aws_account, "_boto3_client", client)
    monkeypatch.chdir(tmp_path)
    text = (SITES.parent / "failover.yaml").read_text().replace("redirect-to-https", "https-only")
    (tmp_path / "site.yaml").write_text(text)
    return tmp_path / "site.yaml"


@pytest.mark.usefixtures("deployed_site")
def test_edge_check_takes_what_is_deployed() -> None:
    result = CliRunner().invoke(main, ["check", "--from-aws", "E1", "--json"])
    assert result.exit_code == 0, result.output
    assert {one["rule"] for one in json.loads(result.stdout)} == {"origins.unmapped"}
    assert "fetched E1 into " in result.stderr


def test_edge_diff_compares_what_is_deployed_with_what_would_be(deployed_site: Path) -> None:
    result = CliRunner().invoke(main, ["diff", "--from-aws", "E1", str(deployed_site)])
    assert result.exit_code == 0, result.output
    assert "viewer protocol policy: redirect-to-https -> https-only" in result.stdout


def test_a_configuration_and_what_is_deployed_are_two_things(deployed_site: Path) -> None:
    for arguments in (["check", str(deployed_site)], ["explain", str(deployed_site), "/"]):
        assert CliRunner().invoke(main, [*arguments, "--from-aws", "E1"]).exit_code == 2
