"""CloudFront Functions from files: found beside the test or from the project's root, and refused when too large."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from types import FrameType

from edge.model import quotas
from edge.model.function import CloudFrontFunction, JavaScriptRuntime
from edge.testing.errors import HarnessError

STORE = "store"
"""What the one store of a function is called, where a test only gives its pairs."""

_RUNTIMES = {runtime.value.removeprefix("cloudfront-js-"): runtime for runtime in JavaScriptRuntime}


def function_from(
    file: str | Path | None, *, code: str | None, runtime: str, with_store: bool, folders: tuple[Path, ...]
) -> CloudFrontFunction:
    """The function in a file, or with this code."""
    __tracebackhide__ = True
    store = STORE if with_store else None
    if code is not None:
        return CloudFrontFunction("function", code, _runtime(runtime), "", store)
    if file is None:
        raise HarnessError("which function? Give its file, or its code: cloudfront_function(code=...)")
    path = find(file, folders)
    code_bytes = path.read_bytes()
    if len(code_bytes) > quotas.FUNCTION_CODE_MAX_BYTES:
        most = quotas.FUNCTION_CODE_MAX_BYTES
        raise HarnessError(f"{path} has {len(code_bytes)} bytes, comments counted, and CloudFront takes at most {most}")
    shown = _shown(path, Path.cwd())
    return CloudFrontFunction(path.stem, code_bytes.decode("utf-8"), _runtime(runtime), shown, store)


def beside(frame: FrameType) -> tuple[Path, ...]:
    """Where to look for the files that some code names: beside that code, and then in the working directory."""
    file = frame.f_globals.get("__file__")
    return (Path(file).parent, Path()) if file else (Path(),)


def find(file: str | Path, folders: tuple[Path, ...]) -> Path:
    """The file in the first of the folders that has it."""
    __tracebackhide__ = True
    for folder in folders:
        path = folder / file
        if path.is_file():
            return path
    raise HarnessError(f"there is no {file} in {' or '.join(str(folder.resolve()) for folder in folders)}")


@lru_cache(maxsize=256)
def _shown(path: Path, here: Path) -> str:
    try:
        return str(path.resolve().relative_to(here))
    except ValueError:
        return str(path)


def _runtime(name: str) -> JavaScriptRuntime:
    __tracebackhide__ = True
    found = _RUNTIMES.get(name.removeprefix("cloudfront-js-"))
    if found is None:
        raise HarnessError(f"CloudFront has no runtime {name}; it has {' and '.join(JavaScriptRuntime)}")
    return found
