"""What an overview would wait for is counted before somebody asks; an erasure has every figure counted again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from metrics_service.dashboard.counting_ahead import turn
from metrics_service.dashboard.kept_figures import OLDEST, SOON, KeptFigures, Wanted, kept_of
from metrics_service.dashboard.overview_figures import due_on, of_an_overview, of_homes
from metrics_service.dashboard.overviews_read import lately_read, note_read
from metrics_service.dashboard.peers import Peers
from metrics_service.dashboard.periods import year_so_far
from metrics_service.domain.facts.fact import Fact, Told
from metrics_service.domain.measures.reading import Reading
from metrics_service.domain.measures.span import Span
from metrics_service.facts.fold import fold
from metrics_service.measures.area import Area
from tandem.database.connection import StatementTimedOut
from tandem.identity.organisations import PRACTICE

TODAY = date(2020, 7, 31)
AREA = Area("A81001", PRACTICE, ("A81001",), ("A81001",))
APRIL = Span(date(2020, 4, 1).toordinal(), date(2020, 4, 30).toordinal())
SHAPE = {
    "id": "probe", "version": "1", "title": "Probe", "description": "Probe", "service": "PCN", "source": "none",
    "requirements": ["PCN-000"], "responsible": "network", "unit": "things",
    "numerator": {"fact": "meeting", "count": "things"},
}  # fmt: skip
WANTED = Wanted(Reading(SHAPE).definition(), AREA, APRIL)


class Resting:
    """Rests at once, and knows for how long it should have."""

    def __init__(self) -> None:
        self.rests: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.rests.append(seconds)


async def meeting(metrics: Any, source: str) -> None:
    told = Told(
        source, 1, datetime(2020, 7, 1, tzinfo=UTC), None,
        (Fact("meeting", date(2020, 4, 2).toordinal(), organisation="A81001"),),
    )  # fmt: skip
    async with metrics.database.transaction() as connection:
        await fold(connection, [told])


async def test_an_overview_that_is_read_is_counted_for_the_next_day(metrics: Any) -> None:
    kernel, rest = metrics.kernel, Resting()
    assert await turn(kernel, rest) == 0, "nobody has read any"
    await note_read(kernel.database, AREA, TODAY)
    counted = await turn(kernel, rest)
    assert counted == 2 * len(due_on(TODAY)), "the year so far, and the year before"
    assert len(rest.rests) == 2, "it rests after each group"
    assert await turn(kernel, rest) == 0, "all of it is there"
    metrics.clock.set(metrics.clock.now() + timedelta(days=1))
    assert await turn(kernel, rest) > 0, "a new day has figures of its own"
    metrics.clock.set(metrics.clock.now() + timedelta(days=20))
    assert await turn(kernel, rest) == 0, "nobody reads it any more"


async def test_the_homes_of_an_overview_that_is_read_are_counted_together_with_it(metrics: Any) -> None:
    kernel, homes = metrics.kernel, ("VH1", "VH2")
    await metrics.execute(
        "INSERT INTO told_person (patient, version, practice, starts, ends, known_from, known_until)"
        " VALUES ('p1', 1, 'A81001', 0, 4000000, 0, $1)", 2**62,
    )  # fmt: skip
    since = date(2020, 4, 2).toordinal()
    stays = [
        Told(f"EpisodeOfCare/{home}", 1, datetime(2020, 7, 1, tzinfo=UTC), "p1",
             (Fact("care-home-stay", since, place=home),))
        for home in homes
    ]  # fmt: skip
    async with metrics.database.transaction() as connection:
        await fold(connection, stays)
    await note_read(kernel.database, AREA, TODAY)
    of_one_home = [each for each in due_on(TODAY) if each.of_one_home]
    assert await turn(kernel, Resting()) == 2 * len(due_on(TODAY)) + len(of_one_home)
    asked = of_homes(of_one_home, AREA, homes, year_so_far(TODAY))
    assert asked
    assert await kept_of(kernel).count_ahead(kernel, asked, Resting()) == 0, "all of it is there"


async def test_an_overview_that_takes_too_long_does_not_keep_the_others_waiting(
    metrics: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel, kept = metrics.kernel, kept_of(metrics.kernel)
    count_ahead = kept.count_ahead

    async def too_long_for_one(kernel: Any, wanted: Sequence[Wanted], rest: Any) -> int:
        if wanted[0].area.code == AREA.code:
            raise StatementTimedOut
        return await count_ahead(kernel, wanted, rest)

    monkeypatch.setattr(kept, "count_ahead", too_long_for_one)
    await note_read(kernel.database, AREA, TODAY)
    await note_read(kernel.database, replace(AREA, code="A81002"), TODAY)
    assert [each.organisation for each in await lately_read(kernel.database, TODAY)] == ["A81001", "A81002"]
    assert await turn(kernel, Resting()) == 2 * len(due_on(TODAY)), "those of the second"


async def test_who_is_read_is_noted_once_a_day(metrics: Any) -> None:
    database = metrics.database
    await note_read(database, AREA, TODAY)
    await note_read(database, AREA, TODAY)
    await note_read(database, Area("A81002", PRACTICE, ("A81002",), ("A81002",)), TODAY - timedelta(days=3))
    await note_read(database, AREA, TODAY + timedelta(days=1))
    assert [each.organisation for each in await lately_read(database, TODAY + timedelta(days=1))] == [
        "A81001", "A81002",
    ]  # fmt: skip
    assert [each.organisation for each in await lately_read(database, TODAY + timedelta(days=12))] == ["A81001"]


async def test_what_has_changed_is_counted_before_a_page_has_to_wait(metrics: Any) -> None:
    now = 1_000.0
    kept, rest = KeptFigures(now=lambda: now), Resting()
    assert await kept.count_ahead(metrics.kernel, [WANTED], rest) == 1
    await meeting(metrics, "m/1")
    assert await kept.count_ahead(metrics.kernel, [WANTED], rest) == 0, "it may be shown for a while"
    now += OLDEST - SOON
    assert await kept.count_ahead(metrics.kernel, [WANTED], rest) == 1
    [found] = await kept.figures(metrics.kernel, [WANTED])
    assert found.figure.whole.numerator == 1
    assert found.at == now, "nothing was left for the page to count"


async def test_after_an_erasure_no_figure_from_before_is_shown(metrics: Any) -> None:
    kept = KeptFigures()
    await meeting(metrics, "m/1")
    [before] = await kept.figures(metrics.kernel, [WANTED])
    await metrics.execute("DELETE FROM told_fact")
    [still] = await kept.figures(metrics.kernel, [WANTED])
    assert still == before, "nobody said that anything has changed"
    await metrics.execute("INSERT INTO erasure (digest, at, removed) VALUES ('00ff', 1, '{}')")
    [after] = await kept.figures(metrics.kernel, [WANTED])
    assert (before.figure.whole.numerator, after.figure.whole.numerator) == (1, 0)


async def test_pages_and_what_counts_ahead_share_the_figures_of_one_database(metrics: Any) -> None:
    assert kept_of(metrics.kernel) is kept_of(metrics.kernel)
    period = year_so_far(TODAY)
    wanted = of_an_overview(due_on(TODAY)[:3], AREA, Peers("", None, {}), period)
    assert await kept_of(metrics.kernel).count_ahead(metrics.kernel, wanted, Resting()) == 6
    found = await kept_of(metrics.kernel).figures(metrics.kernel, wanted)
    assert len(found) == 6
