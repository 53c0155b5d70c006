"""nginx as a system under measurement: as a cache with proxy_cache, with a function in njs, and for static files."""

from __future__ import annotations

from pathlib import Path

from benchmarks import nginx_conf
from benchmarks.processes import found, free_port
from benchmarks.scenarios import Function, Scenario
from benchmarks.systems import FUNCTIONS, REWRITE, Lab, Running, Unavailable

NJS_MODULE = Path("/usr/lib/nginx/modules/ngx_http_js_module.so")


def proxy_cache(lab: Lab, scenario: Scenario) -> Running:
    """One nginx worker with proxy_cache; the function runs in njs."""
    _check(scenario)
    port = free_port()
    folder = lab.folder / f"nginx-{port}"
    with_function = scenario.function is Function.ONE
    uri = "$rewritten" if with_function else "$uri"
    main = f"load_module {NJS_MODULE};" if with_function else ""
    http = f"""
        proxy_cache_path {folder}/cache levels=1:2 keys_zone=edge:100m max_size=2g inactive=1h use_temp_path=off;
        upstream origin {{ server 127.0.0.1:{lab.origin_port}; keepalive 64; }}
    """
    if with_function:
        folder.mkdir()
        (folder / "rewrite.js").write_text(REWRITE.read_text() + (FUNCTIONS / "njs_adapter.js").read_text())
        http += f"js_path {folder}; js_import rewrite from rewrite.js; js_set $rewritten rewrite.uri;"
    location = f"""
        {"gzip on;" if scenario.compressed else ""}
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
    command = nginx_conf.command(folder, _listen(lab, scenario, port), location, main=main, http=http + _tls(lab))
    name = "nginx + njs" if with_function else "nginx"
    return Running(name, port, lab.start(f"nginx-{port}", command, port))


def static(lab: Lab, scenario: Scenario) -> Running:
    """One nginx worker that serves the same bytes from a file: the most that a server without a cache can do."""
    _check(scenario)
    port = free_port()
    folder = lab.folder / f"static-{port}"
    nginx_conf.put_files(folder)
    locations = f"root {folder}; open_file_cache max=100; types {{ text/html html; }}"
    command = nginx_conf.command(folder, f"127.0.0.1:{port}", locations)
    return Running("nginx static", port, lab.start(f"static-{port}", command, port))


def _check(scenario: Scenario) -> None:
    if not found("nginx"):
        raise Unavailable("nginx is not installed (apt install nginx-light)")
    if scenario.function is Function.ONE and not NJS_MODULE.exists():
        raise Unavailable("nginx has no njs module (apt install libnginx-mod-http-js)")


def _listen(lab: Lab, scenario: Scenario, port: int) -> str:
    http2 = " http2" if scenario.protocol == "h2" else ""
    return f"127.0.0.1:{port} ssl{http2}" if scenario.tls else f"127.0.0.1:{port}"


def _tls(lab: Lab) -> str:
    file = lab.certificate()
    return f"ssl_certificate {file}; ssl_certificate_key {file};"
