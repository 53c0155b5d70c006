"""The layout is a test: who may import whom, what the core must not touch, how large a file may be, and that each rule
has a test file of its own. Exceptions are listed here, and the list only shrinks.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EDGE = ROOT / "edge"

FILE_MAX_LINES = 400
FUNCTION_MAX_LINES = 70

BANNED_IN_CORE = {
    "asyncio",
    "datetime",
    "logging",
    "os",
    "random",
    "secrets",
    "socket",
    "subprocess",
    "threading",
    "time",
    "uuid",
}

EXCHANGE = {"exchange", "fetch", "fill", "user_code", "visit"}
"""The order of events: `exchange.py`, with the origin's side and the running of functions in files beside it."""

CORE = {"model", "rules", "events", "cache", "environments", "asks"} | EXCHANGE

MAY_IMPORT = {
    "model": set(),
    "rules": {"model"},
    "events": {"model"},
    "cache": {"model"},
    "environments": {"model"},
    "asks": {"model", "cache"},
    **dict.fromkeys(EXCHANGE, {"model", "rules", "events", "cache", "asks"} | EXCHANGE),
    "clock": set(),
    "beginning_of_body": {"model"},
    "compressor": {"model"},
    "shared_body": {"model"},
    "function_urls": {"events", "model", "rules"},
    "http_apis": {"events", "function_urls", "model", "rules"},
    "all_origins": {"function_urls", "http_apis", "jwt_authorizers", "origins"},
    "jwt_authorizers": {"model", "rules"},
    "signature_verifier": {"asks"},
    "request_ids": set(),
    "signer": {"rules"},
    "driver": {"exchange", "asks", "cache", "model", "clock"}
    | {"beginning_of_body", "compressor", "shared_body", "signature_verifier"},
    "viewers": {"model"},
    "about_viewers": {"model"},
    "disk_cache": {"model", "cache"},
    "viewer_knowledge": {"about_viewers", "configuration", "rules"},
    "origins": {"model"},
    "logs": {"model"},
    "runtimes": {"model", "environments"},
    "functions": {"configuration", "model", "runtimes"},
    "reports": {"configuration", "logs", "model"},
    "workers": None,
    "configuration": {"model", "events"},
    "difference": {"model", "rules"},
    "testing": CORE
    | {
        "driver",
        "clock",
        "compressor",
        "signature_verifier",
        "configuration",
        "logs",
        "runtimes",
        "viewers",
        "origins",
    },
    "app": None,
    "asgi": None,
    "admin": {"cache", "logs", "model"},
    "bench": None,
    "commands": None,
    "cli": None,
    "__main__": None,
    "__init__": set(),
}
"""What each part of edge/ may import of the others; None is anything. Nobody imports app, asgi, commands, cli or
testing."""

COMPOSITION = {"app", "asgi", "commands", "cli", "workers", "__main__"}

STANDARD_LIBRARY_ONLY = {"model", "rules", "events", "cache", "environments", "asks"} | EXCHANGE


def sources() -> list[Path]:
    return sorted(path for path in EDGE.rglob("*.py"))


def part_of(path: Path) -> str:
    first = path.relative_to(EDGE).parts[0]
    return first.removesuffix(".py")


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """The modules that a file imports, with line numbers. `from edge import fill` counts as `edge.fill`."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            module = node.module or ""
            if module == "edge":
                for alias in node.names:
                    yield f"edge.{alias.name}", node.lineno
            else:
                yield module, node.lineno


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_part_imports_only_what_the_table_allows(path: Path) -> None:
    """Arrows point inwards: values, rules, one exchange, a rim."""
    part = part_of(path)
    allowed = MAY_IMPORT[part]
    if allowed is None:
        return
    for module, line in imports(path):
        if module.startswith("edge."):
            other = module.split(".")[1]
            assert other == part or other in allowed, f"{path}:{line}: {part} may not import {module}"


@pytest.mark.parametrize(
    "path", [path for path in sources() if part_of(path) in CORE], ids=lambda path: str(path.relative_to(ROOT))
)
def test_the_core_has_no_clock_chance_or_sockets(path: Path) -> None:
    """Time and chance are arguments, and waiting is an Ask."""
    import sys

    for module, line in imports(path):
        top = module.split(".")[0]
        assert top not in BANNED_IN_CORE, f"{path}:{line}: the core may not import {module}"
        assert top == "edge" or top in sys.stdlib_module_names, f"{path}:{line}: the core may not import {module}"


def test_nobody_imports_the_composition_root() -> None:
    """app, commands and cli build everything, so nothing may depend on them; nor on the harness for users' tests."""
    for path in sources():
        part = part_of(path)
        for module, line in imports(path):
            if not module.startswith("edge."):
                continue
            other = module.split(".")[1]
            if other == "testing":
                assert part == "testing", f"{path}:{line}"
            if other in COMPOSITION:
                assert part in COMPOSITION, f"{path}:{line}: {part} imports {module}"


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_stay_small(path: Path) -> None:
    """A file holds one rule; a function fits on a screen."""
    text = path.read_text()
    assert len(text.splitlines()) <= FILE_MAX_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= FUNCTION_MAX_LINES, f"{path}:{node.lineno}: {node.name} has {length} lines"


@pytest.mark.parametrize(
    "path",
    [path for part in ("rules", "events", "cache") for path in sorted((EDGE / part).glob("[!_]*.py"))],
    ids=lambda path: str(path.relative_to(EDGE)),
)
def test_each_rule_file_has_a_test_file(path: Path) -> None:
    """The test for edge/rules/ttl.py is tests/rules/test_ttl.py."""
    relative = path.relative_to(EDGE)
    assert (ROOT / "tests" / relative.parent / f"test_{relative.name}").is_file()


def test_every_module_says_what_it_owns() -> None:
    """Each file begins with a docstring."""
    for path in sources():
        if path.read_text().strip():
            assert ast.get_docstring(ast.parse(path.read_text())), f"{path} has no docstring"
