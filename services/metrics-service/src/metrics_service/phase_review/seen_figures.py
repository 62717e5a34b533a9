"""Figures as whoever asks for a review may see them, and what they are divided by."""

from __future__ import annotations

from dataclasses import replace

from metrics_service.domain.measures.definition import Definition
from metrics_service.domain.measures.figure import Figure
from metrics_service.domain.measures.span import Span
from metrics_service.domain.suppression import shown_part
from metrics_service.measures.area import Area
from metrics_service.measures.list_sizes import list_sizes
from tandem.database.connection import Connection


def seen_figure(figure: Figure | None, exact: bool) -> Figure | None:
    """The figure as the caller may see it."""
    if figure is None or exact or not figure.definition.suppressed:
        return figure
    part = shown_part(figure.whole, share=figure.definition.is_share)
    return None if part is None else replace(figure, whole=part)


async def denominator_of(
    connection: Connection, definition: Definition, area: Area, span: Span, seen: Figure | None
) -> float | None:
    """What a figure is divided by: the list of all practices, None where one is not known; else what is seen of it."""
    which = definition.denominator
    if which in ("list-size", "weighted-list"):
        sizes = await list_sizes(connection, area.practices, span, which)
        return sum(sizes.values()) if len(sizes) == len(area.practices) else None
    return seen.whole.denominator if seen is not None else None
