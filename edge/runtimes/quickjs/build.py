"""Builds the guest: QuickJS-ng and guest/*.c, compiled to WebAssembly. Run it:
`python -m edge.runtimes.quickjs.build`.

The engine's source comes from the sdist of quickjs-ng on PyPI, pinned by its SHA-256; the compiler is the `ziglang`
package, so that no system package is needed. What was built from the same inputs before, here or in another checkout,
is not built again. Standard library only, and no other modules of this project but NEIGHBOURS: the build hook loads
this file.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
GUEST = HERE / "guest.wasm"
RECORD = HERE / "guest.wasm.inputs"
SKIP = "EDGE_WITHOUT_GUEST"

SDIST = "quickjs-ng==0.17.0.2"
SDIST_SHA256 = "43d2e48272208721a7aaea8e3f02d4b9318f12ef20cc4f5421b59d9a470706ef"
COMPILER = "ziglang==0.17.1"

MEMORY_BYTES = 6 * 1024 * 1024
"""All that the guest ever has: its stack, the areas that the host writes, the engine, and what functions use."""

FLAGS = (
    *("-target", "wasm32-wasi", "-mexec-model=reactor", "-O3", "-msimd128", "-w", "-DNDEBUG", "-D_GNU_SOURCE"),
    *("-D_WASI_EMULATED_SIGNAL", "-D_WASI_EMULATED_PROCESS_CLOCKS"),
    *("-DAREAS_ADDRESS=262144", "-Wl,--no-entry", "-Wl,--strip-all", "-Wl,--export=__stack_pointer"),
    *("-Wl,-z,stack-size=262144", "-Wl,--global-base=1048576"),
    *(f"-Wl,--initial-memory={MEMORY_BYTES}", f"-Wl,--max-memory={MEMORY_BYTES}"),
    *("-lwasi-emulated-signal", "-lwasi-emulated-process-clocks"),
)
NEIGHBOURS = ("engine_edits", "wasm_binary", "store_marks")
SOURCES = ("guest.c", "dtoa.c", "libregexp.c", "libunicode.c")


class BuildError(Exception):
    """The guest cannot be built here. The text says why, and what to do instead."""


def build(say: Callable[[str], None]) -> Path | None:
    """Make sure that the guest is there and fits its inputs; None when the environment asks to go without."""
    if os.environ.get(SKIP) == "1":
        say(f"{SKIP}=1: no guest; CloudFront Functions run with --engine native only.")
        return None
    inputs = _inputs()
    if is_current():
        return GUEST
    cached = cache_folder() / f"guest-{inputs[:20]}.wasm"
    if not cached.exists():
        say("Building the JavaScript engine for CloudFront Functions (once, about a minute)...")
        try:
            _compile(cached, say)
        except (OSError, subprocess.CalledProcessError, ValueError) as error:
            raise BuildError(
                f"The JavaScript engine for CloudFront Functions could not be built: {error}\n"
                f"It needs {SDIST} from PyPI and {COMPILER}. To install without it, set {SKIP}=1: then CloudFront "
                "Functions run with --engine native only, which limits neither their time nor their memory strictly."
            ) from error
    shutil.copyfile(cached, GUEST)
    RECORD.write_text(inputs)
    return GUEST


def is_current() -> bool:
    """Whether the guest is there, and was built from the sources as they are now."""
    return GUEST.exists() and RECORD.exists() and RECORD.read_text() == _inputs()


def cache_folder() -> Path:
    """Where what was built or compiled once is kept for all checkouts of this user. It is made when missing."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = base / "edge-on-a-laptop"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _inputs() -> str:
    """A hash of everything that decides what the guest is."""
    digest = hashlib.sha256(repr((SDIST_SHA256, COMPILER, FLAGS, SOURCES)).encode())
    for path in (*sorted((HERE / "guest").glob("*.c")), *(HERE / f"{name}.py" for name in NEIGHBOURS)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _compile(target: Path, say: Callable[[str], None]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        say(f"  fetching {SDIST}")
        _unpack(_fetch(folder), folder)
        for source in (HERE / "guest").glob("*.c"):
            shutil.copy(source, folder)
        engine = folder / "quickjs.c"
        engine.write_text(_neighbour("engine_edits").with_edits(engine.read_text("utf-8")), "utf-8")
        say("  compiling to WebAssembly")
        made = folder / "guest.wasm"
        _run([sys.executable, "-m", "ziglang", "cc", *SOURCES, "-o", str(made), *FLAGS], folder)
        partial = target.with_suffix(f".{os.getpid()}")
        _neighbour("wasm_binary")  # which the next one imports
        partial.write_bytes(_neighbour("store_marks").with_marks(made.read_bytes()))
        os.replace(partial, target)


def _fetch(folder: Path) -> Path:
    """The sdist, checked. Its own build requirements are met by pip in isolation, though nothing of it is built."""
    _run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", "quickjs-ng", SDIST], folder)
    (sdist,) = folder.glob("*.tar.gz")
    found = hashlib.sha256(sdist.read_bytes()).hexdigest()
    if found != SDIST_SHA256:
        raise ValueError(f"{sdist.name} has SHA-256 {found}, not {SDIST_SHA256}")
    return sdist


def _unpack(sdist: Path, folder: Path) -> None:
    with tarfile.open(sdist) as archive:
        for member in archive:
            path = Path(member.name)
            content = archive.extractfile(member)
            if path.parent.name == "upstream-quickjs" and content is not None:
                (folder / path.name).write_bytes(content.read())


def _neighbour(name: str) -> Any:
    """The module in a file next to this one, found without importing the project."""
    whole_name = f"edge.runtimes.quickjs.{name}"
    if whole_name not in sys.modules:
        spec = importlib.util.spec_from_file_location(whole_name, HERE / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = sys.modules[whole_name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[whole_name]


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        said = "\n".join((done.stderr or done.stdout).strip().splitlines()[-5:])
        raise ValueError(f"{' '.join(command[:4])} ... said: {said}")


if __name__ == "__main__":
    try:
        print(build(print) or "")
    except BuildError as failed:
        sys.exit(str(failed))
