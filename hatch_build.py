"""The build hook: a wheel, and an editable install, hold the guest in which CloudFront Functions run.

A wheel has it inside, so that installing one needs no compiler. How the guest is built: edge/runtimes/quickjs/build.py.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUILD = Path("edge/runtimes/quickjs/build.py")


class GuestHook(BuildHookInterface[Any]):
    """Builds the guest before files are collected."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """`version` is "standard" or "editable". Ends the build with words and no traceback when there is no guest."""
        spec = importlib.util.spec_from_file_location("guest_build", Path(self.root) / BUILD)
        assert spec is not None
        assert spec.loader is not None
        guest = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(guest)
        try:
            built = guest.build(self.app.display_info)
        except guest.BuildError as error:
            raise SystemExit(str(error)) from None
        if built is not None:
            build_data["artifacts"].append(f"/{BUILD.parent.as_posix()}/{built.name}")
