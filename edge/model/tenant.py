"""A distribution tenant: one customer's own use of a distribution that is a template.

Source: CloudFront API Reference, DistributionTenant.
"""

from __future__ import annotations

from typing import NamedTuple

from edge.model.json_value import JsonValue


class Tenant(NamedTuple):
    """`parameters` are the values for the template's `{{name}}`, defaults included."""

    id: str
    name: str
    parameters: tuple[tuple[str, str], ...] = ()

    @property
    def shown(self) -> dict[str, JsonValue]:
        """What cf.distributionTenant shows to a function."""
        return {"id": self.id, "parameters": dict(self.parameters)}
