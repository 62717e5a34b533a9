"""Work: what domain code gets to read and write resources with, inside one transaction (see `tandem.service.Work`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.events.due import schedule, unschedule
from tandem.events.outbox import Entry, append
from tandem.fhir.body import Resource, decode, encode
from tandem.fhir.known_organisations import OrganisationDirectory
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import parse_pairs
from tandem.fhir.search.engine import search
from tandem.fhir.search.query import parse_query
from tandem.fhir.search.where import everything
from tandem.fhir.store import lock
from tandem.fhir.validation import Validator
from tandem.fhir.writing import Intent, WriteContext, Writing
from tandem.ids import deterministic_id
from tandem.telemetry.tracing import tracer


class ServiceWork:
    """Work of one service in one open transaction."""

    def __init__(
        self, connection: Connection, writing: Writing, validator: Validator, context: WriteContext, now: datetime,
        service: str, organisations: OrganisationDirectory | None = None,
    ) -> None:  # fmt: skip
        self.connection = connection
        self.now = now
        self._writing = writing
        self._validator = validator
        self._context = context
        self._service = service
        self._organisations = organisations or OrganisationDirectory()

    async def read(self, resource_type: str, resource_id: str) -> Resource | None:
        held = await lock(self.connection, resource_type, resource_id)
        if held is None or held.body is None:
            return None
        resource: Resource = decode(held.body)
        return resource

    async def find(self, resource_type: str, query: str) -> Sequence[Resource]:
        parsed = parse_query(resource_type, [*parse_pairs(query), ("_count", "1000")], False, service=self._service)
        page = await search(self.connection, parsed, everything)
        return [decode(found.body) for found in page.matches]

    async def put(self, resource: Resource) -> Resource:
        """Raises FhirError when our own resource is not valid: that is a fault of the rule that made it."""
        kind, resource_id = resource["resourceType"], resource["id"]
        issues = self._validator.validate(resource)
        if issues:
            raise FhirError(Kind.INVALID, issues=issues)
        before = await lock(self.connection, kind, resource_id)
        written = await self._writing.apply(
            self.connection, Intent(kind, resource_id, before, dict(resource), "update"), self._context
        )
        assert written.body is not None
        kept: Resource = decode(written.body)
        return kept

    async def delete(self, resource_type: str, resource_id: str) -> None:
        before = await lock(self.connection, resource_type, resource_id)
        if before is None or before.deleted:
            return
        await self._writing.apply(
            self.connection, Intent(resource_type, resource_id, before, None, "delete"), self._context
        )

    async def emit(self, kind: str, data: dict[str, Any], *, key: str, patient: str | None = None) -> None:
        entry = Entry(
            event_id=deterministic_id(self._service, kind, key), kind=kind, resource_id=key, at=to_micros(self.now),
            patient=patient, author=self._context.author, correlation=self._context.correlation, body=encode(data),
        )  # fmt: skip
        if await append(self.connection, entry):
            if (tracing := tracer()) is not None:
                tracing.written(self._service, entry.event_id, kind, entry.correlation)
            self._writing.wake_after_commit(self.connection)

    async def schedule(self, kind: str, key: str, at: datetime, payload: dict[str, Any]) -> None:
        await schedule(self.connection, kind, key, at, payload)

    async def unschedule(self, kind: str, key: str) -> None:
        await unschedule(self.connection, kind, key)

    async def knows_organisation(self, named: str) -> bool:
        return await self._organisations.knows(self.connection, named)
