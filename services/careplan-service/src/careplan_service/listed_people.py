"""The people on a list of cohort-service whom a caller may see: what every worklist here begins with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from tandem.clock import to_micros
from tandem.cohort_membership.queries import members_of
from tandem.database.connection import Connection
from tandem.fhir.area_parameters import area_conditions
from tandem.identity.access import visible_of_person
from tandem.identity.agreement_terms import ANY_RECORD

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


@dataclass(frozen=True, slots=True)
class Listed:
    """A person (Patient.id) on a list since a day."""

    patient: str
    since: date


async def seen_members(call: OperationCall, connection: Connection, cohort: str, day: date) -> list[Listed]:
    """The people on the list of a cohort on a day, each once, by `practice` or `network` if the call names one.

    Only those whose whole record the caller may see: a list tells what is recorded of them. Raises FhirError 400.
    """
    now, kernel = to_micros(call.kernel.clock.now()), call.kernel
    params: list[Any] = []
    conditions = [members_of("m", params, cohort, day), *area_conditions(call, params, now)]
    conditions.append(
        visible_of_person(
            call.request.caller, "m", params, now, resource_type=ANY_RECORD, registered_only=kernel.registered_only()
        )
    )
    rows = await connection.fetch(
        f"SELECT m.patient, MIN(m.since) AS since FROM cohort_member m WHERE {' AND '.join(conditions)}"
        " GROUP BY m.patient ORDER BY since, m.patient", *params,
    )  # fmt: skip
    return [Listed(row["patient"], date.fromisoformat(row["since"])) for row in rows]
