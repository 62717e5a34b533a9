"""Figures that were counted for a page are counted anew only when something has changed that they count."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from metrics_service.dashboard.kept_figures import KeptFigures, Wanted
from metrics_service.domain.facts.fact import Fact, Told
from metrics_service.domain.measures.reading import Reading
from metrics_service.domain.measures.span import Span
from metrics_service.facts.changes import changes_so_far
from metrics_service.facts.fold import fold
from metrics_service.measures.area import Area
from metrics_service.measures.narrowed import Narrowed
from metrics_service.measures.shipped import definitions
from tandem.fhir.body import encode
from tandem.fhir.request import FhirRequest
from tandem.fhir.routes import Routes
from tandem.identity.caller import ALL_LETTERS, Caller
from tandem.identity.organisations import NETWORK, PRACTICE

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


async def test_who_moves_to_another_home_is_counted_there(metrics: Any) -> None:
    """A stay is none of what the measure counts, and says in which home a thing happened."""
    kept = KeptFigures()
    of_a_home = replace(WANTED, area=replace(AREA, narrowed=Narrowed(home="VH1")))
    async with metrics.database.transaction() as connection:
        told = Told("m/1", 1, datetime(2020, 7, 1, tzinfo=UTC), "p", (meeting(date(2020, 4, 2)),))
        await fold(connection, [told])
    await metrics.execute(
        "INSERT INTO told_person (patient, version, practice, starts, ends, known_from, known_until)"
        " VALUES ('p', 1, 'A81001', 0, 4000000, 0, $1)", 2**62,
    )  # fmt: skip
    await metrics.execute("UPDATE told_fact SET practice = 'A81001'")
    assert (await shown(metrics, kept, of_a_home))[0] == 0
    stay = Fact("care-home-stay", date(2020, 4, 1).toordinal(), place="VH1")
    async with metrics.database.transaction() as connection:
        await fold(connection, [Told("s/1", 1, datetime(2020, 7, 1, tzinfo=UTC), "p", (stay,))])
    assert (await shown(metrics, kept, of_a_home))[0] == 1


async def test_a_measure_that_is_set_to_other_lists_is_counted_anew(metrics: Any) -> None:
    definition = next(each for each in definitions().values() if each.groups)
    wanted = replace(WANTED, definition=definition)
    await metrics.organisation("U12345", NETWORK)
    async with metrics.database.read() as connection:
        before = wanted.stamp(await changes_so_far(connection))
    said = {"list": "care-home-residents", "from": "2020-07-31", "reason": "They are seen first"}
    body = {"resourceType": "Parameters", "parameter": [
        {"name": name, ("valueDate" if name == "from" else "valueString"): value} for name, value in said.items()
    ]}  # fmt: skip
    caller = Caller("U12345", scopes={"*": ALL_LETTERS})
    asked = FhirRequest(
        "POST", f"Measure/{definition.id}/$groups", "", {}, encode(body), metrics.kernel.base, "request", "correlation",
        caller,
    )  # fmt: skip
    answer = await Routes(metrics.kernel).answer(asked)
    assert answer.status == 200, answer.body
    async with metrics.database.read() as connection:
        assert wanted.stamp(await changes_so_far(connection)) > before
