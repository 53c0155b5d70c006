"""What became of one run of a function."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from edge.events import test_result
from edge.model.function import (
    CloudFrontFunction,
    EventType,
    Function,
    FunctionOutcome,
    Invalid,
    Returned,
    Threw,
    Throttled,
)
from edge.model.json_value import JsonObject
from edge.model.note import Note
from edge.model.origin import Origin
from edge.testing.difference import difference, listed
from edge.testing.errors import UnexpectedResultError
from edge.testing.messages import SeenRequest, SeenResponse

_CODE_LINES_AROUND = 2
AT_RESPONSE = (EventType.VIEWER_RESPONSE, EventType.ORIGIN_RESPONSE)


@dataclass(frozen=True, slots=True, repr=False)
class FunctionResult:
    """One run of a function, judged as CloudFront judges it.

    `event` is what went in, `outcome` what the engine says (None when CloudFront would not have run the function).
    `origin` is where cf.updateRequestOrigin and its kin send the request, None for the behavior's own origin. `broken`
    is the rule that the function broke, None when all is well.
    """

    function: Function
    event_type: EventType
    event: JsonObject
    outcome: FunctionOutcome | None
    passed_on: SeenRequest | None = None
    origin: Origin | None = None
    answered: SeenResponse | None = None
    broken: Note | None = None
    failed_with: int | None = None

    @property
    def request(self) -> SeenRequest:
        """The request that goes on to the cache and the origin. Fails the test when the function answered or failed."""
        __tracebackhide__ = True
        if self.passed_on is None:
            raise UnexpectedResultError(f"the function passed no request on\n{self.explain()}")
        return self.passed_on

    @property
    def response(self) -> SeenResponse:
        """The response that the function made or changed. Fails the test when there is none."""
        __tracebackhide__ = True
        if self.answered is None:
            raise UnexpectedResultError(f"the function made no response\n{self.explain()}")
        return self.answered

    @property
    def error(self) -> str | None:
        """Why the viewer would get a 502 or 503: what was thrown, or what is wrong with what came back."""
        if self.broken is None:
            return None
        if self.outcome is None or isinstance(self.outcome, Returned):
            return self.broken.sentence
        return test_result.error_text(self.outcome)

    @property
    def rule(self) -> str | None:
        """The id of the rule that was broken, such as "restricted_headers.read_only"."""
        return None if self.broken is None else self.broken.rule

    @property
    def status(self) -> int | None:
        """What the viewer would get now: the function's own status, 502 or 503 for one that failed, None while the
        request goes on."""
        return self.failed_with if self.answered is None else self.answered.status

    @property
    def logs(self) -> tuple[str, ...]:
        """The lines of console.log."""
        return () if self.outcome is None or isinstance(self.outcome, Invalid | Throttled) else self.outcome.logs

    @property
    def utilization(self) -> int:
        """Compute utilization, in percent of what is allowed."""
        if self.outcome is None or isinstance(self.outcome, Invalid | Throttled):
            return 0
        return self.outcome.usage.compute_utilization

    @property
    def duration_ms(self) -> float:
        """How long the run took here. Another machine takes another time."""
        if self.outcome is None or isinstance(self.outcome, Invalid | Throttled):
            return 0.0
        return self.outcome.usage.duration_us / 1000

    @property
    def skipped(self) -> bool:
        """Whether CloudFront would not have run the function, as for a response of 400 or more."""
        return self.outcome is None

    @property
    def output(self) -> JsonObject:
        """What TestFunction would show: {"request": ...} or {"response": ...}, {} when the function failed."""
        if not isinstance(self.outcome, Returned):
            return {}
        return test_result.function_output(self.outcome.value)

    def explain(self) -> str:
        """What went in, what came out, and the rule that was broken."""
        parts = [f"{self._name} at {self.event_type.value}: {self._verdict}"]
        if self.broken is not None:
            parts.append(f"rule {self.broken.rule}: {self.broken.sentence}")
        parts += self._where()
        parts.append(self.diff)
        if self.logs:
            parts += ["console.log:", *(f"  {line}" for line in self.logs)]
        return "\n".join(parts)

    @property
    def diff(self) -> str:
        """The event against what the function returned, as lines that begin with `-`, `+` or a space."""
        kind = "response" if self.event_type in AT_RESPONSE else "request"
        before = self._message[kind]
        if not isinstance(self.outcome, Returned):
            return f"the {kind} that went in:\n{listed(before)}"
        value: Any = self.outcome.value
        if kind == "request" and isinstance(value, dict) and self._status_member in value:
            return f"the request that went in:\n{listed(before)}\nthe response that came out:\n{listed(value)}"
        if not isinstance(value, dict):
            return f"the {kind} that went in:\n{listed(before)}\nwhat the function returned:\n{listed(value)}"
        return f"the {kind}, - as it went in, + as it came out:\n{difference(before, value)}"

    _status_member = "statusCode"

    @property
    def _message(self) -> Any:
        """Where the event has `request` and `response`."""
        return self.event

    @property
    def place(self) -> tuple[str, int] | None:
        """The file and the line (from 1) where the user's code went wrong; None when it did not, or nobody knows."""
        if not isinstance(self.outcome, Threw | Invalid) or not isinstance(self.function, CloudFrontFunction):
            return None
        return (self._name, self.outcome.line) if self.outcome.line and self.function.source_name else None

    def _where(self) -> list[str]:
        """The place in the user's code where it went wrong, with the code around it."""
        if not isinstance(self.outcome, Threw | Invalid) or not isinstance(self.function, CloudFrontFunction):
            return []
        frames = [f"    at {frame}" for frame in getattr(self.outcome, "stack", ())]
        return frames + code_around(self.function.code, self.outcome.line)

    @property
    def _name(self) -> str:
        function = self.function
        return (function.source_name if isinstance(function, CloudFrontFunction) else "") or function.name

    @property
    def _verdict(self) -> str:
        if self.broken is not None:
            return f"CloudFront would answer {self.failed_with}: {self.error}"
        if self.outcome is None:
            return "not run"
        if self.answered is not None:
            return f"responded with {self.answered.status}"
        return f"passed on {self.passed_on.method} {self.passed_on.target}" if self.passed_on else "nothing"

    def __repr__(self) -> str:
        return f"<{self._name} at {self.event_type.value}: {self._verdict}>"


def code_around(code: str, line: int) -> list[str]:
    """The user's code near a line (from 1), which is marked; nothing when the line is not known."""
    if line < 1:
        return []
    lines = code.splitlines()
    first = max(1, line - _CODE_LINES_AROUND)
    shown = enumerate(lines[first - 1 : line + _CODE_LINES_AROUND], first)
    return [f"{'>' if number == line else ' '} {number:3} | {text}" for number, text in shown]
