"""nginx's configuration files: the origin of all measurements, and what nginx needs to be one of the systems."""

from __future__ import annotations

from pathlib import Path

from benchmarks.processes import found
from benchmarks.scenarios import BIG_BYTES, SMALL_BYTES, TEXT_BYTES

_LINE = "<p>What is asked for often is answered from the cache; what changes seldom is asked for often.</p>\n"
_CACHEABLE = 'add_header Cache-Control "public, max-age=3600"; add_header X-Asked $uri;'


def command(folder: Path, listen: str, locations: str, *, main: str = "", http: str = "") -> list[str]:
    """The command of an nginx with one worker that keeps all its files in a folder."""
    folder.mkdir(exist_ok=True)
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(f"""
        {main}
        user root; worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/error.log;
        events {{ worker_connections 4096; }}
        http {{
            access_log off; tcp_nodelay on; sendfile on; keepalive_requests 1000000000; keepalive_timeout 1h;
            {temporary}
            {http}
            server {{ listen {listen}; {locations} }}
        }}
    """)
    program = found("nginx")
    assert program is not None
    return [program, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")]


def origin(folder: Path, port: int) -> list[str]:
    """The command of the origin: the same small answer for every path, in X-Asked the path it was asked for; below
    /refresh/ what is stale at once and has an ETag; below /files/ a text and a big file."""
    put_files(folder)
    small = "x" * SMALL_BYTES
    locations = f"""
        default_type text/plain;
        location / {{ {_CACHEABLE} return 200 "{small}"; }}
        location /refresh/ {{
            add_header Cache-Control "max-age=0"; add_header ETag '"v1"'; add_header X-Asked $uri;
            if ($http_if_none_match = '"v1"') {{ return 304; }}
            return 200 "{small}";
        }}
        location /files/ {{ {_CACHEABLE} root {folder}; types {{ text/html html; application/octet-stream bin; }} }}
    """
    return command(folder, f"127.0.0.1:{port}", locations)


def put_files(folder: Path) -> None:
    """The files of the site."""
    files = {
        "docs/index.html": b"x" * SMALL_BYTES,
        "files/text.html": (_LINE * (TEXT_BYTES // len(_LINE) + 1)).encode()[:TEXT_BYTES],
        "files/big.bin": b"x" * BIG_BYTES,
    }
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
