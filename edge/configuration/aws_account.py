"""A distribution as it is deployed, fetched from AWS: `--from-aws ID` (the extra `aws` brings boto3).

What is fetched is kept as the files that the AWS command line would have written: the distribution, and beside it each
policy, key, access control and function that it names, code included. They are read like any others
(`api_answers.py`), can be looked at, and kept. Nothing is changed in the account; the calls are Get and Describe.
Source: CloudFront API Reference, Lambda API Reference (GetFunction).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final
from urllib.request import urlopen

from edge.configuration import packages
from edge.configuration.finding import ConfigurationError, error
from edge.model import managed_policies

_IDS: Final = (
    ("CachePolicyId", "get_cache_policy", "CachePolicy"),
    ("OriginRequestPolicyId", "get_origin_request_policy", "OriginRequestPolicy"),
    ("ResponseHeadersPolicyId", "get_response_headers_policy", "ResponseHeadersPolicy"),
    ("OriginAccessControlId", "get_origin_access_control", "OriginAccessControl"),
)
"""Members that name another thing by its id, the call that gets it, and the member of the answer that holds it."""
_MANAGED: Final = {
    one.id
    for many in (
        managed_policies.CACHE_POLICIES,
        managed_policies.ORIGIN_REQUEST_POLICIES,
        managed_policies.RESPONSE_HEADERS_POLICIES,
    )
    for one in many
}
_LAMBDA_REGION: Final = "us-east-1"
_DOWNLOAD_TIMEOUT_S: Final = 60

Client = Callable[[str, str], Any]
"""Makes a boto3 client for a service in a region."""


def fetched(id: str, *, client: Client | None = None, download: Callable[[str], bytes] | None = None) -> Path:
    """The file of a distribution that was fetched just now, with all that it names beside it. `client` and `download`
    stand in for boto3 and the network. Raises ConfigurationError, with what AWS says when it refuses."""
    folder = packages.cache_folder("aws") / id
    fresh = folder.with_name(f"{id}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    _Account(client or _boto3_client, download or _download, fresh).distribution(id)
    shutil.rmtree(folder, ignore_errors=True)
    fresh.rename(folder)
    return folder / "distribution.json"


def _boto3_client(service: str, region: str) -> Any:
    try:
        import boto3
    except ImportError:
        message = "needs boto3: pip install 'edge-on-a-laptop[aws]'"
        raise ConfigurationError(error("aws.boto3", "--from-aws", message)) from None
    return boto3.client(service, region_name=region)


def _download(url: str) -> bytes:
    with urlopen(url, timeout=_DOWNLOAD_TIMEOUT_S) as response:
        content: bytes = response.read()
    return content


class _Account:
    """Fetches into a folder, each thing once."""

    def __init__(self, client: Client, download: Callable[[str], bytes], folder: Path) -> None:
        self._client = client
        self._clients: dict[str, Any] = {}
        self._download = download
        self._folder = folder
        self._done: set[str] = set()

    def distribution(self, id: str) -> None:
        """A distribution, and all that it names."""
        answer = self._call("cloudfront", "get_distribution", Id=id)
        self._write("distribution", answer)
        config = answer["Distribution"]["DistributionConfig"]
        for member, get, kind in _IDS:
            for name in _values(config, member):
                if name not in _MANAGED:
                    self._thing(get, kind, name)
        for groups in _values(config, "TrustedKeyGroups"):
            for name in groups.get("Items", ()):
                group = self._thing("get_key_group", "KeyGroup", name)
                for key in group["KeyGroup"]["KeyGroupConfig"]["Items"] if group else ():
                    self._thing("get_public_key", "PublicKey", key)
        for arn in _values(config, "FunctionARN"):
            self._function(arn.rpartition("/")[2])
        for arn in _values(config, "LambdaFunctionARN"):
            self._lambda(arn)

    def _thing(self, get: str, kind: str, id: str) -> Any:
        if id in self._done:
            return None
        self._done.add(id)
        answer = self._call("cloudfront", get, Id=id)
        self._write(f"{kind}-{id}", answer)
        return answer

    def _function(self, name: str) -> None:
        if name in self._done:
            return
        self._done.add(name)
        described = self._call("cloudfront", "describe_function", Name=name, Stage="LIVE")
        self._write(name, described)
        code = self._call("cloudfront", "get_function", Name=name, Stage="LIVE")["FunctionCode"].read()
        (self._folder / f"{name}.js").write_bytes(code)
        stores = described["FunctionSummary"]["FunctionConfig"].get("KeyValueStoreAssociations", {})
        for association in stores.get("Items", ()):
            self._store(association["KeyValueStoreARN"])

    def _store(self, arn: str) -> None:
        """The name of a store; its pairs are asked for in another way, and come from edge.toml."""
        listed = self._call("cloudfront", "list_key_value_stores").get("KeyValueStoreList", {}).get("Items", ())
        for one in listed:
            if one["ARN"] == arn and arn not in self._done:
                self._done.add(arn)
                self._write(f"{one['Name']}-store", {"KeyValueStore": one})

    def _lambda(self, arn: str) -> None:
        if arn in self._done:
            return
        self._done.add(arn)
        answer = self._call("lambda", "get_function", FunctionName=arn)
        name = answer["Configuration"]["FunctionName"]
        self._write(name, answer)
        location = answer.get("Code", {}).get("Location")
        if location:
            (self._folder / f"{name}.zip").write_bytes(self._download(location))

    def _call(self, service: str, action: str, **given: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self._client(service, _LAMBDA_REGION)
        try:
            answer = getattr(self._clients[service], action)(**given)
        except ConfigurationError:
            raise
        except Exception as problem:
            # botocore's exceptions share no base that could be named without importing it.
            if not type(problem).__module__.startswith("botocore"):
                raise
            raise ConfigurationError(error("aws.refused", f"--from-aws {service}:{action}", str(problem))) from None
        answer.pop("ResponseMetadata", None)
        return answer

    def _write(self, name: str, answer: Any) -> None:
        (self._folder / f"{name}.json").write_text(json.dumps(answer, indent=4, default=str), "utf-8")


def _values(tree: Any, member: str) -> Iterator[Any]:
    """All values of one member, wherever it stands, that say something."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            if key == member and value:
                yield value
            else:
                yield from _values(value, member)
    elif isinstance(tree, list):
        for element in tree:
            yield from _values(element, member)
