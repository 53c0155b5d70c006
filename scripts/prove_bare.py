#!/usr/bin/env python3
"""Prove the README's two commands on a machine that has git, a shell, Python with venv, and nothing else.

    sudo scripts/prove_bare.py [--changes]

makes a bare Debian in a temporary folder (debootstrap), clones this checkout into it, and runs there, as an ordinary
user, `./demo` with the four requests that it proposes, and then `./check`. What pip is told on this machine (its
configuration, PIP_* variables, proxies, certificates, local package folders) holds there too.

Needs root on Debian, `apt install debootstrap`, and Python >= 3.11. Leaves nothing behind.
"""

from __future__ import annotations

import argparse
import ast
import http.client
import os
import platform
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
PACKAGES = "ca-certificates,git,python3,python3-venv"
USER_ID = 1000
HOME = Path("/home/somebody")

ISOLATE = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
ISOLATED = "EDGE_PROOF_ISOLATED"
READY_WITHIN_S = 600
SUITE_WITHIN_S = 1_800

NETWORK_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
PROXY_VARIABLES = re.compile(r"(?i)(https?|all|no)_proxy")


def main() -> int:
    """0 when both commands did what the README says."""
    parser = argparse.ArgumentParser(description="Prove ./demo and ./check on a bare Debian.")
    parser.add_argument("--changes", action="store_true", help="with what is not committed yet, too")
    parser.add_argument("--only", choices=("demo", "check"), help="one of the two commands")
    parser.add_argument("--suite", default=platform.freedesktop_os_release().get("VERSION_CODENAME", "stable"))
    parser.add_argument("--mirror", default="http://deb.debian.org/debian")
    options = parser.parse_args()
    if os.geteuid() != 0 or shutil.which("debootstrap") is None:
        parser.error("this needs root, and debootstrap (apt install debootstrap)")
    if ISOLATED not in os.environ:
        # Mounts and processes of this proof belong to a namespace, and go when it goes.
        os.environ[ISOLATED] = "1"
        os.execvp(ISOLATE[0], [*ISOLATE, sys.executable, *sys.argv])

    pip_environment = pip_settings()
    with tempfile.TemporaryDirectory(prefix="edge-bare-") as folder:
        bare = Bare(Path(folder) / "root", pip_environment)
        bare.make(options.suite, options.mirror)
        try:
            bare.clone(CHECKOUT, changes=options.changes)
            chosen = {name: proof for name, proof in PROOFS.items() if options.only in (None, name)}
            failed = [f"./{name}" for name, proof in chosen.items() if not proof(bare)]
        finally:
            bare.unmount()
    say(f"failed: {', '.join(failed)}" if failed else "proved")
    return 1 if failed else 0


def say(text: str) -> None:
    """Progress."""
    print(f"== {text}", file=sys.stderr, flush=True)


