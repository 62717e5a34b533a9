"""The service report as a document: what counts as the network's position first, what does not apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from metrics_service.dashboard.showing import band, seen, shown
from metrics_service.dashboard.titles import SERVICES
from metrics_service.domain.london_days import day_at, written
from metrics_service.domain.measures.figure import Figure
from metrics_service.domain.measures.span import Span
from tandem.printing.blocks import Block, Table, Text

if TYPE_CHECKING:
    from metrics_service.service_report.report_operation import Reported

_COLUMNS: Final = ("Measure", "Figure", "Counted", "Target", "Who answers for it")
_MASKED: Final = (
    "One to seven people are not shown, and other numbers are rounded to the nearest five: the rule of NHS England's"
    " hospital statistics."
)


def report_blocks(reported: Sequence[Reported], period: Span, now: datetime, *, exact: bool) -> list[Block]:
    """Headings, tables and notes, in order."""
    found: list[Block] = [
        Text("p", f"{written(period.first)} to {written(period.last)}, counted on {written(day_at(now))}.")
    ]
    if not exact:
        found.append(Text("p", _MASKED))
    for each in reported:
        if len(reported) > 1:
            found.append(Text("h2", each.area.code))
        found += _of_area(each.figures, exact=exact)
    return found


def _of_area(figures: Sequence[Figure], *, exact: bool) -> Iterator[Block]:
    for code, name in SERVICES.items():
        own = [each for each in figures if each.definition.service == code]
        theirs = [each for each in own if each.definition.network_position]
        position = [each for each in theirs if each.definition.purpose == "performance"]
        learning = [each for each in theirs if each.definition.purpose == "improvement"]
        others = [each for each in own if not each.definition.network_position]
        for title, chosen in (
            (name, position),
            (f"{name}: to learn from, not to judge by", learning),
            (f"{name}: shown without saying that the network brought it about", others),
        ):
            if chosen:
                yield Text("h3", title)
                yield Table(_COLUMNS, tuple(_row(each, exact=exact) for each in chosen))


def _row(figure: Figure, *, exact: bool) -> tuple[str, ...]:
    definition = figure.definition
    part = seen(definition, figure.whole, exact=exact)
    cell = shown(definition, part, known=not figure.without_list_size)
    aim = band(definition, figure.target, cell.number)
    target = "" if aim is None else f"{aim.text}; {aim.position}" if aim.position else aim.text
    return (definition.title, cell.value, cell.counted, target, definition.responsible)
