"""One person, as operations on networks see them: only with access to the record, and with where they belong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cohort_service.networks.alignments import HeldAlignment, alignment_on
from cohort_service.networks.organisations import networks_of
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.access import has_access
from tandem.identity.registered_practice import registered_practice

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


@dataclass(frozen=True, slots=True)
class Belonging:
    """Codes: the home where the person lives on a day and its alignment; the practice and its networks."""

    home: str | None
    alignment: HeldAlignment | None
    practice: str | None
    networks: frozenset[str]


async def must_see_person(call: OperationCall, connection: Connection) -> str:
    """The Patient.id of the operation. Raises FhirError 404 for a person whom the caller may not see."""
    patient = call.id or ""
    kernel = call.kernel
    held = await connection.fetchval("SELECT 1 FROM patient WHERE id = $1 AND deleted = 0", patient)
    seen = held is not None and await has_access(
        connection, call.request.caller, patient, to_micros(kernel.clock.now()),
        registered_only=kernel.registered_only(),
    )  # fmt: skip
    if not seen:
        raise FhirError(Kind.NOT_FOUND, "No such resource")
    return patient


async def home_of(connection: Connection, patient: str, day: int) -> str | None:
    """The code of the care home where a person lives on a day: of two stays, the one that began later."""
    home: str | None = await connection.fetchval(
        "SELECT home FROM care_home_stay WHERE patient = $1 AND home IS NOT NULL AND first_day <= $2 AND last_day >= $2"
        " ORDER BY first_day DESC, reference LIMIT 1",
        patient, day,
    )  # fmt: skip
    return home


async def belonging_of(connection: Connection, patient: str, day: int) -> Belonging:
    """Where a person belongs on a day; registration is what it is now."""
    home = await home_of(connection, patient, day)
    alignment = await alignment_on(connection, home, day) if home is not None else None
    practice = await registered_practice(connection, patient)
    networks = frozenset(await networks_of(connection, practice, day)) if practice is not None else frozenset()
    return Belonging(home, alignment, practice, networks)
