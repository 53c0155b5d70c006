"""`python -m edge` is the same as `edge`."""

from __future__ import annotations

from edge.cli import main

main()
