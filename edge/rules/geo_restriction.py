"""Countries that are let in, or kept out.

Source: CloudFront Developer Guide, "Restrict the geographic distribution of your content". A viewer whose country is
not known is let in, unless only listed countries are. The country is what `[viewer]` in edge.toml says: a laptop has
none.
"""

from __future__ import annotations

from edge.model.distribution import Distribution
from edge.model.note import Note
from edge.model.refusal import Refusal
from edge.model.viewer import Viewer


def check(viewer: Viewer, distribution: Distribution) -> Refusal | None:
    """Refuse a viewer from a country that the distribution blocks."""
    restriction = distribution.geo_restriction
    if restriction.kind == "none":
        return None
    country = viewer.location.country
    if (country in restriction.locations) == (restriction.kind == "whitelist"):
        return None
    template = "the viewer's country {} is blocked by the {} of the distribution"
    note = Note("geo_restriction.blocked", template, (country or "(unknown)", restriction.kind))
    message = "The Amazon CloudFront distribution is configured to block access from your country."
    return Refusal(403, message, note, "ClientGeoBlocked")
