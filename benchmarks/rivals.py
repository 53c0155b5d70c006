"""Other programs that stand in front of a dev site or play CloudFront, each in a virtual environment of its own.

They are installed on request, into `.venv-benchmarks-NAME` in the checkout, which may be removed at any time.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.processes import ROOT, found, free_port
from benchmarks.systems import FUNCTIONS, REWRITE, Lab, Running, Start, Unavailable


def mitmproxy(lab: Lab, function: bool) -> Running:
    """mitmproxy in reverse mode. It has no cache, so that every request goes to the origin; its function is Python."""
    python = environment("mitmproxy")
    port = free_port()
    command = [str(python.parent / "mitmdump"), "--quiet", "--mode", f"reverse:http://127.0.0.1:{lab.origin_port}"]
    command += ["--listen-host", "127.0.0.1", "--listen-port", str(port), "--set", f"confdir={lab.folder}/mitmproxy"]
    command += ["--set", "connection_strategy=lazy"]
    if function:
        command += ["--scripts", str(FUNCTIONS / "mitmproxy_addon.py")]
    return Running("mitmproxy", port, lab.start(f"mitmproxy-{port}", command, port))


def ministack(lab: Lab, function: bool) -> Running:
    """MiniStack's CloudFront. It has no cache; a function runs in one of its Node workers."""
    if function and not found("node"):
        raise Unavailable("MiniStack runs functions in Node, which is not installed")
    python = environment("ministack")
    port = free_port()
    variables = {"GATEWAY_PORT": str(port), "LOG_LEVEL": "ERROR", "HOME": str(lab.folder), "SERVICES": "cloudfront"}
    process = lab.start(f"ministack-{port}", [str(python), "-m", "ministack"], port, variables=variables)
    configure = [str(python), str(Path(__file__).parent / "ministack_distribution.py"), str(port), str(lab.origin_port)]
    configure += [str(REWRITE)] if function else []
    configured = subprocess.run(configure, capture_output=True, text=True, check=False, timeout=60)
    if configured.returncode != 0:
        raise Unavailable(f"MiniStack took no distribution: {configured.stderr.strip()[-500:]}")
    return Running("MiniStack", port, process, host=configured.stdout.strip())


RIVALS: dict[str, Start] = {"mitmproxy": mitmproxy, "ministack": ministack}


def environment(package: str) -> Path:
    """The Python of a virtual environment that holds this package, made now if need be. Raises Unavailable."""
    folder = ROOT / f".venv-benchmarks-{package}"
    python = folder / "bin" / "python"
    made = folder / "made"
    if made.exists():
        return python
    print(f"installing {package} into {folder.name}", file=sys.stderr)
    for command in (
        [sys.executable, "-m", "venv", "--clear", str(folder)],
        [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", package],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Unavailable(f"{package} cannot be installed: {done.stderr.strip()[-500:]}")
    made.touch()
    return python
