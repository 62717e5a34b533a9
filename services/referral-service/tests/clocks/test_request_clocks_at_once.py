"""A write of a request and the timer of its clock at once, on PostgreSQL: the timer does not wait, and comes again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from referral_service.clocks.due_timer import RequestIsHeld
from referral_service.clocks.keep_clock import start_clock, stop_clock
from referral_service.domain.clocks.request_clock import Clock
from referral_service.service import service
from tandem.clocks.event_kinds import BREACHED
from tandem.database.connection import open_database
from tandem.identity.caller import Caller
from tandem_tests.prepared_databases import MigratedDatabase
from tandem_tests.small_work import START, SmallWork

RECORD = {
    "resourceType": "ServiceRequest", "id": "s1", "status": "active", "intent": "order",
    "subject": {"reference": "Patient/p1"},
}  # fmt: skip
HOUR = timedelta(hours=1)
CLOCK = Clock("s1", "two-hour-response", "p1", START, START + 2 * HOUR, "two-hour-response@1")


async def test_a_timer_leaves_a_request_that_is_being_written_and_comes_again(
    migrated_on_postgresql: MigratedDatabase,
) -> None:
    database = await open_database(migrated_on_postgresql(service), pool_size=4)
    async with database.transaction() as connection:
        work = SmallWork(service, connection)
        await work.write(RECORD, Caller("A00001"))
        await start_clock(work, CLOCK)
        due = work.due
    async with database.transaction() as one:
        await stop_clock(SmallWork(service, one), "s1", CLOCK.kind, START + HOUR, "seen")
        with pytest.raises(RequestIsHeld):
            async with database.transaction() as other:
                await SmallWork(service, other, due=dict(due)).pass_time(START + 3 * HOUR)
    async with database.transaction() as other:
        again = SmallWork(service, other, due=dict(due))
        await again.pass_time(START + 3 * HOUR)
        assert again.of(BREACHED) == [], "it was stopped meanwhile"
    await database.close()


async def test_two_writers_of_one_clock_come_one_after_the_other(migrated_on_postgresql: MigratedDatabase) -> None:
    database = await open_database(migrated_on_postgresql(service), pool_size=4)
    async with database.transaction() as connection:
        work = SmallWork(service, connection)
        await work.write(RECORD, Caller("A00001"))
        await start_clock(work, CLOCK)
    async with database.transaction() as one:
        await stop_clock(SmallWork(service, one), "s1", CLOCK.kind, START + HOUR, "seen")
        async with database.transaction() as other:
            await other.execute("SET LOCAL lock_timeout = '100ms'")
            with pytest.raises(Exception, match="LockNotAvailable"):
                await stop_clock(SmallWork(service, other), "s1", CLOCK.kind, START + 3 * HOUR, "seen again")
    async with database.read() as connection:
        assert await connection.fetchval("SELECT revision FROM request_clock") == 2
    await database.close()
