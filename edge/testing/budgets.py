"""What a run may cost at most. A run that costs more fails the test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from edge.testing.errors import UnexpectedResultError

if TYPE_CHECKING:
    from edge.testing.function_result import FunctionResult


@dataclass(frozen=True, slots=True)
class Budgets:
    """`max_utilization` in percent, `max_body` in bytes of a response that the function makes, `max_duration_ms` as
    REPORT has it, without INIT; None for no limit."""

    max_utilization: float | None = None
    max_body: float | None = None
    max_duration_ms: float | None = None

    def check(self, result: FunctionResult) -> None:
        """Raises UnexpectedResultError for a run that costs more."""
        __tracebackhide__ = True
        over = "\n".join(self.exceeded(result))
        if over:
            raise UnexpectedResultError(f"{over}\n{result.explain()}")

    def exceeded(self, result: FunctionResult) -> Iterator[str]:
        """What costs more, in words."""
        if self.max_utilization is not None and result.utilization > self.max_utilization:
            used, most = result.utilization, self.max_utilization
            yield f"max_utilization: compute utilization was {used} percent, and this test allows {most:g}"
        size = 0 if result.answered is None else len(result.answered.body)
        if self.max_body is not None and size > self.max_body:
            yield f"max_body: the response has a body of {size} bytes, and this test allows {self.max_body:g}"
        if self.max_duration_ms is not None and result.duration_ms > self.max_duration_ms:
            took, allowed = result.duration_ms, self.max_duration_ms
            yield f"max_duration_ms: the run took {took:.1f} ms, and this test allows {allowed:g}"


NO_BUDGETS = Budgets()
NAMES = tuple(field.name for field in fields(Budgets))
