"""The systems under measurement, and how each is started in front of the same origin, on the same core."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.processes import Pinned, cores, found, free_port

FUNCTIONS = Path(__file__).parent / "functions"
REWRITE = FUNCTIONS / "rewrite.js"
NJS_MODULE = Path("/usr/lib/nginx/modules/ngx_http_js_module.so")
BODY_BYTES = 1_024


class Unavailable(Exception):  # noqa: N818 -- it is a fact about this machine
    """A system cannot be had here. The text says what is missing."""


@dataclass(frozen=True, slots=True)
class Running:
    """A system that answers at 127.0.0.1:`port`. `host` is the Host it must be asked for, where it is particular."""

    name: str
    port: int
    process: Pinned
    host: str | None = None


@dataclass
class Lab:
    """Where a measurement takes place: a temporary folder, the origin, the cores, all that was started."""

    folder: Path
    origin_port: int = 0
    started: list[Pinned] = field(default_factory=list)

    def start(
        self, name: str, command: list[str], port: int, *, server: bool = True, variables: dict[str, str] | None = None
    ) -> Pinned:
        """Start a program and wait until it listens: a server under measurement on its core, others on the other."""
        log = self.folder / f"{name}.log"
        process = Pinned(command, core=cores()[0 if server else 1], log=log, variables=variables)
        self.started.append(process)
        process.wait_for(port)
        return process

    def start_origin(self) -> None:
        """The origin: the same bytes for every path, and in X-Asked, from nginx, the path it was asked for."""
        self.origin_port = free_port()
        if found("nginx"):
            answer = (
                'default_type text/plain; add_header Cache-Control "public, max-age=3600"; add_header X-Asked $uri;'
            )
            answer += f' return 200 "{"x" * BODY_BYTES}";'
            command = _nginx(self.folder / "origin", self.origin_port, f"location / {{ {answer} }}")
        else:
            command = [sys.executable, str(Path(__file__).parent / "fixed_origin.py"), str(self.origin_port)]
        self.start("origin", command, self.origin_port, server=False)

    def close(self) -> None:
        """End all that was started."""
        for process in reversed(self.started):
            process.end()


Start = Callable[[Lab, bool], Running]
"""Starts a system, with the function in the path or without it. Raises Unavailable."""


def edge(lab: Lab, function: bool) -> Running:
    """`edge serve` on one core, without its request log, as nginx is without its own."""
    port = free_port()
    command = [sys.executable, "-m", "edge", "serve", "--origin", f"http://127.0.0.1:{lab.origin_port}"]
    command += ["--listen", f"127.0.0.1:{port}", "--quiet"]
    if function:
        command += ["--viewer-request", str(REWRITE)]
    return Running("edge", port, lab.start(f"edge-{port}", command, port))


def nginx(lab: Lab, function: bool) -> Running:
    """One nginx worker with proxy_cache; the function runs in njs."""
    if not found("nginx"):
        raise Unavailable("nginx is not installed (apt install nginx-light)")
    if function and not NJS_MODULE.exists():
        raise Unavailable("nginx has no njs module (apt install libnginx-mod-http-js)")
    port = free_port()
    folder = lab.folder / f"nginx-{port}"
    uri = "$rewritten" if function else "$uri"
    main = f"load_module {NJS_MODULE};" if function else ""
    http = f"""
        proxy_cache_path {folder}/cache levels=1:2 keys_zone=edge:100m max_size=2g inactive=1h use_temp_path=off;
        upstream origin {{ server 127.0.0.1:{lab.origin_port}; keepalive 64; }}
    """
    if function:
        folder.mkdir()
        (folder / "rewrite.js").write_text(REWRITE.read_text() + (FUNCTIONS / "njs_adapter.js").read_text())
        http += f"js_path {folder}; js_import rewrite from rewrite.js; js_set $rewritten rewrite.uri;"
    location = f"""
        location / {{
            proxy_pass http://origin{uri}$is_args$args;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_cache edge;
            proxy_cache_key {uri};
            proxy_cache_lock on;
            add_header X-Cache $upstream_cache_status;
        }}
    """
    command = _nginx(folder, port, location, main=main, http=http)
    return Running("nginx + njs" if function else "nginx", port, lab.start(f"nginx-{port}", command, port))


def _nginx(folder: Path, port: int, location: str, *, main: str = "", http: str = "") -> list[str]:
    """The command of an nginx that listens on a port of the loopback and keeps all its files in a folder."""
    folder.mkdir(exist_ok=True)
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(f"""
        {main}
        user root; worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/error.log;
        events {{ worker_connections 4096; }}
        http {{
            access_log off; tcp_nodelay on; keepalive_requests 1000000000; keepalive_timeout 1h;
            {temporary}
            {http}
            server {{ listen 127.0.0.1:{port}; {location} }}
        }}
    """)
    program = found("nginx")
    assert program is not None
    return [program, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")]
