"""What a network has to do, as measures that say nothing of how well it does it: by these, networks are matched
(PCN-058)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from metrics_service.domain.measures.figure import Figure, value_of
from metrics_service.domain.suppression import shown_part

CHARACTERISTICS: Final = ("care-home-residents-per-thousand", "people-aged-75-and-over", "rural-population")
"""Measures, by their ids."""
BEDS: Final = "beds"
"""Counted beside the first of them."""
CALLED: Final[Mapping[str, str]] = {
    CHARACTERISTICS[0]: "Care home residents per 1,000 registered people", BEDS: "Beds in care homes",
    CHARACTERISTICS[1]: "People aged 75 and over", CHARACTERISTICS[2]: "People who live in rural places",
}  # fmt: skip


def characteristics_of(figures: Sequence[Figure], *, exact: bool) -> dict[str, float]:
    """By name, from the figures of CHARACTERISTICS in their order; what is hidden or not known is left out."""
    values = {}
    for each in figures:
        part = each.whole if exact or not each.definition.suppressed else shown_part(each.whole, share=True)
        value = value_of(each.definition, part) if part is not None and not each.without_list_size else None
        if value is not None:
            values[each.definition.id] = value
    values[BEDS] = figures[0].others[BEDS].numerator
    return values
