"""The networks that are most like one, by what they have to do: care homes, age and rurality (PCN-058)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from metrics_service.dashboard.asking import Asked
from metrics_service.dashboard.kept_figures import Wanted
from metrics_service.dashboard.numbers import NO_FIGURE, in_unit
from metrics_service.dashboard.page import MatchedOn
from metrics_service.dashboard.peers import Peers
from metrics_service.dashboard.periods import Period
from metrics_service.domain.comparison import FEWEST_PEERS
from metrics_service.domain.network_comparison import most_alike
from metrics_service.measures.area import Area
from metrics_service.measures.characteristics import CALLED, CHARACTERISTICS, characteristics_of
from metrics_service.measures.shipped import definitions

MATCHED: Final = FEWEST_PEERS
"""How many: as few as quartiles can be told of, so that they are as alike as can be."""


@dataclass(frozen=True, slots=True)
class Matching:
    """The codes of those that are most alike, the nearest first, and by code what each has to do."""

    alike: tuple[str, ...]
    characteristics: Mapping[str, Mapping[str, float]]


async def matching(asked: Asked, peers: Peers, period: Period) -> Matching | None:
    """None where there are no more other networks than would be chosen.

    Small numbers are hidden as from somebody who cares for nobody, so that every reader gets the same peers.
    """
    if len(peers.areas) <= MATCHED:
        return None
    found = iter(await asked.figures(matched_by(asked.area, peers, period)))
    values = {
        code: characteristics_of([next(found).figure for _ in CHARACTERISTICS], exact=False)
        for code in (asked.area.code, *peers.areas)
    }  # fmt: skip
    return Matching(tuple(most_alike(values, MATCHED)[asked.area.code]), values)


def matched_by(area: Area, peers: Peers, period: Period) -> list[Wanted]:
    """The figures by which networks are matched: of the own one, and then of each other; none for too few."""
    if len(peers.areas) <= MATCHED:
        return []
    chosen = [definitions()[name] for name in CHARACTERISTICS]
    return [Wanted(each, one, period.span) for one in (area, *peers.areas.values()) for each in chosen]


def matched_on(found: Matching, code: str) -> tuple[MatchedOn, ...]:
    """By characteristic: the own value, and between which ends those of the matched and of all others lie."""
    others = [name for name in found.characteristics if name != code]

    def ends(networks: Iterable[str], name: str, unit: str) -> str:
        known = [found.characteristics[each][name] for each in networks if name in found.characteristics[each]]
        return f"{in_unit(min(known), unit)} to {in_unit(max(known), unit)}" if known else NO_FIGURE

    rows = []
    for name, title in CALLED.items():
        unit = definitions()[name].unit if name in definitions() else "things"
        own = in_unit(found.characteristics[code].get(name), unit)
        rows.append(MatchedOn(title, own, ends(found.alike, name, unit), ends(others, name, unit)))
    return tuple(rows)
