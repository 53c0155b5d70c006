"""Promises of edge/logs/real_time_log.py."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from edge.logs.log_fields import Finished
from edge.logs.real_time_log import FIELDS, RealTimeLog, line, wanted
from edge.model.access_log import RealTimeLogging
from edge.model.distribution import Distribution
from edge.model.served import Served

Answered = Callable[..., Served]
Logging = Callable[..., Distribution]


def test_a_behaviors_requests_are_logged_with_the_fields_that_it_lists(
    tmp_path: Path, answered: Answered, logging_distribution: Logging
) -> None:
    """In the order of the documentation, whatever the order of the list."""
    site = logging_distribution(real_time=RealTimeLogging("watch", ("cs-host", "sc-status", "cs-header-names")))
    log = RealTimeLog(tmp_path, lambda: site, lambda: 3_600.0)
    log(answered("/a", {"Host": "www.example.org", "X-A": "1"}, site=site), 5, True)
    log.close()
    (file,) = tmp_path.iterdir()
    assert file.name.startswith("watch.1970-01-01-01.")
    assert file.read_text() == "200\twww.example.org\tHost%0AX-A\n"


def test_other_behaviors_are_not_logged(tmp_path: Path, answered: Answered, distribution: Distribution) -> None:
    log = RealTimeLog(tmp_path, lambda: distribution, lambda: 0.0)
    log(answered(), 5, True)
    log.close()
    assert list(tmp_path.iterdir()) == []


def test_the_sampling_rate_is_a_percentage_of_requests(answered: Answered) -> None:
    served = answered()
    ids = [f"request-{number}" for number in range(2_000)]
    drawn = sum(wanted(RealTimeLogging("w", (), 25), served._replace(request_id=id)) for id in ids)
    assert 400 < drawn < 600
    assert all(wanted(RealTimeLogging("w", (), 100), served._replace(request_id=id)) for id in ids)


def test_all_fields_make_one_record(answered: Answered, finished: Callable[..., Finished]) -> None:
    assert len(line(finished(answered()), FIELDS).split("\t")) == len(FIELDS) == 69


def test_a_field_that_there_is_not_is_said(tmp_path: Path, logging_distribution: Logging) -> None:
    said: list[str] = []
    site = logging_distribution(real_time=RealTimeLogging("watch", ("sc-statuss",)))
    RealTimeLog(tmp_path, lambda: site, lambda: 0.0, said.append)
    assert said == ["the real-time log watch has no field sc-statuss: nothing is written for it"]
