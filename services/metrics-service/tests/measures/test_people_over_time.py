"""Who is registered where on a day, by the versions of their record."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from metrics_service.domain.facts.fact import Fact, Told
from metrics_service.domain.measures.reading import Reading
from metrics_service.domain.measures.span import Span
from metrics_service.facts.fold import FOREVER, fold
from metrics_service.measures.area import Area
from metrics_service.measures.evaluation import figures
from tandem.clock import to_micros
from tandem.identity.organisations import PRACTICE

REGISTERED = Reading(
    {
        "id": "probe", "version": "1", "title": "Probe", "description": "Probe", "service": "PCN", "source": "none",
        "requirements": ["PCN-000"], "responsible": "network", "unit": "people",
        "numerator": {"fact": "person", "when": "at-end"},
    }
).definition()  # fmt: skip


MEETINGS = Reading(
    {
        "id": "probe", "version": "1", "title": "Probe", "description": "Probe", "service": "PCN", "source": "none",
        "requirements": ["PCN-000"], "responsible": "network", "unit": "things",
        "numerator": {"fact": "meeting", "count": "things"},
    }
).definition()  # fmt: skip


async def registered(metrics: Any, practice: str, day: date, known: int | None = None) -> float:
    area = Area(practice, PRACTICE, (practice,), (practice,))
    span = Span(day.toordinal(), day.toordinal(), known)
    async with metrics.database.read() as connection:
        return (await figures(connection, [REGISTERED], area, span))[0].whole.numerator


async def moved(metrics: Any, events: Any, *order: int) -> None:
    """Registered with A81001 from 1 April, with A81002 from 10 April."""
    told = {
        1: ("A81001", events.resource("Patient", "p1", 1, "2020-04-01T09:00:00+01:00", "p1", birthDate="1940")),
        2: ("A81002", events.resource("Patient", "p1", 2, "2020-04-10T09:00:00+01:00", "p1", birthDate="1940")),
    }
    for number in order:
        practice, event = told[number]
        await metrics.execute("DELETE FROM patient WHERE id = 'p1'")
        await metrics.patient("p1", practice)
        await metrics.take(event)


@pytest.mark.parametrize("order", [(1, 2), (2, 1), (1, 2, 2, 1)])
async def test_who_moved_is_counted_where_they_were(metrics: Any, events: Any, order: tuple[int, ...]) -> None:
    await moved(metrics, events, *order)
    assert await registered(metrics, "A81001", date(2020, 4, 9)) == 1
    assert await registered(metrics, "A81002", date(2020, 4, 9)) == 0
    assert await registered(metrics, "A81001", date(2020, 4, 10)) == 0
    assert await registered(metrics, "A81002", date(2020, 4, 10)) == 1


async def test_before_the_move_was_known_they_were_still_there(metrics: Any, events: Any) -> None:
    await moved(metrics, events, 1, 2)
    ninth = to_micros(events.resource("Patient", "x", 1, "2020-04-09T12:00:00+01:00", None).time)
    assert await registered(metrics, "A81001", date(2020, 4, 20), ninth) == 1
    assert await registered(metrics, "A81002", date(2020, 4, 20), ninth) == 0


@pytest.mark.parametrize(
    "content",
    [{"active": False}, {"link": [{"other": {"reference": "Patient/p2"}, "type": "replaced-by"}]},
     {"deceasedDateTime": "2020-04-10"}, {"deceasedBoolean": True}],
)  # fmt: skip
async def test_who_left_died_or_was_merged_is_not_counted_after(metrics: Any, events: Any, content: Any) -> None:
    await metrics.patient("p1", "A81001")
    await metrics.take(events.resource("Patient", "p1", 1, "2020-04-01T09:00:00+01:00", "p1"))
    await metrics.take(events.resource("Patient", "p1", 2, "2020-04-10T09:00:00+01:00", "p1", **content))
    assert await registered(metrics, "A81001", date(2020, 4, 9)) == 1
    assert await registered(metrics, "A81001", date(2020, 4, 11)) == 0


async def test_a_deleted_record_is_not_counted_after(metrics: Any, events: Any) -> None:
    await metrics.patient("p1", "A81001")
    await metrics.take(events.resource("Patient", "p1", 1, "2020-04-01T09:00:00+01:00", "p1"))
    await metrics.take(events.resource("Patient", "p1", 2, "2020-04-10T09:00:00+01:00", "p1", deleted=True))
    assert await registered(metrics, "A81001", date(2020, 4, 11)) == 0


async def test_a_death_that_was_recorded_later_counts_from_its_day(metrics: Any, events: Any) -> None:
    await metrics.patient("p1", "A81001")
    await metrics.take(events.resource("Patient", "p1", 1, "2020-04-01T09:00:00+01:00", "p1"))
    await metrics.take(
        events.resource("Patient", "p1", 2, "2020-04-20T09:00:00+01:00", "p1", deceasedDateTime="2020-04-05")
    )
    assert await registered(metrics, "A81001", date(2020, 4, 4)) == 1
    assert await registered(metrics, "A81001", date(2020, 4, 10)) == 0
    tenth = to_micros(events.resource("Patient", "x", 1, "2020-04-10T12:00:00+01:00", None).time)
    assert await registered(metrics, "A81001", date(2020, 4, 10), tenth) == 1


async def test_who_is_known_only_as_gone_was_registered_until_that_was_written(metrics: Any, events: Any) -> None:
    await metrics.patient("p1", "A81001")
    await metrics.take(events.resource("Patient", "p1", 1, "2020-04-10T09:00:00+01:00", "p1", active=False))
    assert await registered(metrics, "A81001", date(2020, 4, 9)) == 1
    assert await registered(metrics, "A81001", date(2020, 4, 10)) == 0


@pytest.mark.parametrize("order", ["people first", "facts first", "between"])
async def test_a_thing_counts_where_the_person_was_that_day_whatever_came_first(
    metrics: Any, events: Any, order: str
) -> None:
    told = Told("m/1", 1, datetime(2020, 4, 2, tzinfo=UTC), "p1", tuple(
        Fact("meeting", date(2020, 4, day).toordinal()) for day in (9, 10)
    ))  # fmt: skip

    async def fact() -> None:
        async with metrics.database.transaction() as connection:
            await fold(connection, [told])

    if order == "facts first":
        await fact()
    await moved(metrics, events, 1)
    if order == "between":
        await fact()
    await moved(metrics, events, 2)
    if order == "people first":
        await fact()
    counted = {}
    for practice in ("A81001", "A81002"):
        area = Area(practice, PRACTICE, (practice,), (practice,))
        # As known now, and as known at a moment after everything: counted in two ways, the same.
        for known in (None, FOREVER - 1):
            span = Span(date(2020, 4, 1).toordinal(), date(2020, 4, 30).toordinal(), known)
            async with metrics.database.read() as connection:
                counted[practice, known] = (await figures(connection, [MEETINGS], area, span))[0].whole.numerator
    assert set(counted.values()) == {1}