def pip_settings() -> dict[str, str]:
    """What pip is told here, by files or variables, as variables: {"PIP_INDEX_URL": "https://..."}."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    settings = {}
    for line in listed.stdout.splitlines():
        name, _, value = line.partition("=")
        section, _, option = name.rpartition(".")
        if section in ("global", "install"):
            settings[f"PIP_{option.upper().replace('-', '_')}"] = ast.literal_eval(value)
    settings |= {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    if "PIP_CERT" in settings:
        settings["NODE_EXTRA_CA_CERTS"] = settings["PIP_CERT"]  # npm trusts whom pip trusts
    settings |= {name: os.environ[name] for name in NETWORK_VARIABLES if name in os.environ}
    return settings | {name: value for name, value in os.environ.items() if PROXY_VARIABLES.fullmatch(name)}


class Bare:
    """A bare Debian in a folder, used through chroot as an ordinary user."""

    def __init__(self, root: Path, variables: dict[str, str]) -> None:
        self.root = root
        self.variables = variables
        self._mounted: list[Path] = []

    def make(self, suite: str, mirror: str) -> None:
        """Install it, with the network settings and the package folders of this machine."""
        say(f"a bare Debian ({suite}) with {PACKAGES}")
        self.root.mkdir()
        run("debootstrap", "--variant=minbase", f"--include={PACKAGES}", suite, str(self.root), mirror, quiet=True)
        for name in ("resolv.conf", "hosts"):
            shutil.copyfile(f"/etc/{name}", self.root / "etc" / name)
        home = self.root / HOME.relative_to("/")
        home.mkdir()
        os.chown(home, USER_ID, USER_ID)
        self._mount("-t", "proc", "proc", to=Path("/proc"))
        self._mount("-t", "tmpfs", "tmpfs", to=Path("/dev/shm"))
        for value in self.variables.values():
            for word in value.split():
                # The links of a package index in a folder lead beside that folder.
                path = Path(word.removeprefix("file://")).parent if word.startswith("file://") else Path(word)
                if path.is_absolute() and path.exists() and path != Path("/"):
                    self._mount("--bind", "-o", "ro", str(path), to=path)

    def clone(self, checkout: Path, *, changes: bool) -> None:
        """Clone the checkout's HEAD, inside, so that its git does it; then lay what is not committed over it."""
        commit = git(checkout, "log", "-1", "--format=%h %s")
        say(f"a clone of {commit}")
        bundle = self.root / "checkout.bundle"
        git(checkout, "bundle", "create", "--quiet", str(bundle), "HEAD")
        run(
            *self._inside(
                "git",
                "clone",
                "--quiet",
                "--config",
                "advice.detachedHead=false",
                "/checkout.bundle",
                "edge",
                folder=HOME,
            )
        )
        changed = [line for line in git(checkout, "status", "--porcelain").splitlines() if line]
        if changed and not changes:
            say(f"{len(changed)} uncommitted changes are not in it (--changes takes them in)")
        if changed and changes:
            say(f"with {len(changed)} uncommitted changes")
            self._overlay(checkout)

    def _overlay(self, checkout: Path) -> None:
        clone = self.root / (HOME / "edge").relative_to("/")
        for name in git(checkout, "ls-files", "-z", "--modified", "--others", "--exclude-standard").split("\0"):
            if (checkout / name).is_file():
                (clone / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(checkout / name, clone / name)
            elif not (checkout / name).exists():
                (clone / name).unlink(missing_ok=True)
        run("chown", "-R", f"{USER_ID}:{USER_ID}", str(clone))

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """Start a command in the clone."""
        return subprocess.Popen(self._inside(*command, folder=HOME / "edge"), start_new_session=True)

    def unmount(self) -> None:
        """Take this machine's folders out of the bare one, so that it can be removed."""
        for target in reversed(self._mounted):
            run("umount", "--lazy", str(target))

    def _mount(self, *what: str, to: Path) -> None:
        target = self.root / to.relative_to("/")
        if target in self._mounted:
            return
        if to.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.touch()
        else:
            target.mkdir(parents=True, exist_ok=True)
        run("mount", *what, str(target))
        self._mounted.append(target)

    def _inside(self, *command: str, folder: Path) -> list[str]:
        variables = {"HOME": str(HOME), "LANG": "C.UTF-8", "PATH": "/usr/local/bin:/usr/bin:/bin", **self.variables}
        pairs = [f"{name}={value}" for name, value in variables.items()]
        chroot = ["chroot", f"--userspec={USER_ID}:{USER_ID}", str(self.root)]
        return [*chroot, "/usr/bin/env", "-i", f"--chdir={folder}", *pairs, *command]


def demo(bare: Bare) -> bool:
    """The first command: the demo comes up, gives the four answers, and stops at Ctrl-C."""
    listen, site = free_address(8080), free_address(3000)
    arguments = []
    if (listen, site) != ("127.0.0.1:8080", "127.0.0.1:3000"):
        arguments = ["--listen", listen, "--site", site]
    say(" ".join(["./demo", *arguments]))
    began = time.monotonic()
    process = bare.start("./demo", *arguments)
    try:
        if not comes_up(process, listen):
            say("./demo did not come up")
            return False
        say(f"./demo answers after {time.monotonic() - began:.0f} s, set-up included")
        answers = [
            check(listen, "/", {}, 200, {"x-cache": "Miss from cloudfront"}),
            check(listen, "/", {}, 200, {"x-cache": "Hit from cloudfront"}),
            check(
                listen, "/", {"Host": "www.example.com"}, 301, {"x-cache": "FunctionGeneratedResponse from cloudfront"}
            ),
            check(listen, "/docs/guide.html", {}, 200, {"strict-transport-security": "max-age="}),
        ]
    finally:
        process.send_signal(signal.SIGINT)
        stopped = ended(process)
    say(f"./demo stopped with {stopped} at Ctrl-C")
    return all(answers) and stopped == 0


def suite(bare: Bare) -> bool:
    """The second command: the whole test suite passes."""
    say("./check")
    began = time.monotonic()
    process = bare.start("./check")
    try:
        status = process.wait(SUITE_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        status = process.wait()
    say(f"./check ended with {status} after {time.monotonic() - began:.0f} s")
    return status == 0


PROOFS = {"demo": demo, "check": suite}


def check(address: str, target: str, headers: dict[str, str], status: int, expected: dict[str, str]) -> bool:
    """One request, its answer's head shown; whether it has the status and the headers (by their beginnings)."""
    connection = http.client.HTTPConnection(address, timeout=10)
    connection.request("GET", target, headers=headers)
    response = connection.getresponse()
    shown = "".join(f" -H '{name}: {value}'" for name, value in headers.items())
    print(f"\n$ curl -i{shown} http://{address}{target}\nHTTP/1.1 {response.status} {response.reason}")
    print(response.headers, end="", flush=True)
    connection.close()
    missing = {name: begin for name, begin in expected.items() if not response.headers.get(name, "").startswith(begin)}
    if response.status != status or missing:
        say(f"expected {status} {missing}")
        return False
    return True


def comes_up(process: subprocess.Popen[bytes], address: str) -> bool:
    """Whether the process listens there before it ends."""
    until = time.monotonic() + READY_WITHIN_S
    while process.poll() is None and time.monotonic() < until:
        with suppress(OSError):
            socket.create_connection(parts(address), timeout=1).close()
            return True
        time.sleep(0.2)
    return False


def ended(process: subprocess.Popen[bytes]) -> int | None:
    """The exit status of a process that was asked to end; None when it had to be killed."""
    try:
        return process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return None


def free_address(port: int) -> str:
    """This port of the loopback, or another one when it is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


def parts(address: str) -> tuple[str, int]:
    """HOST:PORT in two."""
    host, _, port = address.rpartition(":")
    return host, int(port)


def git(checkout: Path, *arguments: str) -> str:
    """What git says of the checkout."""
    command = ["git", "-c", "safe.directory=*", "-C", str(checkout), *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def run(*command: str, quiet: bool = False) -> None:
    """Run a command that must succeed. With `quiet` its output is shown only when it fails."""
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE if quiet else None, text=True)
    if done.returncode != 0:
        print(done.stdout or "", file=sys.stderr)
        sys.exit(f"failed: {' '.join(command)}")


if __name__ == "__main__":
    sys.exit(main())
