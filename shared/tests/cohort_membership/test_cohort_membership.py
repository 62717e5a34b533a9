"""Who is on which list, whatever order it is heard in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import MetaData

from tandem.cohort_membership.part import COHORT_MEMBERSHIP
from tandem.cohort_membership.queries import lists_of, members_of, on_list
from tandem.cohort_membership.tables import declare
from tandem.database.connection import Connection, open_database
from tandem.database.tables import declare_kernel_tables
from tandem.identity.access import visible_of_person
from tandem.identity.caller import Caller
from tandem.service import Service
from tandem_tests.own_tables import create_tables
from tandem_tests.small_work import Said, SmallWork, event_of

NOW = 1_600_000_000_000_000


@dataclass(frozen=True, slots=True)
class Word:
    """One event: an entering with `since`, or a leaving with `until`."""

    revision: int
    left: bool
    day: date
    residency: str = "residency-1"
    cohort: str = "moderate-frailty"
    patient: str = "1"

    def said(self) -> Said:
        data: dict[str, Any] = {
            "cohort": self.cohort, "patient": f"Patient/{self.patient}", "residency": self.residency,
            "revision": self.revision, "definition": f"{self.cohort}|{self.revision}",
            "until" if self.left else "since": self.day.isoformat(),
        }  # fmt: skip
        kind = "tandem.cohort.left" if self.left else "tandem.cohort.entered"
        return Said(kind, f"{self.residency}/{self.revision}", data, self.patient)


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[Connection]:
    """One open transaction of a service that has heard of nobody."""
    metadata = MetaData()
    declare_kernel_tables(metadata)
    declare(metadata)
    database = await open_database(database_url, pool_size=2)
    async with database.transaction() as connection:
        await create_tables(connection, metadata)
        yield connection
    await database.close()


async def hear(connection: Connection, *words: Word) -> None:
    work = SmallWork(Service("a-service", (), MetaData(), ""), connection)
    for word in words:
        said = word.said()
        for listener in COHORT_MEMBERSHIP.listeners:
            if said.kind in listener.kinds:
                await listener.handler(event_of(said), work)


async def rows(connection: Connection) -> list[dict[str, Any]]:
    return [dict(row) for row in await connection.fetch("SELECT * FROM cohort_member ORDER BY residency")]


ENTERED = Word(1, False, date(2020, 3, 1))
LEFT = Word(2, True, date(2020, 6, 1))


@pytest.mark.parametrize("words", [(ENTERED, LEFT), (LEFT, ENTERED)])
async def test_a_membership_runs_from_its_first_day_to_before_its_end(
    connection: Connection, words: Sequence[Word]
) -> None:
    await hear(connection, *words)
    days = ("2020-02-29", "2020-03-01", "2020-05-31", "2020-06-01")
    on = [await on_list(connection, "moderate-frailty", "1", date.fromisoformat(day)) for day in days]
    assert on == [False, True, True, False]


async def test_a_leaving_heard_alone_puts_nobody_on_a_list(connection: Connection) -> None:
    await hear(connection, LEFT)
    assert await lists_of(connection, "1", date(2020, 5, 1)) == set()
    assert not await on_list(connection, "moderate-frailty", "1", date(2020, 5, 1))


async def test_the_lists_of_a_person_and_of_nobody_else(connection: Connection) -> None:
    other = Word(1, False, date(2020, 4, 1), "residency-2", "smr-polypharmacy")
    somebody_else = Word(1, False, date(2020, 4, 1), "residency-3", "end-of-life", "2")
    await hear(connection, ENTERED, other, somebody_else)
    assert await lists_of(connection, "1", date(2020, 3, 31)) == {"moderate-frailty"}
    assert await lists_of(connection, "1", date(2020, 4, 1)) == {"moderate-frailty", "smr-polypharmacy"}
    assert not await on_list(connection, "end-of-life", "1", date(2020, 4, 1))


async def test_a_later_stay_is_another_membership(connection: Connection) -> None:
    again = Word(1, False, date(2020, 8, 1), "residency-2")
    await hear(connection, again, LEFT, ENTERED)
    days = ("2020-05-31", "2020-07-31", "2020-08-01")
    on = [await on_list(connection, "moderate-frailty", "1", date.fromisoformat(day)) for day in days]
    assert on == [True, False, True]


async def test_evidence_withdrawn_leaves_no_day_on_the_list(connection: Connection) -> None:
    await hear(connection, ENTERED, Word(2, True, ENTERED.day))
    assert not await on_list(connection, "moderate-frailty", "1", ENTERED.day)


async def test_the_members_that_a_caller_may_see(connection: Connection) -> None:
    second = Word(1, False, date(2020, 4, 1), "residency-2", patient="2")
    await hear(connection, ENTERED, second)
    await connection.execute(
        "INSERT INTO access (patient, organisation, reason, starts, ends) VALUES ('2', 'A81001', 'registered', 0, $1)",
        NOW + 1,
    )
    params: list[Any] = []
    condition = members_of("m", params, "moderate-frailty", date(2020, 4, 1))
    seen = visible_of_person(Caller("A81001"), "m", params, NOW, resource_type="List")
    found = await connection.fetch(f"SELECT m.patient FROM cohort_member m WHERE {condition} AND {seen}", *params)
    assert [row["patient"] for row in found] == ["2"]


_DAYS = st.dates(date(2020, 1, 1), date(2020, 12, 31))
_HISTORIES = st.lists(st.tuples(st.booleans(), _DAYS), min_size=1, max_size=6).map(
    lambda said: [Word(number, left, day) for number, (left, day) in enumerate(said, start=1)]
)


@st.composite
def _histories_in_disorder(draw: st.DrawFn) -> tuple[list[Word], list[Word]]:
    history = draw(_HISTORIES)
    repeated = draw(st.lists(st.sampled_from(history), max_size=3))
    return history, draw(st.permutations(history + repeated))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_histories_in_disorder())
async def test_any_order_and_any_repetition_leaves_the_same(
    connection: Connection, heard: tuple[list[Word], list[Word]]
) -> None:
    history, disorder = heard
    await connection.execute("DELETE FROM cohort_member")
    await hear(connection, *disorder)
    last = history[-1]
    enterings = [word for word in history if not word.left]
    assert await rows(connection) == [
        {
            "residency": last.residency, "cohort": last.cohort, "patient": last.patient, "revision": last.revision,
            "since": enterings[-1].day.isoformat() if enterings else None,
            "until": last.day.isoformat() if last.left else None,
            "entered": enterings[-1].revision if enterings else 0, "definition": f"{last.cohort}|{last.revision}",
        }
    ]  # fmt: skip
