"""A distribution tenant: one customer's own use of a distribution that is a template.

Source: CloudFront API Reference, DistributionTenant.
"""

from __future__ import annotations

from typing import NamedTuple


class Tenant(NamedTuple):
    """`parameters` are the values for the template's `{{name}}`, defaults included."""

    id: str
    name: str
    parameters: tuple[tuple[str, str], ...] = ()
