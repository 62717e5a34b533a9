"""The networks that are most like one, by what they have to do: care homes, age and rurality (PCN-058)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from metrics_service.dashboard.asking import Asked
from metrics_service.dashboard.kept_figures import Kept, Wanted
from metrics_service.dashboard.peers import Peers
from metrics_service.dashboard.periods import Period
from metrics_service.domain.comparison import FEWEST_PEERS
from metrics_service.domain.measures.definition import Definition
from metrics_service.domain.network_comparison import most_alike
from metrics_service.measures.area import Area
from metrics_service.measures.characteristics import BEDS, CALLED, CHARACTERISTICS, characteristics_of
from metrics_service.measures.shipped import definitions

MATCHED: Final = FEWEST_PEERS
"""How many: as few as quartiles can be told of, so that they are as alike as can be."""


Ends = tuple[float, float]
"""The lowest and the highest."""


@dataclass(frozen=True, slots=True)
class Matching:
    """The codes of those that are most alike, the nearest first, and by code what each has to do; from `kept`."""

    alike: tuple[str, ...]
    characteristics: Mapping[str, Mapping[str, float]]
    kept: Sequence[Kept]


@dataclass(frozen=True, slots=True)
class MatchedBy:
    """One characteristic: the own value, and the ends of those of the matched and of all others; None: not known.

    It is counted by `definition`, and `kept` is the own figure.
    """

    name: str
    title: str
    unit: str
    definition: Definition
    kept: Kept
    own: float | None
    alike: Ends | None
    others: Ends | None


async def matching(asked: Asked, peers: Peers, period: Period) -> Matching | None:
    """None where there are no more other networks than would be chosen.

    Small numbers are hidden as from somebody who cares for nobody, so that every reader gets the same peers.
    """
    if len(peers.areas) <= MATCHED:
        return None
    kept = await asked.figures(matched_by(asked.area, peers, period))
    found = iter(kept)
    values = {
        code: characteristics_of([next(found).figure for _ in CHARACTERISTICS], exact=False)
        for code in (asked.area.code, *peers.areas)
    }  # fmt: skip
    return Matching(tuple(most_alike(values, MATCHED)[asked.area.code]), values, kept)


def matched_by(area: Area, peers: Peers, period: Period) -> list[Wanted]:
    """The figures by which networks are matched: of the own one, and then of each other; none for too few."""
    if len(peers.areas) <= MATCHED:
        return []
    chosen = [definitions()[name] for name in CHARACTERISTICS]
    return [Wanted(each, one, period.span) for one in (area, *peers.areas.values()) for each in chosen]


def characteristics_matched(found: Matching, code: str) -> list[MatchedBy]:
    """Each characteristic, of the network of this code and of the others."""
    others = [name for name in found.characteristics if name != code]

    def ends(networks: Iterable[str], name: str) -> Ends | None:
        known = [found.characteristics[each][name] for each in networks if name in found.characteristics[each]]
        return (min(known), max(known)) if known else None

    rows = []
    for name, title in CALLED.items():
        # Beds are counted beside the residents.
        place = 0 if name == BEDS else CHARACTERISTICS.index(name)
        definition = definitions()[CHARACTERISTICS[place]]
        unit = "things" if name == BEDS else definition.unit
        own = found.characteristics[code].get(name)
        kept = found.kept[place]
        rows.append(
            MatchedBy(name, title, unit, definition, kept, own, ends(found.alike, name), ends(others, name))
        )
    return rows
