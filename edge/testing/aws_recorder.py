"""Recording what the real TestFunction answers: `pytest --edge-record`, with AWS credentials and the boto3 package.

Each function is created under a name of its own in the DEVELOPMENT stage, tested, and deleted again. Nothing is
published, and no distribution is touched.

Source: CloudFront API Reference, CreateFunction, TestFunction, DeleteFunction.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from edge.model.function import JavaScriptRuntime
from edge.testing.cases import CaseFile
from edge.testing.errors import HarnessError
from edge.testing.recordings import Recording, digest, file_of

_NAME_MAX_CHARS = 64


class AwsRecorder:
    """Records cases until it is closed. `client` is boto3's for CloudFront."""

    def __init__(self, client: Any = None) -> None:
        self._client = client if client is not None else _client()
        self._functions: dict[Path, tuple[str, str]] = {}
        self._recordings: dict[Path, Recording] = {}

    def record(self, file: CaseFile, name: str, event: Mapping[str, Any]) -> None:
        """Send one event, and keep the answer under the name of its case."""
        if file.kvs is not None and file.kvs_arn is None:
            raise HarnessError(f"{file.function} has a key value store: give its ARN on AWS as kvs_arn, to record")
        function, etag = self._function(file)
        tested = self._client.test_function(
            Name=function, IfMatch=etag, Stage="DEVELOPMENT", EventObject=json.dumps(event).encode()
        )
        answer = tested["TestResult"]
        result = {
            "FunctionOutput": answer.get("FunctionOutput", ""),
            "ComputeUtilization": answer.get("ComputeUtilization", ""),
            "FunctionErrorMessage": answer.get("FunctionErrorMessage", ""),
            "FunctionExecutionLogs": list(answer.get("FunctionExecutionLogs", [])),
        }
        kept = self._recordings[file.function]
        self._recordings[file.function] = replace(kept, cases={**kept.cases, name: {"event": event, "result": result}})

    def close(self) -> None:
        """Write the recordings down, and delete what was created."""
        for recording in self._recordings.values():
            recording.write()
        for name, etag in self._functions.values():
            self._client.delete_function(Name=name, IfMatch=etag)
        self._functions.clear()

    def _function(self, file: CaseFile) -> tuple[str, str]:
        """Name and ETag of the function on AWS."""
        created = self._functions.get(file.function)
        if created is None:
            code = file.function.read_text("utf-8")
            name = f"edge-record-{uuid4().hex[:8]}-{file.function.stem}"[:_NAME_MAX_CHARS].replace(".", "-")
            config: dict[str, Any] = {"Comment": "recording a table of cases", "Runtime": _runtime(file)}
            if file.kvs_arn is not None:
                stores = [{"KeyValueStoreARN": file.kvs_arn}]
                config["KeyValueStoreAssociations"] = {"Quantity": 1, "Items": stores}
            made = self._client.create_function(Name=name, FunctionConfig=config, FunctionCode=code.encode())
            created = self._functions[file.function] = (name, made["ETag"])
            self._recordings[file.function] = Recording(file_of(file.function), _runtime(file), digest(code))
        return created


def _runtime(file: CaseFile) -> str:
    return file.runtime or JavaScriptRuntime.JS_2_0


def _client() -> Any:
    try:
        import boto3
    except ImportError:
        raise HarnessError("recording needs boto3: pip install 'edge-on-a-laptop[record]'") from None
    return boto3.client("cloudfront")
