"""The deployed configuration is the configuration: templates, API JSON and flags become Distribution values."""

from __future__ import annotations

from edge.configuration.configuration import Configuration
from edge.configuration.finding import ConfigurationError, Finding
from edge.configuration.flags import from_flags

__all__ = ["Configuration", "ConfigurationError", "Finding", "from_flags"]
