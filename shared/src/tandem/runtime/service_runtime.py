"""One service at work: its kernel, its inbox, its relay and its timers, on one database and one transport."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from tandem.clock import Clock
from tandem.database.connection import Connection, Database
from tandem.events.catch_up import CatchUp
from tandem.events.consumer import Consumer
from tandem.events.due import LEASE as TIMERS
from tandem.events.due import DueScanner
from tandem.events.event import Event
from tandem.events.follower import LogFollower
from tandem.events.follower_cursor import cursor_name
from tandem.events.inbox import Inbox
from tandem.events.lease import Lease
from tandem.events.relay import LEASE, Relay
from tandem.events.retries import Retries
from tandem.events.transport import Transport
from tandem.fhir.job_limits import USUAL_LIMITS, JobLimits
from tandem.fhir.jobs import JobRunner
from tandem.fhir.kernel import Kernel
from tandem.fhir.known_organisations import OrganisationDirectory
from tandem.fhir.neighbours import Neighbour, Neighbours
from tandem.fhir.operation_jobs import operation_jobs
from tandem.fhir.ownership import SERVICES
from tandem.fhir.patients import PatientDirectory, PatientLookup
from tandem.fhir.routes import Routes
from tandem.fhir.validation import Validator
from tandem.fhir.work import ServiceWork
from tandem.fhir.writing import WriteContext, Writing
from tandem.identity.caller import service_caller
from tandem.identity.rotated_secret import Secret
from tandem.ids import IdSource
from tandem.retention.erasure_feed import erasure_listeners, erasure_timers
from tandem.retention.pruning import LEASE as PRUNING
from tandem.retention.pruning import Keeping, Pruning
from tandem.runtime.access_feed import access_feed
from tandem.runtime.feed_watch import FeedWatch
from tandem.runtime.log_reading import LogReader
from tandem.runtime.organisation_lookup import NeighbourOrganisations
from tandem.service import Listener, Service, Work
from tandem.settings import Settings
from tandem.subscriptions.assembly import subscriptions
from tandem.telemetry.state_reader import StateReader

_SEEDING = 7_204_118_301
"""Of PostgreSQL's advisory locks, by chance ours: held by the process that seeds."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a runtime is given from outside: time, ids, addresses, limits."""

    clock: Clock
    ids: IdSource
    validator: Validator
    base: str
    page_secret: Secret
    max_body: int
    max_resource: int
    pseudonym_key: bytes = b""
    """Goes into the keys of pseudonyms beside what a database keeps; empty when none was set."""
    subscription_hosts: Path | None = None
    """The file of the hosts that notifications may go to."""
    job_limits: JobLimits = USUAL_LIMITS
    """How many jobs may be queued or running."""
    keeping: Keeping = field(default_factory=Keeping)


def listeners_of(service: Service) -> tuple[Listener, ...]:
    """All that the inbox of a service gives events to: what the kernel listens for, and what the service does."""
    return (access_feed(service), *erasure_listeners(service), *service.listeners)


def keeping(settings: Settings) -> Keeping:
    """How long things are kept, as it was set."""
    return Keeping(settings.keep_inbox_days, settings.keep_request_days, settings.keep_audit_years)


