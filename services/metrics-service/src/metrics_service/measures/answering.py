"""Which organisations answer for a figure: by what its definition says, those of the area or those that it counts."""

from __future__ import annotations

from typing import Final

from metrics_service.domain.measures.definition import Definition
from metrics_service.domain.measures.figure import Figure
from metrics_service.measures.area import Area

_BY_ORGANISATION: Final = "organisation"
_NOBODY: Final = ""
_OF_AREA: Final = ("practice", "network", "commissioner")


def named_by_stratum(definition: Definition) -> bool:
    """Whether only the figure's own strata say which organisations answer for it."""
    return definition.responsible not in _OF_AREA and _BY_ORGANISATION in definition.stratifiers


def answering(figure: Figure, area: Area) -> tuple[str, ...]:
    """Codes. Of a provider, hospital or care home those that the figure names by its stratum `organisation`, or the one
    provider or home that was asked for; () where none of that kind is known.
    """
    of_area = {"practice": area.practices, "network": area.networks, "commissioner": area.commissioners}
    named = of_area.get(figure.definition.responsible)
    if named is not None:
        return named
    asked = area.narrowed.home if figure.definition.responsible == "care-home" else area.narrowed.provider
    if asked is not None:
        return (asked,)
    return tuple(sorted(code for code in figure.strata.get(_BY_ORGANISATION, {}) if code != _NOBODY))
