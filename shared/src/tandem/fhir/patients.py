"""Finding the patient a resource names: here, else once at cohort-service, which owns Patient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from tandem.database.connection import Connection, Database
from tandem.fhir.body import Resource
from tandem.fhir.compartments import PatientName
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.projection import project
from tandem.service import PatientKeeper


@dataclass(frozen=True, slots=True)
class Registration:
    """A Patient as cohort-service holds it, and the practice it is registered with (kept beside the body)."""

    resource: Resource
    practice: str | None


class PatientLookup(Protocol):
    """Asks cohort-service for a patient that this service has not heard of yet."""

    async def find(self, named: PatientName) -> Registration | None:
        """None when there is no such patient. Raises FhirError(UNAVAILABLE) when cohort-service gives no answer."""
        ...


class PatientDirectory:
    """The patients this service knows, with cohort-service behind them (no lookup in cohort-service itself)."""

    def __init__(
        self, lookup: PatientLookup | None = None, database: Database | None = None,
        keepers: Sequence[PatientKeeper] = (),
    ) -> None:  # fmt: skip
        self._lookup = lookup
        self._database = database
        self._keepers = keepers

    async def resolve(self, connection: Connection, named: PatientName) -> str:
        """The Patient.id. Raises FhirError 422 for an unknown patient, 503 when that cannot be told just now.

        A patient found at cohort-service is taken into this service's own tables at once, so that its practice has
        access before the event arrives; the event then changes nothing.
        """
        column, value = ("id", named.id) if named.id is not None else ("nhs_number", named.nhs_number)
        found: str | None = await connection.fetchval(
            f"SELECT id FROM patient WHERE {column} = $1 AND deleted = 0", value
        )
        if found is not None:
            return found
        registration = await self._lookup.find(named) if self._lookup is not None else None
        if registration is None:
            raise FhirError(Kind.UNPROCESSABLE, "No such patient is known here", expression=named.expression)
        patient_id = str(registration.resource["id"])
        if connection.in_transaction or self._database is None:
            await self._take_in(connection, registration)
        else:
            # All of it or nothing: a patient without the access that follows would never be completed by the event.
            async with self._database.transaction() as own:
                await self._take_in(own, registration)
        return patient_id

    async def _take_in(self, connection: Connection, registration: Registration) -> None:
        await project(
            connection, "Patient", str(registration.resource["id"]), registration.resource, author=None, granted=True,
            practice=registration.practice,
        )  # fmt: skip
        for keep in self._keepers:
            await keep(connection, registration.resource)