class ServiceRuntime:
    """A service with its loops: begin after the migrations, `stop` before the database is closed."""

    def __init__(
        self, service: Service, database: Database, transport: Transport, surroundings: Surroundings, logs: LogReader,
        *, lookup: PatientLookup | None = None, neighbours: Mapping[str, Neighbour] | None = None,
    ) -> None:  # fmt: skip
        self.service = service
        self.database = database
        self._surroundings = surroundings
        holder = surroundings.ids.new()
        self.relay = Relay(
            database, service.name, transport, Lease(database, LEASE, holder=holder), sequenced=self._wake_followers
        )
        patients = PatientDirectory(lookup, database, service.patient_keepers)
        self.writing = Writing(
            service, database, surroundings.clock, surroundings.ids, patients, surroundings.base, self.relay.wake
        )
        self._organisations = OrganisationDirectory(
            None if neighbours is None or service.name == "cohort-service"
            else NeighbourOrganisations(neighbours, service.name, surroundings.ids)
        )  # fmt: skip
        self.writing.work_factory = self._work
        self.kernel = Kernel(
            service, database, surroundings.clock, surroundings.ids, surroundings.validator, patients, self.writing,
            surroundings.base, surroundings.page_secret, surroundings.max_body, surroundings.max_resource,
            pseudonym_key=surroundings.pseudonym_key, job_limits=surroundings.job_limits,
            neighbours=Neighbours(neighbours if neighbours is not None else {}, service.name),
        )  # fmt: skip
        self.routes = Routes(self.kernel)
        self.subscriptions = subscriptions(
            self.kernel, surroundings.subscription_hosts, self._timer_work, holder=holder
        )
        self.followers = [
            LogFollower(
                database, service.name, declared, self._timer_work,
                Lease(database, cursor_name(declared.name), holder=holder),
            )
            for declared in service.followers
        ]  # fmt: skip
        timers = (*service.timers, *erasure_timers(service))
        self.inbox = Inbox(
            database, service.name, listeners_of(service), self._event_work,
            timers=(*timers, *(each.timer for each in self.followers)), committed=self._wake_followers,
        )  # fmt: skip
        self.kernel.consumed = self.inbox.kinds
        sources = [
            CatchUp(owner, logs.pages(owner, self.inbox.kinds), self.inbox)
            for owner in SERVICES
            if owner != service.name
        ]  # fmt: skip
        self.consumer = Consumer(self.inbox, transport, sources, Retries(self.inbox, fetch_missing=logs.missing))
        self.feed = FeedWatch(self.consumer.level, database, service.name)
        self.kernel.registered_only = self.feed.behind
        self.due = DueScanner(
            database, service.name, surroundings.clock, timers, self._event_work,
            Lease(database, TIMERS, holder=holder),
        )  # fmt: skip
        self.pruning = Pruning(
            database, service.name, self.inbox.kinds, surroundings.keeping,
            Lease(database, PRUNING, holder=holder), surroundings.clock,
            answers_requests=any(each.answered_once for each in service.types),
        )  # fmt: skip
        self.jobs = JobRunner(database, operation_jobs(self.kernel), service.name)
        self.kernel.wake_jobs = self.jobs.wake
        self._tasks: list[asyncio.Task[None]] = []
        self.state = StateReader(
            service, database, surroundings.clock, surroundings.ids, holder,
            {} if neighbours is None else neighbours,
            lambda: self.inbox.kinds, self._loops, self.feed.behind,
        )  # fmt: skip
        self.kernel.read_state = self.state.state

    async def begin_consuming(self) -> None:
        """Check the settings, seed what the service ships with, then receive events in the background.

        Raises SettingError.
        """
        await self._seed()
        self._run("consumer", self.consumer.run())
        self._run("feed", self.feed.run())

    def begin_relaying(self) -> None:
        """Publish and follow what was committed, fire what is due, run jobs. In one process only after all consume."""
        self._run("relay", self.relay.run())
        for each in self.followers:
            self._run(each.follower.name, each.run())
        self._run("due", self.due.run())
        self._run("subscriptions", self.subscriptions.run())
        self._run("jobs", self.jobs.run())
        self._run("pruning", self.pruning.run())
        for loop in self.service.loops:
            self._run(loop.name, loop.run(self.kernel))

    def _wake_followers(self) -> None:
        for each in self.followers:
            each.wake()
        self.subscriptions.wake()

    def _run(self, name: str, loop: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.create_task(loop, name=f"{self.service.name} {name}"))

    def _loops(self) -> dict[str, bool]:
        return {task.get_name().partition(" ")[2]: not task.done() for task in self._tasks}

    async def stop(self) -> None:
        """End the loops; what was committed is safe in the outbox."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()

    async def _seed(self) -> None:
        if self.service.seeds is None and not self.service.checks:
            return
        async with self.database.transaction() as connection:
            if connection.dialect == "postgresql":
                # Replicas that start together would both find nothing and write the same.
                await connection.fetchval(f"SELECT pg_advisory_xact_lock({_SEEDING})")
            for check in self.service.checks:
                await check(connection, self.kernel)
            if self.service.seeds is not None:
                await self.service.seeds(self._timer_work(connection))

    def _work(self, connection: Connection, context: WriteContext, now: datetime) -> Work:
        own = WriteContext(service_caller(self.service.name), context.author, context.request_id, context.correlation)
        return ServiceWork(
            connection, self.writing, self._surroundings.validator, own, now, self.service.name, self._organisations
        )

    def _event_work(self, connection: Connection, event: Event) -> Work:
        caller = service_caller(self.service.name)
        context = WriteContext(caller, event.author or caller.organisation, None, event.correlation)
        return self._work(connection, context, self._surroundings.clock.now())

    def _timer_work(self, connection: Connection) -> Work:
        caller = service_caller(self.service.name)
        return self._work(
            connection, WriteContext(caller, caller.organisation, None, None), self._surroundings.clock.now()
        )
