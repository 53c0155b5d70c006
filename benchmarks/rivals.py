"""Other programs that cache, stand in front of a dev site, or play CloudFront.

What comes from PyPI is installed on request, into `.venv-benchmarks-NAME` in the checkout, which may be removed at any
time.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks import nginx
from benchmarks.processes import ROOT, found, free_port
from benchmarks.scenarios import Function, Scenario
from benchmarks.systems import FUNCTIONS, REWRITE, Lab, Running, Start, Unavailable

_VCL = """
vcl 4.1;
backend default {{ .host = "127.0.0.1"; .port = "{port}"; }}
sub vcl_backend_response {{
    set beresp.do_gzip = beresp.http.Content-Type ~ "^text/html";
    if (beresp.http.Cache-Control == "max-age=0") {{
        set beresp.ttl = 0s;
        set beresp.grace = 0s;
        set beresp.keep = 1h;
        return (deliver);
    }}
}}
"""
"""What is stale at once is kept, so that it can be revalidated."""


def varnish(lab: Lab, scenario: Scenario) -> Running:
    """Varnish with its cache in memory. Its log in shared memory cannot be turned off."""
    program = found("varnishd")
    if program is None:
        raise Unavailable("Varnish is not installed (apt install varnish)")
    port = free_port()
    folder = lab.folder / f"varnish-{port}"
    folder.mkdir()
    (folder / "edge.vcl").write_text(_VCL.format(port=lab.origin_port))
    command = [program, "-F", "-j", "none", "-n", str(folder), "-a", f"127.0.0.1:{port}", "-s", "malloc,2g"]
    command += ["-f", str(folder / "edge.vcl")]
    return Running("Varnish", port, lab.start(f"varnish-{port}", command, port))


def node_vm(lab: Lab, scenario: Scenario) -> Running:
    """A Node.js server that runs the function with vm.runInNewContext for each request, and answers from a Map."""
    program = found("node")
    if program is None:
        raise Unavailable("Node.js is not installed")
    port = free_port()
    command = [program, str(FUNCTIONS / "node_vm_server.js"), str(REWRITE), str(port), str(lab.origin_port)]
    return Running("Node vm", port, lab.start(f"node-{port}", command, port))


def mitmproxy(lab: Lab, scenario: Scenario) -> Running:
    """mitmproxy in reverse mode. It has no cache, so that every request goes to the origin; its function is Python."""
    python = environment("mitmproxy")
    port = free_port()
    command = [str(python.parent / "mitmdump"), "--quiet", "--mode", f"reverse:http://127.0.0.1:{lab.origin_port}"]
    command += ["--listen-host", "127.0.0.1", "--listen-port", str(port), "--set", f"confdir={lab.folder}/mitmproxy"]
    command += ["--set", "connection_strategy=lazy"]
    if scenario.function is Function.ONE:
        command += ["--scripts", str(FUNCTIONS / "mitmproxy_addon.py")]
    return Running("mitmproxy", port, lab.start(f"mitmproxy-{port}", command, port))


def ministack(lab: Lab, scenario: Scenario) -> Running:
    """MiniStack's CloudFront. It has no cache; a function runs in one of its Node workers."""
    function = scenario.function is Function.ONE
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


RIVALS: dict[str, Start] = {
    "nginx": nginx.proxy_cache,
    "nginx static": nginx.static,
    "varnish": varnish,
    "node vm": node_vm,
    "mitmproxy": mitmproxy,
    "ministack": ministack,
}
ON_REQUEST = ("mitmproxy", "ministack")
"""Those that are measured only when they are asked for: they are installed first, and slow."""


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
