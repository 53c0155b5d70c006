"""What a distribution logs, and where it goes on this machine: into the folders of `[logs]` in edge.toml.

Source: CloudFront API Reference, LoggingConfig, RealtimeLogConfig.
"""

from __future__ import annotations

from collections.abc import Mapping

from edge.configuration.declared import Declared
from edge.configuration.finding import Finding, note, warning
from edge.configuration.local import Local
from edge.configuration.positions import Place
from edge.configuration.shapes.distribution_config import DefaultCacheBehaviorShape, DistributionConfigShape
from edge.configuration.shapes.resource_configs import RealtimeLogConfigShape
from edge.configuration.shapes.shape import parse
from edge.model.access_log import RealTimeLogging, StandardLogging


def standard_logging(
    config: DistributionConfigShape, place: Place, local: Local, found: list[Finding]
) -> StandardLogging | None:
    """The settings of the standard log; None without one."""
    shape = config.Logging
    if shape is None or not shape.Enabled:
        return None
    if local.logs.folder is None:
        message = f'no log files are written: add folder = "logs" under [logs] in {local.name}'
        found.append(note("logs.folder", place.at("Logging"), message))
    return StandardLogging(shape.Prefix, shape.IncludeCookies)


def real_time_logs(declared: Declared, found: list[Finding]) -> dict[str, RealTimeLogging]:
    """The real-time log configurations, by ARN."""
    made: dict[str, RealTimeLogging] = {}
    for arn, place in declared.resources.get("real-time log configuration", {}).items():
        shape = parse(RealtimeLogConfigShape, place, declared.form, found)
        if shape is not None:
            made[arn] = RealTimeLogging(shape.Name, shape.Fields, shape.SamplingRate)
    return made


def check_real_time(
    shape: DefaultCacheBehaviorShape,
    place: Place,
    known: Mapping[str, RealTimeLogging],
    local: Local,
    found: list[Finding],
) -> None:
    """What keeps the real-time log of a behavior from being written."""
    arn, where = shape.RealtimeLogConfigArn, place.at("RealtimeLogConfigArn")
    if not arn:
        return
    if arn not in known:
        message = f"not modelled: the real-time log configuration {arn} is not here, so nothing is logged for it"
        found.append(warning("not_modelled", where, message))
    elif local.logs.real_time is None:
        message = f'no real-time log is written: add real_time = "logs" under [logs] in {local.name}'
        found.append(note("logs.real_time", where, message))
