"""Two transactions about one person at once, on PostgreSQL: neither waits, and nothing is missed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from careplan_service.clocks.due_timer import PersonIsHeld
from careplan_service.clocks.keep_clocks import LATER
from careplan_service.service import service
from tandem.database.connection import Connection, open_database
from tandem.identity.caller import Caller
from tandem_tests.prepared_databases import MigratedDatabase
from tandem_tests.questionnaire_responses import draft_plan
from tandem_tests.small_work import START, Said, SmallWork, event_of, written_event

PRACTICE = Caller("A00001")
PERSON = {"reference": "Patient/p1"}


async def agree(work: SmallWork) -> None:
    """The practice agrees a plan of its own."""
    goal = {"resourceType": "Goal", "id": "g1", "lifecycleStatus": "active", "subject": PERSON, "expressedBy": PERSON}
    await work.write(goal, PRACTICE)
    await work.write({**draft_plan("p1"), "id": "own", "status": "active"}, PRACTICE)


async def come_home(work: SmallWork) -> None:
    """The person comes back from hospital."""
    encounter = {
        "resourceType": "Encounter", "id": "e1", "status": "finished", "class": {"code": "IMP"},
        "period": {"start": "2020-06-25", "end": "2020-06-30"},
    }  # fmt: skip
    await work.hear(written_event(encounter, "p1"))


async def states(connection: Connection) -> dict[str, bool]:
    """Whether each clock that asks for the agreement is stopped, by its cause."""
    sql = "SELECT cause, stopped FROM plan_clock WHERE kind = 'agreed-within-seven-days'"
    return {row["cause"]: row["stopped"] is not None for row in await connection.fetch(sql)}


async def test_an_agreement_and_a_return_at_once_both_count(migrated_on_postgresql: MigratedDatabase) -> None:
    database = await open_database(migrated_on_postgresql(service), pool_size=4)
    data = {
        "cohort": "care-home-residents", "patient": "Patient/p1", "residency": "r1", "revision": 1, "evidence": [],
        "definition": "care-home-residents@3", "since": "2020-06-01",
    }  # fmt: skip
    async with database.transaction() as connection:
        await SmallWork(service, connection).hear(event_of(Said("tandem.cohort.entered", "r1/1", data, "p1")))

    async with database.transaction() as one:
        first = SmallWork(service, one)
        await agree(first)
        async with database.transaction() as other:
            second = SmallWork(service, other)
            await come_home(second)
            assert [kind for kind, _ in second.due] == [LATER], "it did not wait, and left it to be done later"
            timers = {key: due for key, due in first.due.items() if "refreshed" in key[1]}
            with pytest.raises(PersonIsHeld):
                await SmallWork(service, other, due=timers).pass_time(START + timedelta(days=400))

    async with database.transaction() as connection:
        assert await states(connection) == {"membership/r1": True}, "what is left to be done is not done yet"
        third = SmallWork(service, connection, due={(LATER, "p1/x"): (START, {"patient": "p1"})})
        await third.pass_time(START)
        assert await states(connection) == {"membership/r1": True, "Encounter/e1": True}
    await database.close()
