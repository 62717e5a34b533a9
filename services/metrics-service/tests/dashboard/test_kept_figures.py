"""Figures that were counted for a page are counted anew only when something has changed that they count."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from metrics_service.dashboard.kept_figures import KeptFigures, Wanted
from metrics_service.domain.facts.fact import Fact, Told
from metrics_service.domain.measures.reading import Reading
from metrics_service.domain.measures.span import Span
from metrics_service.facts.fold import fold
from metrics_service.measures.area import Area
from tandem.identity.organisations import PRACTICE

APRIL = Span(date(2020, 4, 1).toordinal(), date(2020, 4, 30).toordinal())
AREA = Area("A81001", PRACTICE, ("A81001",), ("A81001",))
WANTED = Wanted(
    Reading(
        {
            "id": "probe", "version": "1", "title": "Probe", "description": "Probe", "service": "PCN",
            "source": "none", "requirements": ["PCN-000"], "responsible": "network", "unit": "things",
            "numerator": {"fact": "meeting", "count": "things"},
        }
    ).definition(),
    AREA, APRIL,
)  # fmt: skip


async def tell(metrics: Any, source: str, fact: Fact) -> None:
    async with metrics.database.transaction() as connection:
        await fold(connection, [Told(source, 1, datetime(2020, 7, 1, tzinfo=UTC), None, (fact,))])


def meeting(day: date, kind: str = "meeting") -> Fact:
    return Fact(kind, day.toordinal(), organisation="A81001")


async def shown(metrics: Any, kept: KeptFigures, wanted: Wanted = WANTED) -> tuple[float, float]:
    """What it comes to, and when it was counted."""
    [found] = await kept.figures(metrics.kernel, [wanted], fresh=True)
    return found.figure.whole.numerator, found.at


async def test_what_cannot_change_it_leaves_it_as_it_is(metrics: Any) -> None:
    times = iter(range(1_000))
    kept = KeptFigures(now=lambda: float(next(times)))
    await tell(metrics, "m/1", meeting(date(2020, 4, 2)))
    first = await shown(metrics, kept)
    await tell(metrics, "m/2", meeting(date(2020, 5, 2)))
    await tell(metrics, "c/1", meeting(date(2020, 4, 2), "action"))
    assert await shown(metrics, kept) == first


async def test_what_changes_it_has_it_counted_anew(metrics: Any) -> None:
    kept = KeptFigures()
    await tell(metrics, "m/1", meeting(date(2020, 4, 2)))
    assert (await shown(metrics, kept))[0] == 1
    await tell(metrics, "m/2", meeting(date(2020, 4, 3)))
    assert (await shown(metrics, kept))[0] == 2
    async with metrics.database.transaction() as connection:
        gone = Told("m/2", 2, datetime(2020, 7, 2, tzinfo=UTC), None, (), deleted=True)
        await fold(connection, [gone])
    assert (await shown(metrics, kept))[0] == 1


async def test_another_area_is_another_figure(metrics: Any) -> None:
    kept = KeptFigures()
    await tell(metrics, "m/1", meeting(date(2020, 4, 2)))
    assert (await shown(metrics, kept))[0] == 1
    other = replace(WANTED, area=Area("A81002", PRACTICE, ("A81002",), ("A81002",)))
    assert (await shown(metrics, kept, other))[0] == 0
