"""Lambda functions written in a test, run in real processes. Nothing may stay behind."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from edge.environments.pool import LAPTOP_LIMITS, Limits
from edge.model.function import EventType, FunctionCall, LambdaFunction
from edge.runtimes.lambda_edge import interpreters
from edge.runtimes.lambda_edge.lambda_runtime import LambdaRuntime
from edge.runtimes.lambda_edge.providers import cgroups, microvm_guest
from edge.runtimes.lambda_edge.providers.choice import AnyProvider
from edge.runtimes.lambda_edge.providers.process import ProcessProvider
from edge.runtimes.lambda_edge.providers.provider import Unavailable

PYTHON = "python3.11"


def call(function: LambdaFunction, event: Any = None) -> FunctionCall:
    return FunctionCall(function, EventType.ORIGIN_REQUEST, event or {"a": 1}, None, time.time(), 1, "q1==")


def needs_node() -> str:
    """The runtime of tests in JavaScript; skips where there is no Node.js."""
    try:
        interpreters.find("nodejs22.x")
    except interpreters.NoInterpreter as missing:
        pytest.skip(str(missing))
    return "nodejs22.x"


class Functions:
    """Writes packages and runs them in one runtime."""

    def __init__(self, folder: Path, runtime: LambdaRuntime) -> None:
        self.runtime = runtime
        self._folder = folder
        self._written = 0

    def python(self, code: str, handler: str = "app.handler", **settings: Any) -> LambdaFunction:
        return self.package({"app.py": code}, handler, PYTHON, **settings)

    def node(
        self, code: str, handler: str = "index.handler", *, name: str = "index.js", **settings: Any
    ) -> LambdaFunction:
        runtime = settings.pop("runtime", needs_node())
        needs_node()
        return self.package({name: code}, handler, runtime, **settings)

    def package(self, files: dict[str, str], handler: str, runtime: str, **settings: Any) -> LambdaFunction:
        self._written += 1
        folder = self._folder / f"f{self._written}"
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        return LambdaFunction(f"f{self._written}", "3", str(folder), handler, runtime, **{"timeout_s": 20, **settings})

    async def run(self, function: LambdaFunction, event: Any = None) -> Any:
        return await self.runtime.run(call(function, event))


def guest_folder() -> Path:
    """Where the guest of microVMs is. Where EDGE_BUILD_MICROVM is set it is built first, by whoever comes first."""
    folder = microvm_guest.default_folder()
    if os.environ.get("EDGE_BUILD_MICROVM"):
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            try:
                microvm_guest.found(folder)
            except Unavailable:
                command = [sys.executable, "-m", "edge", "lambda", "setup-microvm"]
                done = subprocess.run(command, capture_output=True, text=True, check=False)
                if done.returncode != 0:
                    pytest.skip(f"edge lambda setup-microvm: {done.stderr.splitlines()[-1]}")
    return folder


Start = Callable[..., Awaitable[Functions]]


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """Start a runtime with limits and a provider of its own. At the end its folder, processes and groups are gone."""
    running: list[tuple[LambdaRuntime, AnyProvider]] = []

    async def start(limits: Limits = LAPTOP_LIMITS, provider: AnyProvider | None = None, **options: Any) -> Functions:
        made = provider or ProcessProvider()
        runtime = LambdaRuntime(made, Path(made.warden.folder), limits=limits, **options)
        running.append((runtime, made))
        return Functions(tmp_path, runtime)

    yield start
    for runtime, provider in running:
        await runtime.close()
        folder = Path(provider.warden.folder)
        assert not os.path.exists(folder)  # noqa: ASYNC240 -- nothing else runs
        assert not list(cgroups.ROOT.glob(f"**/{folder.name}-*"))


@pytest.fixture
async def functions(start: Start) -> Functions:
    """A runtime with the laptop's limits."""
    return await start()
