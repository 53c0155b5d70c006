"""A user's test with annotations passes mypy --strict, and a wrong use does not."""

from __future__ import annotations

from pathlib import Path

from mypy import api

SAMPLE = Path(__file__).parent / "typed" / "typed_by_a_user.py"


def checked(file: Path) -> str:
    return api.run(["--strict", "--no-error-summary", "--config-file", "/dev/null", str(file)])[0]


def test_the_public_api_is_typed(tmp_path: Path) -> None:
    """Fixtures, results, scripts and strategies; an argument that there is not, and a None that may be, are found."""
    assert checked(SAMPLE) == ""
    wrong = tmp_path / "wrong.py"
    text = SAMPLE.read_text().replace("max_body=10", "max_bodies=10").replace("age: int | None", "age: int")
    wrong.write_text(text.replace("memory_mb=256", "memory=256"))
    assert [line.rpartition("[")[2] for line in checked(wrong).splitlines() if ": error: " in line] == [
        "call-arg]",
        "call-arg]",
        "assignment]",
    ]
