"""The figure of all together: of the organisation of a home, or of the network or area around an organisation."""

from __future__ import annotations

from dataclasses import dataclass

from metrics_service.dashboard.asking import Asked
from metrics_service.dashboard.building import Building
from metrics_service.dashboard.kept_figures import Kept, Wanted
from metrics_service.dashboard.periods import Period
from metrics_service.dashboard.showing import seen
from metrics_service.domain.measures.definition import Definition
from metrics_service.domain.measures.figure import Part


@dataclass(frozen=True, slots=True)
class Around:
    """Whose it is, and what may be seen of it (None: hidden)."""

    code: str
    part: Part | None
    kept: Kept


async def figure_around(
    building: Building, asked: Asked, definition: Definition, period: Period, *, hidden: bool
) -> Around | None:
    """Of a home's organisation as the reader sees it, of the network or area of others as those see it who do not care
    for its people; None where there is none. `hidden`: the page of a home's organisation hides it."""
    area, exact = asked.whole.area, asked.exact
    if asked.home is None:
        peers = await building.peers(asked)
        if peers.around is None:
            return None
        area, exact = peers.around, False
    [kept] = await asked.figures([Wanted(definition, area, period.span)])
    part = None if hidden else seen(definition, kept.figure.whole, exact=exact)
    return Around(area.code, part, kept)
