"""The page that says how the peers of a network were chosen, and its figures as a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from metrics_service.dashboard.asking import Asked
from metrics_service.dashboard.building import Building
from metrics_service.dashboard.matching import (
    MATCHED,
    Ends,
    MatchedBy,
    Matching,
    characteristics_matched,
    matching,
)
from metrics_service.dashboard.measure_building import said
from metrics_service.dashboard.numbers import NO_FIGURE, in_unit, unit_named
from metrics_service.dashboard.page import MatchedOn, PeersPage
from metrics_service.dashboard.peers import Peers
from metrics_service.dashboard.periods import Period, year_so_far
from metrics_service.domain.london_days import written
from metrics_service.measures.shipped import definitions
from tandem.clock import to_instant
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.organisations import NETWORK

COLUMNS: Final = (
    "characteristic", "title", "organisation", "organisation_name", "period_start", "period_end", "value",
    "matched_lowest", "matched_highest", "others_lowest", "others_highest", "unit", "measure", "version", "source",
    "definition", "counted",
)  # fmt: skip


async def peers_page(building: Building, asked: Asked) -> PeersPage:
    """The characteristics of a network beside those of its peers. Raises FhirError 400 for another organisation."""
    peers, found = await _matched(building, asked)
    setting = await building.setting(asked, year_so_far(asked.day).name, found.kept if found is not None else ())
    rows = characteristics_matched(found, asked.area.code) if found is not None else ()
    return PeersPage(setting, _how(peers, found), tuple(map(_in_words, rows)))


async def peers_rows(building: Building, asked: Asked) -> list[dict[str, Any]]:
    """The same figures, one row a characteristic, by COLUMNS; none where no network is matched."""
    _, found = await _matched(building, asked)
    return await _rows(building, asked, found)


async def peers_told(building: Building, asked: Asked) -> dict[str, Any]:
    """For programs: how many others there are, how many are matched, the figures, and each definition once.

    Nothing of it is exact, whoever reads: small numbers are hidden and others rounded before networks are matched.
    """
    peers, found = await _matched(building, asked)
    rows = await _rows(building, asked, found)
    named = [definitions()[name] for name in dict.fromkeys(str(row["measure"]) for row in rows)]
    return {
        "organisation": asked.area.code, "exact": False, "others": len(peers.areas),
        "matched": len(found.alike) if found is not None else 0, "how": _how(peers, found),
        "definitions": {each.id: {"title": each.title, **dict(said(each))} for each in named},
        "figures": [{key: value for key, value in row.items() if key != "definition"} for row in rows],
    }  # fmt: skip


async def _matched(building: Building, asked: Asked) -> tuple[Peers, Matching | None]:
    if asked.area.kind != NETWORK or asked.home is not None:
        raise FhirError(Kind.BAD_REQUEST, "Peers are matched for a network; name one", expression="organisation")
    peers = await building.peers(asked)
    return peers, await matching(asked, peers, year_so_far(asked.day))


def _how(peers: Peers, found: Matching | None) -> str:
    if found is None:
        return (
            f"There are {len(peers.areas)} other networks of the area. With {MATCHED} or fewer all are compared with,"
            " and none is matched."
        )
    return (
        f"Of {len(peers.areas)} other networks of the area, the {MATCHED} most like this one are its matched peers."
        " They are not named. How far two networks lie apart is measured in each of the characteristics below, in"
        " standard deviations of all networks of the area; each counts the same, and one that is not known of either"
        " is left out."
    )


def _in_words(each: MatchedBy) -> MatchedOn:
    def between(ends: Ends | None) -> str:
        return NO_FIGURE if ends is None else " to ".join(in_unit(end, each.unit) for end in ends)

    return MatchedOn(each.title, in_unit(each.own, each.unit), between(each.alike), between(each.others))


async def _rows(building: Building, asked: Asked, found: Matching | None) -> list[dict[str, Any]]:
    if found is None:
        return []
    names = await building.names.of(asked.call, (asked.area.code,))
    period = year_so_far(asked.day)
    return [_row(each, asked.area.code, names, period) for each in characteristics_matched(found, asked.area.code)]


def _row(each: MatchedBy, code: str, names: Mapping[str, str], period: Period) -> dict[str, Any]:
    alike, others = each.alike or (None, None), each.others or (None, None)
    definition = each.definition
    return {
        "characteristic": each.name, "title": each.title, "organisation": code, "organisation_name": names[code],
        "period_start": written(period.span.first), "period_end": written(period.span.last), "value": each.own,
        "matched_lowest": alike[0], "matched_highest": alike[1], "others_lowest": others[0],
        "others_highest": others[1], "unit": unit_named(each.unit), "measure": definition.id,
        "version": definition.version, "source": definition.source, "definition": definition.description,
        "counted": to_instant(each.kept.counted),
    }  # fmt: skip
