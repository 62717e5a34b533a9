"""kill -9 while cohort-service catches up with a load: afterwards the lists are those of a full evaluation, and the
events tell how they came about, each exactly once."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

from tandem.clock import LONDON
from tandem.database.connection import Database, open_database
from tandem.demo.client import FhirClient
from tandem.events.follower_cursor import BATCH, cursor_name
from tandem.events.realtime import SECOND, now_micros
from tandem.synth import generate
from tandem_tests.list_story import check_lists
from tandem_tests.loopback import http_client
from tandem_tests.running import EmbeddedTandem, ServiceTandem, TandemProcess

PATIENTS, KILLS = 240, 3
FOLLOWER = cursor_name("facts")


class Follower:
    """What the test sees of the follower of one database, and does to its lease."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def place(self) -> int:
        """The position up to which it has taken the log."""
        return await self._number("SELECT COALESCE((SELECT position FROM cursor WHERE name = $1), 0)", FOLLOWER)

    async def head(self) -> int:
        """The position up to which it will, once the relay has given all of them."""
        return await self._number("SELECT MAX(position) FROM event_position")

    async def gets_no_further_than(self, limit: int) -> None:
        """Once a batch that it commits ends at `limit` or behind it, another process takes over."""
        async with self._database.transaction() as connection:
            await connection.execute("UPDATE follower_limit SET position = $1", limit)

    async def heeds_a_limit(self) -> None:
        """Have the database watch its place; the lease changes hands in the very transaction that passes the limit."""
        lease = f"UPDATE lease SET holder = 'another', until = {_in_an_hour()} WHERE name = '{FOLLOWER}';"
        passed = f"NEW.name = '{FOLLOWER}' AND NEW.position >= (SELECT position FROM follower_limit)"
        async with self._database.transaction() as connection:
            await connection.execute("CREATE TABLE follower_limit (position BIGINT)")
            await connection.execute("INSERT INTO follower_limit (position) VALUES (0)")
            if connection.dialect == "sqlite":
                for event in ("INSERT", "UPDATE"):
                    await connection.execute(
                        f"CREATE TRIGGER limit_on_{event} AFTER {event} ON cursor WHEN {passed} BEGIN {lease} END"
                    )
                return
            await connection.execute(
                "CREATE FUNCTION heed_limit() RETURNS trigger LANGUAGE plpgsql AS"
                f" $body$ BEGIN IF {passed} THEN {lease} END IF; RETURN NULL; END $body$"
            )
            await connection.execute(
                "CREATE TRIGGER heed_limit AFTER INSERT OR UPDATE ON cursor FOR EACH ROW EXECUTE FUNCTION heed_limit()"
            )

    async def held_off(self) -> None:
        """Another process takes over, for an hour, and does nothing."""
        until = _in_an_hour()
        async with self._database.transaction() as connection:
            await connection.execute(
                "INSERT INTO lease (name, holder, until) VALUES ($1, 'another', $2) ON CONFLICT (name)"
                " DO UPDATE SET holder = excluded.holder, until = excluded.until", FOLLOWER, until,
            )  # fmt: skip

    async def let_go(self) -> None:
        """Nobody holds the lease: what held it is dead, and need not be waited for."""
        async with self._database.transaction() as connection:
            await connection.execute("DELETE FROM lease WHERE name = $1", FOLLOWER)

    async def sequenced(self) -> bool:
        """Whether everything committed has its position."""
        return await self._number("SELECT COUNT(*) FROM outbox") == 0

    async def check(self) -> int:
        async with self._database.read() as connection:
            return await check_lists(connection, datetime.now(LONDON).date())

    async def _number(self, sql: str, *params: object) -> int:
        async with self._database.read() as connection:
            found: int = await connection.fetchval(sql, *params)
            return found


def _in_an_hour() -> int:
    return now_micros() + 3600 * SECOND


def network(folder: Path) -> bytes:
    """A synthetic network as NDJSON."""
    generate(PATIENTS, 2, 0, folder)
    return b"".join(path.read_bytes() for path in sorted(folder.glob("*.ndjson")))


async def load_and_kill(system: EmbeddedTandem | ServiceTandem, url: str, process: TandemProcess, folder: Path) -> None:
    """Load a network while nobody follows; let the follower go, and kill its process each time it has gone on."""
    ndjson = await asyncio.to_thread(network, folder)
    database = await open_database(url, pool_size=1)
    follower = Follower(database)
    try:
        async with http_client() as http:
            client = FhirClient(http, system.url, system.token("T0001", operator=True))
            await follower.held_off()
            await client.ingest(ndjson)
            async with asyncio.timeout(300):
                while not await follower.sequenced():
                    await asyncio.sleep(0.02)
            await follower.heeds_a_limit()
            share = await follower.head() // (KILLS + 1)
            assert share > BATCH, "each kill is to find something behind the batch in which it comes"
            for number in range(1, KILLS + 1):
                await follower.gets_no_further_than(number * share)
                await kill_on_the_way(follower, process)
            await follower.gets_no_further_than(2 * await follower.head())
            await follower.let_go()
            await client.caught_up()
        assert await follower.check() > PATIENTS // 3
    finally:
        await database.close()


async def kill_on_the_way(follower: Follower, process: TandemProcess) -> None:
    """Kill once the follower has taken another batch, long before it could have taken all, and start again."""
    before = await follower.place()
    await follower.let_go()
    async with asyncio.timeout(300):
        while await follower.place() == before:
            await asyncio.sleep(0.002)
    await asyncio.to_thread(process.kill)
    assert before < await follower.place() < await follower.head()
    process.start()
    await asyncio.to_thread(process.wait_ready)


async def test_one_process(tmp_path: Path) -> None:
    system = EmbeddedTandem(tmp_path / "embedded")
    system.start()
    try:
        url = f"sqlite:///{tmp_path}/embedded/cohort-service.sqlite"
        await load_and_kill(system, url, system.process, tmp_path / "network")
    finally:
        system.stop()


async def test_a_process_of_its_own(services: ServiceTandem, tmp_path: Path) -> None:
    name = "cohort-service"
    await load_and_kill(services, services.databases[name], services.processes[name], tmp_path / "network")
