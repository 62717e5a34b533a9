"""Reading where a process stands: from its database, from the heads of the others' logs, and kept for some seconds."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import metadata, resources
from typing import Protocol, runtime_checkable
from urllib.parse import urlencode

import msgspec

from tandem.clock import Clock, to_micros
from tandem.database.connection import Connection, Database
from tandem.events.envelope import decode, split
from tandem.events.follower_cursor import backlog_of
from tandem.events.lag import Head, Taken, behind, head, taken
from tandem.events.realtime import SECOND, Now, now_micros
from tandem.fhir.body import decode as decode_body
from tandem.fhir.neighbours import Neighbour
from tandem.fhir.request import FhirRequest
from tandem.identity.caller import service_caller
from tandem.ids import IdSource
from tandem.service import Service
from tandem.telemetry import state_rows
from tandem.telemetry.state import Flow, Following, Pool, State

_log = logging.getLogger(__name__)
_DATABASE_SECONDS = 5.0
_NEIGHBOUR_SECONDS = 3.0
_SUBSCRIPTIONS = "SELECT state AS name, COUNT(*) AS number FROM subscription GROUP BY state"


@runtime_checkable
class Pooled(Protocol):
    """A database behind a pool of connections."""

    def pool_state(self) -> Pool: ...


class StateUnreadable(Exception):
    """The database did not answer in time; the message names the class of the error."""


@dataclass
class StateReader:
    """Reads the state of one process of a service, or of the gateway.

    `neighbours` are the other services, `kinds` what this one listens to; `holder` is how it signs its leases; `loops`
    tells which of its background tasks run. `now` is real time, for leases and what is parked.
    """

    service: Service
    database: Database
    clock: Clock
    ids: IdSource
    holder: str = ""
    neighbours: Mapping[str, Neighbour] = field(default_factory=dict)
    kinds: Callable[[], Sequence[str]] = lambda: ()
    loops: Callable[[], dict[str, bool]] = dict
    feed_behind: Callable[[], bool] = lambda: False
    now: Now = now_micros

    def __post_init__(self) -> None:
        self._turn = asyncio.Lock()
        self._kept: State | None = None
        self._read_at = 0.0

    async def state(self, oldest: float) -> State:
        """Where it stands, as read `oldest` seconds ago at most. Raises StateUnreadable."""
        async with self._turn:
            if self._kept is None or time.monotonic() - self._read_at > oldest:
                self._kept = None
                self._kept = await self._read()
                self._read_at = time.monotonic()
            return self._kept

    def forget(self) -> None:
        """Read it anew when it is asked for next."""
        self._kept = None

    async def _read(self) -> State:
        try:
            async with asyncio.timeout(_DATABASE_SECONDS):
                state, reached = await self._of_database()
        except Exception as error:
            raise StateUnreadable(type(error).__name__) from error
        others = [name for name in self.neighbours if name != self.service.name]
        flows = await asyncio.gather(*(self._flow(name, reached.positions.get(name, 0)) for name in others))
        pool = self.database.pool_state() if isinstance(self.database, Pooled) else None
        return msgspec.structs.replace(
            state, inbox=list(flows), loops=self.loops(), feed_behind=self.feed_behind(), pool=pool
        )

    async def _of_database(self) -> tuple[State, Taken]:
        async with self.database.read() as connection:
            reached = await taken(connection)
            return await self.of_connection(connection, reached), reached

    async def of_connection(self, connection: Connection, reached: Taken) -> State:
        """What the database says, without the other services and without what only the process knows."""
        domain, real = to_micros(self.clock.now()), self.now()
        own = await head(connection)
        unpublished, oldest = await state_rows.unpublished(connection, own)
        parked, parked_seconds = await state_rows.parked(connection, real)
        late, late_seconds = await state_rows.late_timers(connection, domain)
        overdue = self.service.overdue_clocks
        return State(
            self.service.name, metadata.version("tandem"),
            await connection.fetchval("SELECT version_num FROM alembic_version") or "", self._newest_migration,
            unpublished, 0.0 if oldest is None else max(0.0, (domain - oldest) / SECOND), own.position, own.relayed,
            parked, parked_seconds, followers=await self._followers(connection, own, reached),
            jobs=await state_rows.jobs(connection), leases=await state_rows.leases(connection, self.holder, real),
            subscriptions=await state_rows.numbers(connection, _SUBSCRIPTIONS),
            late_timers=late, late_timers_seconds=late_seconds,
            overdue_clocks=await state_rows.numbers(connection, overdue, domain) if overdue else {},
        )  # fmt: skip

    async def _followers(self, connection: Connection, own: Head, reached: Taken) -> list[Following]:
        waiting = await backlog_of(connection, self.service.followers)
        return [
            Following(
                each.name, behind(own, each.kinds, reached.followed.get(each.name, 0)), waiting.get(each.name, 0)
            )
            for each in self.service.followers
        ]

    async def _flow(self, source: str, position: int) -> Flow:
        try:
            async with asyncio.timeout(_NEIGHBOUR_SECONDS):
                own = msgspec.convert(decode_body(await self._ask(source, "$event-heads", {})), Head)
                lacking = behind(own, self.kinds(), position)
                return Flow(source, lacking, await self._age(source, position) if lacking else 0.0)
        except Exception as error:
            _log.debug("%s does not know how far it is behind %s: %s", self.service.name, source, type(error).__name__)
            return Flow(source, None, None)

    async def _age(self, source: str, position: int) -> float:
        asked = {"after": str(position), "_count": "1", "kind": ",".join(self.kinds())}
        page = split(await self._ask(source, "$events", asked))
        if not page:
            return 0.0
        return max(0.0, (self.clock.now() - decode(page[0]).time).total_seconds())

    async def _ask(self, source: str, operation: str, asked: dict[str, str]) -> bytes:
        request = FhirRequest(
            "GET", operation, urlencode(asked), {}, b"", "", self.ids.new(), self.ids.new(),
            service_caller(self.service.name),
        )  # fmt: skip
        answer = await self.neighbours[source].send(request)
        if answer.status != 200:
            raise ConnectionError(f"status {answer.status}")
        return answer.body

    @cached_property
    def _newest_migration(self) -> str:
        package, _, folder = self.service.migrations.partition(":")
        names = [each.name for each in (resources.files(package) / folder / "versions").iterdir()]
        return max((name.partition("_")[0] for name in names if name[:1].isdigit()), default="")


