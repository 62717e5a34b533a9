"""Whose list of which cohort a Group stands for, and whether the caller may look into it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cohort_service.catalogue.current import current_selection
from cohort_service.requirements_catalogue.views_of_leads import cohorts_in_view
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.body import Resource, decode
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.person_parameter import person_named
from tandem.fhir.store import load
from tandem.fhir.visibility import visible_resource
from tandem.identity.access import has_access
from tandem.identity.agreement_terms import ANY_RECORD, covered
from tandem.london_days import london_date

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_NO_GROUP = "There is no such cohort group"
NO_PERSON = "There is no such person in your care"


@dataclass(frozen=True, slots=True)
class CohortGroup:
    """A Group that stands for a cohort at a practice (a code), with its body."""

    id: str
    cohort: str
    practice: str
    body: Resource


async def cohort_group(call: OperationCall, connection: Connection) -> CohortGroup:
    """The Group of the call.

    The practice and its networks may look into it, and who else may see the record of anyone who is registered there,
    such as a community provider (AC-016). Raises FhirError 404 for all others, as if there were none.
    """
    assert call.id is not None, "declared on the instance"
    row = await connection.fetchrow("SELECT cohort, practice FROM cohort_group WHERE id = $1", call.id)
    if row is None or not await is_in_view(call, connection, row["cohort"]):
        raise FhirError(Kind.NOT_FOUND, _NO_GROUP)
    held = await visible_resource(call.kernel, connection, call.request, "Group", call.id)
    body = held.body if held is not None and not held.deleted else None
    if body is None and await _cares_for_somebody(call, connection, row["practice"]):
        kept = await load(connection, "Group", call.id)
        body = kept.body if kept is not None and not kept.deleted else None
    if body is None:
        raise FhirError(Kind.NOT_FOUND, _NO_GROUP)
    return CohortGroup(call.id, row["cohort"], row["practice"], decode(body))


async def is_in_view(call: OperationCall, connection: Connection, cohort: str) -> bool:
    """Whether a list is among the views of the caller's user: a service lead's are those of the service (PCN-054)."""
    as_of = london_date(call.kernel.clock.now())
    selection = await current_selection(connection, as_of)
    seen = await cohorts_in_view(connection, call.request.caller, selection, as_of)
    return seen is None or cohort in seen


async def person_in_care(call: OperationCall, connection: Connection, practice: str | None = None) -> str:
    """The Patient.id of parameter `patient`, if the caller may see the record; with `practice` if registered there.

    Raises FhirError 404, and 400 for a name that is none.
    """
    patient = await person_named(connection, call.one("patient"))
    if patient is None or not await may_see(call, connection, patient):
        raise FhirError(Kind.NOT_FOUND, NO_PERSON)
    registered = await connection.fetchval("SELECT practice FROM patient WHERE id = $1 AND deleted = 0", patient)
    if registered is None or practice not in (None, registered):
        raise FhirError(Kind.NOT_FOUND, NO_PERSON)
    return patient


async def may_see(call: OperationCall, connection: Connection, patient: str) -> bool:
    """Whether the caller may see the record of this person now."""
    kernel = call.kernel
    now = to_micros(kernel.clock.now())
    return await has_access(connection, call.request.caller, patient, now, registered_only=kernel.registered_only())


def seen_people(call: OperationCall, alias: str, params: list[Any]) -> str:
    """The SQL condition that the caller may see the whole record of the person in column `patient` of `alias`.

    An agreement about some types of data opens no list, because a list tells what the record holds.
    """
    kernel, caller = call.kernel, call.request.caller
    if caller.sees_all:
        return "1=1"
    params += (caller.organisation, to_micros(kernel.clock.now()))
    organisation, now = f"${len(params) - 1}", f"${len(params)}"
    reason = "a.reason = 'registered'"
    if not kernel.registered_only():
        reason = covered("a.reason", caller, params, named=ANY_RECORD)
    return (
        f"EXISTS (SELECT 1 FROM access a WHERE a.patient = {alias}.patient AND a.organisation = {organisation}"
        f" AND a.starts <= {now} AND a.ends > {now} AND {reason})"
    )


async def _cares_for_somebody(call: OperationCall, connection: Connection, practice: str) -> bool:
    params: list[Any] = [practice]
    # `id` of the person under the name that the condition looks at
    people = "SELECT p.id AS patient FROM patient p WHERE p.practice = $1 AND p.deleted = 0"
    seen = seen_people(call, "q", params)
    return await connection.fetchval(f"SELECT 1 FROM ({people}) q WHERE {seen} LIMIT 1", *params) is not None
