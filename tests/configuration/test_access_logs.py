"""Logging in templates and answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from edge.configuration import Configuration
from edge.model.access_log import RealTimeLogging, StandardLogging

Stack = Callable[..., Path]
Inspect = Callable[..., Configuration]
Write = Callable[[str, Any], Path]

WATCH = {
    "Type": "AWS::CloudFront::RealtimeLogConfig",
    "Properties": {
        "Name": "watch",
        "SamplingRate": 10,
        "Fields": ["timestamp", "sc-status"],
        "EndPoints": [{"StreamType": "Kinesis"}],
    },
}


def test_the_standard_log_of_a_template(stack: Stack, inspect: Inspect) -> None:
    logging = {"Bucket": "logs.s3.amazonaws.com", "Prefix": "cdn/", "IncludeCookies": True}
    made = inspect(stack(config={"Logging": logging}))
    assert made.distributions[0].standard_logging == StandardLogging("cdn/", include_cookies=True)
    (finding,) = made.findings
    assert (finding.level, finding.rule) == ("note", "logs.folder")
    assert 'folder = "logs" under [logs]' in finding.message


def test_a_log_that_is_off(api: Stack, inspect: Inspect) -> None:
    off = {"Enabled": False, "IncludeCookies": False, "Bucket": "", "Prefix": ""}
    made = inspect(api(config={"Logging": off}))
    assert made.distributions[0].standard_logging is None
    assert made.findings == ()


def test_the_real_time_log_of_a_behavior(stack: Stack, inspect: Inspect) -> None:
    for arn in ({"Ref": "Watch"}, {"Fn::GetAtt": ["Watch", "Arn"]}):
        made = inspect(stack(resources={"Watch": WATCH}, behavior={"RealtimeLogConfigArn": arn}))
        expected = RealTimeLogging("watch", ("timestamp", "sc-status"), 10)
        assert made.distributions[0].behaviors[0].real_time_logging == expected
        assert [finding.rule for finding in made.findings] == [
            "not_modelled",
            "logs.real_time",
        ]  # the stream, the folder


def test_a_sampling_rate_is_a_percentage(stack: Stack, inspect: Inspect) -> None:
    bad = {**WATCH, "Properties": {**WATCH["Properties"], "SamplingRate": 101}}  # type: ignore[dict-item]
    made = inspect(stack(resources={"Watch": bad}, behavior={"RealtimeLogConfigArn": {"Ref": "Watch"}}))
    assert any(finding.level == "error" and "SamplingRate" in finding.where for finding in made.findings)


def test_an_answer_beside_the_distribution(api: Stack, inspect: Inspect, write: Write) -> None:
    arn = "arn:aws:cloudfront::123456789012:realtime-log-config/watch"
    path = api(behavior={"RealtimeLogConfigArn": arn})
    assert [finding.rule for finding in inspect(path).findings] == ["not_modelled"]
    write("watch.json", {"RealtimeLogConfig": {"ARN": arn, **WATCH["Properties"]}})  # type: ignore[dict-item]
    made = inspect(path)
    assert made.distributions[0].behaviors[0].real_time_logging == RealTimeLogging(
        "watch", ("timestamp", "sc-status"), 10
    )
