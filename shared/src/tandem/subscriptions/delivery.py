"""Telling one subscriber: its next versions in the order of the log, one after the other, each until it is taken.

The cursor moves when an endpoint has taken a notification, so a crash sends the last one again and omits none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tandem.clock import Clock, to_micros
from tandem.database.connection import Connection, Database, Row
from tandem.events.lease import Lease, LeaseLost
from tandem.events.realtime import SECOND, Now, backoff
from tandem.fhir.body import decode
from tandem.identity.audit import AuditEntry, record
from tandem.identity.caller import Caller
from tandem.ids import deterministic_id
from tandem.subscriptions.channel import Channel, channel_of
from tandem.subscriptions.counters import FAILED, SENT, WITHHELD
from tandem.subscriptions.criteria import Criteria, CriteriaRefused, read_criteria
from tandem.subscriptions.hosts import HostRegistry, HostsUnreadable
from tandem.subscriptions.matching import matching
from tandem.subscriptions.notification import Notification, outgoing
from tandem.subscriptions.permitted import permitted
from tandem.subscriptions.sender import Answer, Sender
from tandem.subscriptions.status import StatusWriter

MOST_ATTEMPTS = 24
"""With waits that double up to an hour: some ten hours, so that a night's fault of an endpoint is waited out."""
FIRST_WAIT, LONGEST_WAIT = 1.0, 3600.0
PAGE = 20
"""Versions that are read at a time, and sent before another Subscription gets its turn."""
LONGEST_TURN = 5.0
"""Seconds after which a turn ends with the notification it is at: a slow endpoint does not keep its place."""
NOTIFY = "$notify"
"""How the audit trail names a notification."""
_HOSTS_UNREADABLE, _NOT_REGISTERED = "HostsUnreadable", "HostNotRegistered"

_SUBSCRIPTION = """
SELECT s.*, l.body FROM subscription s JOIN resource r ON r.type = 'Subscription' AND r.id = s.id
JOIN log l ON l.id = r.log_id WHERE s.id = $1 AND s.state = 'active' AND r.deleted = 0
"""
_NEXT = f"""
SELECT p.position, l.id AS log_id, l.type, l.patient, l.body FROM event_position p JOIN log l ON l.id = p.log_id
WHERE p.position > $1 AND l.kind IN ($2, $3) ORDER BY p.position LIMIT {PAGE}
"""
_MOVED = """
UPDATE subscription SET position = $3, attempts = 0, next_at = 0 WHERE id = $1 AND position = $2 AND state = 'active'
"""
_FAILED = """
UPDATE subscription SET attempts = $3, next_at = $4 WHERE id = $1 AND position = $2 AND state = 'active'
"""


@dataclass(slots=True)
class _Served:
    """An active Subscription, and how far it is."""

    id: str
    caller: Caller
    secret: str
    position: int
    attempts: int
    criteria: Criteria
    channel: Channel


