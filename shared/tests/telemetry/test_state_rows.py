"""What the statements behind a state count, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tandem.clock import SettableClock, to_micros
from tandem.database.connection import Connection, Database, open_database
from tandem.database.migrate import migrate
from tandem.events.due import schedule
from tandem.events.lag import taken
from tandem.events.outbox import Entry, append
from tandem.events.realtime import SECOND
from tandem.events.sequencer import sequence
from tandem.fhir.job_table import insert_job
from tandem.identity.periods import FOREVER
from tandem.ids import RandomIds
from tandem.runtime.services import declared_service
from tandem.telemetry.problems import problems_of
from tandem.telemetry.state import Flow, Jobs, Leading, State
from tandem.telemetry.state_reader import Pooled, StateReader

NOW = datetime(2020, 7, 1, 9, tzinfo=UTC)
CLOCK = """
INSERT INTO plan_clock (cause, kind, plan, patient, policy, starts, due, settled)
VALUES ($1, $2, '', 'p', 'x', 0, $3, $4)
"""


async def opened(database_url: str) -> tuple[Database, StateReader]:
    service = declared_service("careplan-service")
    await migrate(service, database_url)
    database = await open_database(database_url, pool_size=2)
    clock = SettableClock(NOW)
    return database, StateReader(service, database, clock, RandomIds(), "here", now=lambda: 100 * SECOND)


async def fill(connection: Connection) -> None:
    for number, ago in enumerate((90, 30)):
        at = to_micros(NOW - timedelta(seconds=ago))
        assert await append(connection, Entry(f"e-{number}", "tandem.tried.said", at))
    for cause, kind, due, settled in (
        ("a", "review", NOW - timedelta(days=1), FOREVER), ("b", "review", NOW - timedelta(days=2), FOREVER),
        ("c", "review", NOW + timedelta(days=1), FOREVER), ("d", "plan", NOW - timedelta(days=1), to_micros(NOW)),
    ):  # fmt: skip
        await connection.execute(CLOCK, cause, kind, to_micros(due), settled)
    await schedule(connection, "tandem.tried.due", "k", NOW - timedelta(seconds=75), {})
    await schedule(connection, "tandem.tried.due", "later", NOW + timedelta(seconds=75), {})
    for number in range(2):
        await insert_job(connection, f"j-{number}", "report", "A81001", b"", b"", 0)
    await connection.execute("UPDATE job SET state = 'running', done = 3, total = 10 WHERE id = 'j-0'")
    leases = (("relay", "here", 110), ("due", "there", 110), ("follow:x", "here", 20), ("pruning", "here", 1),
              ("given-up", "", 0))  # fmt: skip
    for name, holder, until in leases:
        await connection.execute(
            "INSERT INTO lease (name, holder, until) VALUES ($1, $2, $3)", name, holder, until * SECOND
        )


async def test_what_waits_is_counted_with_its_age(database_url: str) -> None:
    database, reader = await opened(database_url)
    async with database.transaction() as connection:
        await fill(connection)
    async with database.read() as connection:
        state = await reader.of_connection(connection, await taken(connection))
    assert (state.outbox, state.outbox_seconds) == (2, 90.0)
    assert (state.late_timers, state.late_timers_seconds) == (1, 75.0)
    assert state.overdue_clocks == {"review": 2}
    assert state.jobs == [Jobs("report", "queued", 1, 0, 0), Jobs("report", "running", 1, 3, 10)]
    assert state.leases == [
        Leading("due", False, 10.0), Leading("follow:x", True, -80.0), Leading("relay", True, 10.0)
    ]  # fmt: skip
    assert state.migration == state.newest_migration
    whole = await reader.state(0.0)
    assert (whole.pool is not None) == isinstance(database, Pooled) == (database.dialect == "postgresql")
    assert whole.pool is None or (whole.pool.limit, whole.pool.waiting) == (2, 0)
    await database.close()


async def test_what_has_a_position_waits_until_it_is_relayed(database_url: str) -> None:
    database, reader = await opened(database_url)
    async with database.transaction() as connection:
        await fill(connection)
    async with database.transaction() as connection:
        assert await sequence(connection, 100) == 2
        await connection.execute("INSERT INTO cursor (name, position, at) VALUES ('relay', 1, 0)")
    async with database.read() as connection:
        state = await reader.of_connection(connection, await taken(connection))
    assert (state.outbox, state.outbox_seconds, state.position, state.relayed) == (1, 30.0, 2, 1)
    await database.close()


def state_with(**more: object) -> State:
    return State("mdt-service", "1", "0007", "0007", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (state_with(), []),
        (state_with(outbox=5, outbox_seconds=59.0), []),
        (state_with(outbox=5, outbox_seconds=61.0), ["5 events wait to be published, the oldest for 61 s"]),
        (state_with(inbox=[Flow("cohort-service", 3, 30.0), Flow("referral-service", None, None)]), []),
        (state_with(inbox=[Flow("cohort-service", 3, 70.0)]), ["it is 3 events and 70 s behind cohort-service"]),
        (state_with(leases=[Leading("relay", False, -30.0), Leading("due", True, -61.0)]),
         ["nobody has held the lease due for 61 s"]),
        (state_with(loops={"relay": False, "due": True}), ["its background task relay has ended"]),
        (State("mdt-service", "1", "0006", "0007"), ["its database has schema 0006, its release 0007"]),
    ],
)  # fmt: skip
def test_what_is_stuck(state: State, said: list[str]) -> None:
    assert [problem.what for problem in problems_of(state)] == said
