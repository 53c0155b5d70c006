"""What was said at an edge location, line by line, as people read a conversation:

viewer 1 asks: GET /a
  the edge asks origin: GET /a
viewer 2 asks: GET /a
  viewer 2 waits for somebody else's fetch
  origin answers: 200, 5 bytes
viewer 1 gets: 200, Miss from cloudfront
viewer 2 gets: 200, Hit from cloudfront
"""

from __future__ import annotations

from edge.model.origin import OriginAttempt, OriginFailure, OriginResponse
from edge.model.request import Request
from edge.model.served import Served


class Dialogue:
    """The lines, in order. A line in brackets says how much time has passed before."""

    def __init__(self, now: float) -> None:
        self.lines: list[str] = []
        self._told_at = now

    def asks(self, who: str, request: Request, now: float) -> None:
        """A viewer's request."""
        self._say(f"{who} asks: {request.method} {request.target}", now)

    def refreshes(self, who: str, now: float) -> None:
        """A refresh that nobody waits for."""
        self._say(f"{who} begins", now)

    def edge_asks(self, attempt: OriginAttempt, now: float) -> None:
        """A request to an origin."""
        again = "" if attempt.number == 1 else f", attempt {attempt.number}"
        self._say(f"  the edge asks {attempt.origin.id}: {attempt.request.method} {attempt.request.target}{again}", now)

    def waits(self, who: str, now: float) -> None:
        """A request that waits for another's answer."""
        self._say(f"  {who} waits for somebody else's fetch", now)

    def origin(self, attempt: OriginAttempt, outcome: OriginResponse | OriginFailure, now: float) -> None:
        """What an origin answers."""
        if isinstance(outcome, OriginFailure):
            self._say(f"  {attempt.origin.id} fails: {outcome.kind.value}", now)
            return
        size = f", {len(outcome.body)} bytes" if isinstance(outcome.body, bytes) else ", a body on its way"
        self._say(f"  {attempt.origin.id} answers: {outcome.status}{size}", now)

    def gets(self, who: str, served: Served, now: float) -> None:
        """A viewer's answer."""
        self._say(f"{who} gets: {served.response.status}, {served.result_type} from cloudfront", now)

    def leaves(self, who: str, now: float) -> None:
        """A viewer is gone."""
        self._say(f"{who} leaves", now)

    def ends(self, who: str, now: float) -> None:
        """A refresh is over."""
        self._say(f"{who} ends", now)

    def explain(self) -> str:
        """All of it, for whoever looks at a test that failed."""
        return "\n".join(["the dialogue:", *(f"  {line}" for line in self.lines)])

    def _say(self, line: str, now: float) -> None:
        if now != self._told_at:
            self.lines.append(f"[{now - self._told_at:g} s later]")
            self._told_at = now
        self.lines.append(line)
