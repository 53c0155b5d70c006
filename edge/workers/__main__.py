"""`python -m edge.workers FD`: how an owner starts a worker."""

from __future__ import annotations

import sys

from edge.workers.worker import main

main(int(sys.argv[1]))
