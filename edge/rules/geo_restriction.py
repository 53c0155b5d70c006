"""Countries that are let in, or kept out.

Source: CloudFront Developer Guide, "Restrict the geographic distribution of your content". A viewer whose country
cannot be determined is served, under an allow list too. The country is what `[viewer]` in edge.toml says: a laptop
has none of its own. Not modelled: the exception for certificate validation (`/.well-known/pki-validation/`).
"""

from __future__ import annotations

from edge.model.distribution import Distribution
from edge.model.note import Note
from edge.model.refusal import Refusal
from edge.model.viewer import Viewer

MESSAGE = "The Amazon CloudFront distribution is configured to block access from your country."


def check(viewer: Viewer, distribution: Distribution) -> Refusal | None:
    """Refuse a viewer from a country that the distribution blocks."""
    restriction = distribution.geo_restriction
    if restriction.kind == "none":
        return None
    country = viewer.location.country
    if not country or (country in restriction.locations) == (restriction.kind == "whitelist"):
        return None
    template = "the viewer's country {} is blocked by the {} of the distribution (Restrictions.GeoRestriction)"
    note = Note("geo_restriction.blocked", template, (country, restriction.kind))
    return Refusal(403, MESSAGE, note, "ClientGeoBlocked")
