"""A Work for tests of reactions and handlers: resources in memory, the service's own tables in a real database.

It runs the declared rules and reactions of a write as the kernel does, followers when told to, and remembers what was
said and scheduled.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tandem.clock import to_instant, to_micros
from tandem.database.connection import Connection
from tandem.events.event import Event
from tandem.events.inbox_transaction import Handlers
from tandem.events.kinds import matches
from tandem.fhir.body import Resource, encode
from tandem.fhir.compartments import patient_named
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.caller import Caller, service_caller
from tandem.service import Change, Changed, ResourceType, Service

START = datetime(2020, 7, 1, 8, 0, tzinfo=UTC)


@dataclass(slots=True)
class Said:
    """One domain event that was emitted."""

    kind: str
    key: str
    data: dict[str, Any]
    patient: str | None


@dataclass(slots=True)
class SmallWork:
    """One service's transaction. `said` holds what was emitted, `due` what is scheduled by (kind, key)."""

    service: Service
    connection: Connection
    now: datetime = START
    resources: dict[str, Resource] = field(default_factory=dict)
    said: list[Said] = field(default_factory=list)
    due: dict[tuple[str, str], tuple[datetime, dict[str, Any]]] = field(default_factory=dict)
    changed: list[Changed] = field(default_factory=list)
    strangers: set[str] = field(default_factory=set)
    """Organisations, by code or `Organization/id`, that nobody knows; all others are known."""

    async def read(self, resource_type: str, resource_id: str) -> Resource | None:
        return copy.deepcopy(self.resources.get(f"{resource_type}/{resource_id}"))

    async def find(self, resource_type: str, query: str) -> Sequence[Resource]:
        raise NotImplementedError("no rule here searches")

    async def put(self, resource: Resource) -> Resource:
        return await self.write(resource, service_caller(self.service.name))

    async def delete(self, resource_type: str, resource_id: str) -> None:
        held = self.resources.get(f"{resource_type}/{resource_id}")
        if held is not None:
            await self._apply(held, None, service_caller(self.service.name))

    async def write(self, resource: Resource, caller: Caller) -> Resource:
        """Create or update as this caller. Raises FhirError when a rule of care forbids it."""
        name = f"{resource['resourceType']}/{resource['id']}"
        before = self.resources.get(name)
        if before is not None and _bare(before) == _bare(resource):
            return before
        version = int(before["meta"]["versionId"]) + 1 if before else 1
        after = {**copy.deepcopy(resource), "meta": {"versionId": str(version), "lastUpdated": to_instant(self.now)}}
        await self._apply(before, after, caller)
        return after

    async def emit(self, kind: str, data: dict[str, Any], *, key: str, patient: str | None = None) -> None:
        if not any(each.kind == kind and each.key == key for each in self.said):
            self.said.append(Said(kind, key, data, patient))

    async def schedule(self, kind: str, key: str, at: datetime, payload: dict[str, Any]) -> None:
        self.due[kind, key] = (at, payload)

    async def unschedule(self, kind: str, key: str) -> None:
        self.due.pop((kind, key), None)

    async def knows_organisation(self, named: str) -> bool:
        return named not in self.strangers

    async def hear(self, event: Event) -> None:
        """Have the listeners of the service, or a timer that fires, handle an event, in the order of declaration."""
        for handler in Handlers(self.service.listeners, self.service.timers).of(event.kind):
            await handler(event, self)

    async def pass_time(self, moment: datetime) -> None:
        """Move the clock, and fire what falls due until then, in the order of its times."""
        self.now = moment
        while due := [(at, *key) for key, (at, _) in self.due.items() if at <= moment]:
            at, kind, key = min(due)
            _, payload = self.due.pop((kind, key))
            await self.hear(Event(f"{kind}/{key}/{at}", kind, self.service.name, at, subject=key, data=payload))

    async def follow(self) -> None:
        """Have the followers of the service take what was written since the last time, and their backlog."""
        changed, self.changed = list(dict.fromkeys(self.changed)), []
        for follower in self.service.followers:
            followed = [
                each for each in changed
                if any(matches(pattern, f"fhir.{each.type}.update") for pattern in follower.kinds)
            ]  # fmt: skip
            if followed:
                await follower.handler(followed, self)
            if follower.backlog is not None and (waiting := await follower.backlog.waiting(self.connection, 1000)):
                await follower.backlog.take(self.connection, waiting)
                await follower.handler(waiting, self)

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The data of what was emitted of a kind."""
        return [each.data for each in self.said if each.kind == kind]

    async def _apply(self, before: Resource | None, after: Resource | None, caller: Caller) -> None:
        resource = after or before
        assert resource is not None
        kind, resource_id = str(resource["resourceType"]), str(resource["id"])
        named = patient_named(resource, "https://tandem.example/fhir")
        patient = resource_id if kind == "Patient" else named.id if named else None
        action: Any = "delete" if after is None else "create" if before is None else "update"
        change = Change(kind, resource_id, action, before, after, caller, self.now, patient)
        # Types of the kernel, such as Provenance, are in no service's declaration.
        declared = next((each for each in self.service.types if each.name == kind), ResourceType(kind))
        if issues := [issue for rule in declared.rules for issue in rule(change)]:
            raise FhirError(Kind.BUSINESS_RULE, issues=issues)
        if after is None:
            del self.resources[f"{kind}/{resource_id}"]
        else:
            self.resources[f"{kind}/{resource_id}"] = after
        await self._keep_row(kind, resource_id, patient, after, caller.organisation)
        self.changed.append(Changed(kind, resource_id, patient))
        for reaction in declared.reactions:
            await reaction(change, self)

    async def _keep_row(
        self, kind: str, resource_id: str, patient: str | None, after: Resource | None, author: str
    ) -> None:
        version = 1 + await self.connection.fetchval(
            "SELECT COUNT(*) FROM log WHERE type = $1 AND resource_id = $2", kind, resource_id
        )
        log_id = await self.connection.fetchval(
            "INSERT INTO log (event_id, kind, type, resource_id, version, at, patient, author, body)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id",
            f"{kind}/{resource_id}/{version}", f"fhir.{kind}.update", kind, resource_id, version, to_micros(self.now),
            patient, author, None if after is None else encode(after),
        )  # fmt: skip
        await self.connection.execute(
            "INSERT INTO resource (type, id, version, updated, deleted, log_id, patient, author)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (type, id) DO UPDATE SET version = excluded.version,"
            " updated = excluded.updated, deleted = excluded.deleted, log_id = excluded.log_id,"
            " patient = excluded.patient",
            kind, resource_id, version, to_micros(self.now), int(after is None), log_id, patient, author,
        )  # fmt: skip


def event_of(said: Said, *, source: str = "another-service", at: datetime = START) -> Event:
    """What was emitted, as the event that another service is given."""
    return Event(f"{said.kind}/{said.key}", said.kind, source, at, patient=said.patient, data=said.data)


def written_event(
    resource: Resource, patient: str | None, *, version: int = 1, granted: bool = True, at: datetime = START
) -> Event:
    """The event of a version of a resource that another service owns."""
    kind = str(resource["resourceType"])
    action = "create" if version == 1 else "update"
    return Event(
        f"{kind}/{resource['id']}/{version}", f"fhir.{kind}.{action}", "another-service", at, type=kind,
        resource_id=str(resource["id"]), version=version, patient=patient, granted=granted, data=resource,
    )  # fmt: skip


def _bare(resource: Resource) -> Resource:
    return {name: value for name, value in resource.items() if name != "meta"}
