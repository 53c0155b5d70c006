"""Packages of Lambda functions as folders: a folder as it is, a zip file unpacked, inline code written down.

What is made is kept in the user's cache folder under the hash of its contents, so an unchanged package is made once.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from edge.configuration.finding import ConfigurationError, error
from edge.model import quotas

WATCHED_MAX = 1_000
"""A package of ours has a dozen files. One that begins in a home folder by mistake should not be walked to its end."""
_NOT_EDITED = frozenset({"node_modules", "__pycache__", "venv"})


def unpacked(path: Path) -> Path:
    """The folder of a package: `path` itself, what a zip file holds, or the folder of a single file. Raises
    ConfigurationError for a file that is not a zip file though it says so, or is too large."""
    if path.is_dir():
        return path
    if path.suffix != ".zip":
        return path.parent
    try:
        with zipfile.ZipFile(path) as package:
            size = sum(member.file_size for member in package.infolist())
            if size > quotas.LAMBDA_UNPACKED_PACKAGE_MAX_BYTES:
                most = quotas.LAMBDA_UNPACKED_PACKAGE_MAX_BYTES
                message = f"unpacked it has {size} bytes, and at most {most} are allowed"
                raise ConfigurationError(error("quotas.package", str(path), message))
            return _kept(path.read_bytes(), package.extractall)
    except (OSError, zipfile.BadZipFile) as problem:
        raise ConfigurationError(error("functions.package", str(path), f"not a zip file: {problem}")) from None


def watched(path: Path) -> list[Path]:
    """The files whose changes matter, in order: a zip file or single file itself; of a folder what a developer edits,
    so neither `node_modules` nor caches and hidden folders, and at most WATCHED_MAX files."""
    if not path.is_dir():
        return [path]
    found: list[Path] = []
    for folder, below, names in os.walk(path):
        below[:] = sorted(name for name in below if name not in _NOT_EDITED and not name.startswith("."))
        files = (Path(folder) / name for name in sorted(names) if not name.startswith("."))
        found += [file for file in files if not _is_our_output(file)]
        if len(found) >= WATCHED_MAX:
            break
    return found[:WATCHED_MAX]


def _is_our_output(file: Path) -> bool:
    """Whether this process writes its own log there: a line in it would be a change, and a change a line."""
    try:
        return any(os.path.samestat(file.stat(), os.fstat(number)) for number in (1, 2))
    except OSError:
        return False


def inline(code: str, runtime: str) -> Path:
    """A folder with inline code in a file called index, as Lambda unpacks it."""
    name = "index.py" if runtime.startswith("python") else "index.js"
    return _kept(f"{name}\n{code}".encode(), lambda folder: (folder / name).write_text(code, "utf-8"))


def _kept(content: bytes, fill: Callable[[Path], object]) -> Path:
    """The folder that is kept for this content; `fill` makes it the first time."""
    folder = cache_folder("packages") / hashlib.sha256(content).hexdigest()
    if folder.is_dir():
        return folder
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Filled under another name first, so that a folder that is there is whole.
    unfinished = Path(tempfile.mkdtemp(dir=folder.parent))
    try:
        fill(unfinished)
        unfinished.rename(folder)
    except OSError:
        shutil.rmtree(unfinished, ignore_errors=True)
        if not folder.is_dir():
            raise
    return folder


def cache_folder(name: str) -> Path:
    """The user's cache folder for one kind of thing."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "edge-on-a-laptop" / name
