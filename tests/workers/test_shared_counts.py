"""What workers count together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from edge.model.function import Invalid, Returned
from edge.workers.messages import News
from edge.workers.shared_counts import SharedCounts

Until = Callable[[Callable[[], bool]], Awaitable[None]]
INVALID = Invalid("SyntaxError")


async def test_what_is_counted_within_a_moment_is_one_message(until: Until) -> None:
    """Whoever hears it counts it too, and does not tell it again."""
    told: list[News] = []
    heard: list[News] = []
    here, there = SharedCounts(told.append), SharedCounts(heard.append)
    for number in range(3):
        assert not here.rates("FRA56-P4").exceeds("many", "192.0.2.1", 3, 300, float(number))
    await until(lambda: bool(told))
    (news,) = told
    assert [edge for edge, _ in news.requests] == ["FRA56-P4"] * 3
    there.hear(news, 4.0)
    assert there.rates("FRA56-P4").counted("many", "192.0.2.1") == 3
    assert there.rates("MUC50-P1").counted("many", "192.0.2.1") == 0
    assert there.rates("FRA56-P4").exceeds("many", "192.0.2.1", 3, 300, 5.0)
    await until(lambda: bool(heard))
    assert len(heard[0].requests) == 1


async def test_failures_anywhere_throttle_everywhere(until: Until) -> None:
    """And a good run after the state has cleared ends it everywhere."""
    told: list[News] = []
    here, there = SharedCounts(told.append), SharedCounts(told.append)
    there.throttle.saw("fails", INVALID, 0.0)
    here.throttle.saw("fails", INVALID, 1.0)
    here.throttle.saw("fails", INVALID, 2.0)
    assert there.throttle.refuses("fails", 3.0) is None
    await until(lambda: len(told) == 2)
    there.hear(next(news for news in told if len(news.runs) == 2), 3.0)
    assert there.throttle.refuses("fails", 3.0) is not None
    told.clear()
    there.throttle.saw("fails", Returned({}), 400.0)
    await until(lambda: bool(told))
    assert told == [News((), (("fails", False),))]


async def test_good_runs_are_not_told(until: Until) -> None:
    """There are too many of them."""
    told: list[News] = []
    counts = SharedCounts(told.append)
    counts.throttle.saw("works", Returned({}), 0.0)
    counts.throttle.saw("fails", INVALID, 0.0)
    await until(lambda: bool(told))
    assert told == [News((), (("fails", True),))]
    counts.close()
