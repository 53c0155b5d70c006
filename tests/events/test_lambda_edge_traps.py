"""Forty traps of Lambda@Edge that people fall into: each has a test, `test_trap_N_...`, where its rule is tested."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parent.parent
FILES = (
    *(TESTS / "events").glob("test_lambda_*.py"),
    *(TESTS / "exchange").glob("test_lambda_edge*.py"),
    *(TESTS / "runtimes" / "lambda_edge").glob("test_*.py"),
    TESTS / "environments" / "test_pool.py",
    TESTS / "configuration" / "checks" / "test_aws_lambda.py",
)


def test_each_of_the_forty_traps_has_a_test() -> None:
    """By number; a trap of CloudFront Functions or of the cache has its number elsewhere."""
    named = {int(number) for path in FILES for number in re.findall(r"def test_trap_(\d+)_", path.read_text())}
    assert named == set(range(1, 41))