class Delivery:
    """Carries out turns; several may run at once for different Subscriptions, never two for one."""

    def __init__(
        self, database: Database, service: str, base: str, clock: Clock, hosts: HostRegistry, sender: Sender,
        status: StatusWriter, lease: Lease, *, now: Now, registered_only: Callable[[], bool] = lambda: False,
    ) -> None:  # fmt: skip
        self._database = database
        self._service = service
        self._base = base
        self._clock = clock
        self._hosts = hosts
        self._sender = sender
        self._status = status
        self._lease = lease
        self._now = now
        self._registered_only = registered_only

    async def turn(self, subscription: str) -> int:
        """Send the next versions, up to a page; answers how many were taken.

        It ends early when one is not taken, or when somebody has changed the Subscription. Raises LeaseLost.
        """
        served = await self._served(subscription)
        if served is None:
            return 0
        async with self._database.read() as connection:
            kind = f"fhir.{served.criteria.type}"
            # Read before the page: up to here nothing is left when there is none.
            last = await connection.fetchval("SELECT COALESCE(MAX(position), 0) FROM event_position")
            page = await connection.fetch(_NEXT, served.position, f"{kind}.create", f"{kind}.update")
            wanted = await matching(connection, served.criteria, page, self._base)
        # Bodies of a page are not held while an endpoint takes its time.
        places = [(row["position"], row["log_id"] if row["log_id"] in wanted else None) for row in page]
        del page
        started, taken = self._now(), 0
        for position, log_id in places:
            sent = await self._tell(served, position, log_id) if log_id is not None else None
            if sent:
                taken, served.position, served.attempts = taken + 1, position, 0
            if sent is False or self._now() - started > LONGEST_TURN * SECOND:
                return taken
        await self._skip_to(served, places[-1][0] if places else last)
        return taken

    async def _served(self, subscription: str) -> _Served | None:
        async with self._database.read() as connection:
            row = await connection.fetchrow(_SUBSCRIPTION, subscription)
        if row is None:
            return None
        resource = decode(row["body"])
        caller = Caller(row["organisation"], client=row["client"], purpose=row["purpose"])
        try:
            criteria = read_criteria(resource["criteria"], self._service, self._base)
        except CriteriaRefused:
            # A parameter that a later release has taken away.
            await self._status.change(subscription, "active", "error", "The criteria are not supported any more")
            return None
        return _Served(
            row["id"], caller, row["secret"], row["position"], row["attempts"], criteria, channel_of(resource)
        )

    async def _tell(self, served: _Served, position: int, log_id: int) -> bool | None:
        """True when it was taken, False when this turn is over, None when it is not for the subscriber."""
        if self._registered_only():
            # Nobody knows for certain who may see what; what is told or passed over now would stay so.
            return False
        now = to_micros(self._clock.now())
        async with self._database.read() as connection:
            version = await permitted(connection, served.caller, served.criteria.type, log_id, now)
        if version is None:
            WITHHELD.labels(self._service).inc()
            return None
        notification = Notification(
            deterministic_id("notification", self._service, served.id, version["event_id"]), served.id, position,
            served.criteria.type, version["resource_id"], version["correlation"], bytes(version["body"]),
        )  # fmt: skip
        answer = await self._attempt(served, notification)
        entry = self._audited(served, notification, version, now, answer)
        if answer.taken:
            SENT.labels(self._service).inc()
            return await self._written(entry, _MOVED, served.id, served.position, position)
        FAILED.labels(self._service, answer.reason).inc()
        await self._put_off(served, entry, answer)
        return False

    async def _attempt(self, served: _Served, notification: Notification) -> Answer:
        try:
            host = self._hosts.find(served.caller.organisation, served.channel.host)
        except HostsUnreadable:
            return Answer(None, _HOSTS_UNREADABLE)
        if host is None:
            return Answer(None, _NOT_REGISTERED)
        timestamp = self._now() // SECOND
        return await self._sender.send(outgoing(notification, served.channel, served.secret, timestamp), host)

    def _audited(
        self, served: _Served, notification: Notification, version: Row, now: int, answer: Answer
    ) -> list[AuditEntry]:
        # A signal without a payload tells nothing of anybody, and a record that was not sent is no disclosure.
        if not served.channel.payload or answer.error in (_HOSTS_UNREADABLE, _NOT_REGISTERED):
            return []
        status = answer.status if answer.status is not None else 504
        return [AuditEntry(
            served.caller, now, NOTIFY, status, notification.type, notification.resource_id, version["patient"],
            notification.id,
        )]  # fmt: skip

    async def _put_off(self, served: _Served, entry: list[AuditEntry], answer: Answer) -> None:
        attempts = served.attempts + 1
        wait = backoff(attempts, first=FIRST_WAIT, longest=LONGEST_WAIT)
        next_at = self._now() + int(wait * SECOND)
        held = await self._written(entry, _FAILED, served.id, served.position, attempts, next_at)
        if held and attempts >= MOST_ATTEMPTS:
            error = f"{attempts} attempts at one notification have failed, the last with {answer.reason}"
            await self._status.change(served.id, "active", "error", error)

    async def _skip_to(self, served: _Served, position: int) -> None:
        if position > served.position:
            await self._written([], _MOVED, served.id, served.position, position)

    async def _written(self, audit: list[AuditEntry], sql: str, *values: Any) -> bool:
        """Whether the row was still as it was read. What was disclosed is audited in any case."""
        try:
            async with self._database.transaction() as connection:
                await record(connection, audit)
                await self._lease.fence(connection)
                return await _changed(connection, sql, values)
        except LeaseLost:
            async with self._database.transaction() as connection:
                await record(connection, audit)
            raise


async def _changed(connection: Connection, sql: str, values: tuple[Any, ...]) -> bool:
    return await connection.execute(sql, *values) == 1
