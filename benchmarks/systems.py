"""The systems under measurement, and how each is started in front of the same origin, on the same core."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import nginx_conf
from benchmarks.processes import ROOT, Pinned, cores, found, free_port
from benchmarks.scenarios import SCENARIOS, Function, Scenario

FUNCTIONS = Path(__file__).parent / "functions"
REWRITE = FUNCTIONS / "rewrite.js"
HEADERS = FUNCTIONS / "headers.js"
PASS = FUNCTIONS / "pass.mjs"
_KEY_PAIR_ID = "K2EXAMPLE"
_CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
_REVALIDATING = "Elemental-MediaPackage"
"""The managed policy with a minimum TTL of 0 that forwards no cookies: with cookies CloudFront does not revalidate."""
_A_DAY_S = 86_400


class Unavailable(Exception):  # noqa: N818 -- it is a fact about this machine
    """A system cannot be had here, or does not do this work. The text says what is missing."""


@dataclass(frozen=True, slots=True)
class Running:
    """A system that answers at 127.0.0.1:`port`. `host` is the Host it must be asked for, where it is particular;
    `query` what is to be added to the URL."""

    name: str
    port: int
    process: Pinned
    host: str | None = None
    query: str = ""


@dataclass
class Lab:
    """Where a measurement takes place: a temporary folder, the origin, the cores, all that was started."""

    folder: Path
    origin_port: int = 0
    started: list[Pinned] = field(default_factory=list)

    def start(
        self,
        name: str,
        command: list[str],
        port: int,
        *,
        server: bool = True,
        variables: Mapping[str, str] | None = None,
        folder: Path = ROOT,
    ) -> Pinned:
        """Start a program in a folder and wait until it listens: a server under measurement on its core, others on the
        other."""
        log = self.folder / f"{name}.log"
        process = Pinned(command, core=cores()[0 if server else 1], log=log, variables=variables, folder=folder)
        self.started.append(process)
        process.wait_for(port)
        return process

    def start_origin(self) -> None:
        """The origin: nginx where it is installed, else a Python program that gives the same small answer always."""
        self.origin_port = free_port()
        if found("nginx"):
            command = nginx_conf.origin(self.folder / "origin", self.origin_port)
        else:
            command = [sys.executable, str(Path(__file__).parent / "fixed_origin.py"), str(self.origin_port)]
        self.start("origin", command, self.origin_port, server=False)

    def certificate(self) -> Path:
        """A certificate for 127.0.0.1 with its key, in one file."""
        from edge.viewers.local_certificate import local_certificate

        return local_certificate((), directory=self.folder / "certificate").file

    def close(self) -> None:
        """End all that was started."""
        for process in reversed(self.started):
            process.end()


Start = Callable[[Lab, Scenario], Running]
"""Starts a system for a scenario. Raises Unavailable."""

HIT = SCENARIOS["hit"]


def edge(lab: Lab, scenario: Scenario) -> Running:
    """`edge serve` of this checkout, with as many cores as workers."""
    if scenario.workers == 1:
        return edge_in(ROOT)(lab, scenario)
    usable = sorted(os.sched_getaffinity(0))
    workers = ("--workers", str(scenario.workers))
    return edge_in(ROOT, *workers, cores_for_it=usable[: scenario.workers])(lab, scenario)


def edge_hit(lab: Lab, _: Scenario) -> Running:
    """`edge serve` with a plain hit, to compare other work with."""
    return edge(lab, HIT)


def edge_in(checkout: Path, *options: str, cores_for_it: Sequence[int] = ()) -> Start:
    """`edge serve` of a checkout, without its request log, as nginx is without its own. `options` are more of its
    own; it runs on one core unless `cores_for_it` names others."""

    def start(lab: Lab, scenario: Scenario) -> Running:
        port = free_port()
        tls_port = free_port() if scenario.tls else None
        command = [sys.executable, "-m", "edge", "serve", "--listen", f"127.0.0.1:{port}", "--quiet"]
        command += [*_edge_options(lab, scenario, port), *options]
        if tls_port is not None:
            command += ["--tls", str(tls_port)]
        variables = {"XDG_DATA_HOME": str(lab.folder / "data"), "XDG_CACHE_HOME": str(lab.folder / "cache")}
        process = lab.start(f"edge-{port}", command, tls_port or port, variables=variables, folder=checkout)
        if cores_for_it:
            process.move_to(cores_for_it)
        query = _signature(lab, port, scenario.path) if scenario.signed else ""
        return Running("edge", tls_port or port, process, query=query)

    return start


def _edge_options(lab: Lab, scenario: Scenario, port: int) -> list[str]:
    url = f"http://127.0.0.1:{lab.origin_port}"
    if scenario.signed or scenario.event.startswith("viewer"):
        template = lab.folder / f"template-{port}.json"
        template.write_text(json.dumps(_template(lab, scenario)))
        return [str(template), "--origin", f"site={url}"]
    options = ["--origin", url]
    if scenario.refreshed:
        options += ["--cache-policy", _REVALIDATING]
    if scenario.function in (Function.ONE, Function.TWO):
        options += ["--viewer-request", str(REWRITE)]
    if scenario.function is Function.TWO:
        options += ["--viewer-response", str(HEADERS)]
    if scenario.event:
        options += [f"--{scenario.event}", str(PASS)]
    return options


def _template(lab: Lab, scenario: Scenario) -> dict[str, Any]:
    """A CloudFormation template for what has no flag: trusted keys, Lambda@Edge at the viewer's side."""
    behavior: dict[str, Any] = {
        "TargetOriginId": "site",
        "ViewerProtocolPolicy": "allow-all",
        "CachePolicyId": _CACHING_OPTIMIZED,
    }
    resources: dict[str, Any] = {}
    if scenario.signed:
        behavior["TrustedKeyGroups"] = [{"Ref": "Group"}]
        key = {"Name": "key", "CallerReference": "1", "EncodedKey": _public_key(lab)}
        resources[_KEY_PAIR_ID] = _resource("PublicKey", {"PublicKeyConfig": key})
        group = {"Name": "group", "Items": [{"Ref": _KEY_PAIR_ID}]}
        resources["Group"] = _resource("KeyGroup", {"KeyGroupConfig": group})
    if scenario.event:
        code = {"ZipFile": PASS.read_text().replace("export const handler", "exports.handler")}
        handler = {"Runtime": "nodejs22.x", "Handler": "index.handler", "Code": code, "Role": "arn:aws:iam::1:role/r"}
        resources["Handler"] = {"Type": "AWS::Lambda::Function", "Properties": handler}
        resources["Version"] = {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Handler"}}}
        association = {"EventType": scenario.event, "LambdaFunctionARN": {"Ref": "Version"}}
        behavior["LambdaFunctionAssociations"] = [association]
    site = {"Id": "site", "DomainName": "site.test", "CustomOriginConfig": {"OriginProtocolPolicy": "http-only"}}
    config = {"Enabled": True, "Origins": [site], "DefaultCacheBehavior": behavior}
    resources["Site"] = _resource("Distribution", {"DistributionConfig": config})
    return {"Resources": resources}


def _resource(kind: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {"Type": f"AWS::CloudFront::{kind}", "Properties": properties}


def _private_key(lab: Lab) -> Any:
    """The lab's key for signed URLs, RSA-2048 as AWS's console suggests, made once."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    from edge.signer import load_private_key

    file = lab.folder / "private.pem"
    if not file.exists():
        key = rsa.generate_private_key(65_537, 2_048)
        form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        file.write_bytes(key.private_bytes(*form))
    return load_private_key(file.read_bytes())


def _public_key(lab: Lab) -> str:
    from cryptography.hazmat.primitives import serialization

    form = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    pem: bytes = _private_key(lab).public_key().public_bytes(*form)
    return pem.decode("ascii")


def _signature(lab: Lab, port: int, path: str) -> str:
    from edge.signer import Permission, sign

    url = f"http://127.0.0.1:{port}{path}"
    parameters = sign(Permission(url, int(time.time()) + _A_DAY_S), url, _private_key(lab), _KEY_PAIR_ID)
    return "&".join(f"{name}={value}" for name, value in parameters.items())
