"""The page that says how the peers of a network were chosen."""

from __future__ import annotations

from metrics_service.dashboard.asking import Asked
from metrics_service.dashboard.building import Building
from metrics_service.dashboard.matching import MATCHED, matched_on, matching
from metrics_service.dashboard.page import PeersPage
from metrics_service.dashboard.periods import year_so_far
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.organisations import NETWORK


async def peers_page(building: Building, asked: Asked) -> PeersPage:
    """The characteristics of a network beside those of its peers. Raises FhirError 400 for another organisation."""
    if asked.area.kind != NETWORK or asked.home is not None:
        raise FhirError(Kind.BAD_REQUEST, "Peers are matched for a network; name one", expression="organisation")
    period = year_so_far(asked.day)
    peers = await building.peers(asked)
    found = await matching(asked, peers, period)
    setting = await building.setting(asked, period.name, ())
    if found is None:
        text = (
            f"There are {len(peers.areas)} other networks of the area. With {MATCHED} or fewer all are compared with,"
            " and none is matched."
        )
        return PeersPage(setting, text, ())
    text = (
        f"Of {len(peers.areas)} other networks of the area, the {MATCHED} most like this one are its matched peers."
        " They are not named. How far two networks lie apart is measured in each of the characteristics below, in"
        " standard deviations of all networks of the area; each counts the same, and one that is not known of either"
        " is left out."
    )
    return PeersPage(setting, text, matched_on(found, asked.area.code))
