"""`Appointment/$offer`: which free slots to offer to a person, by how complex their needs are (PCN-076)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from mdt_service.appointments.care_team_listener import who_knows
from mdt_service.appointments.slot_rows import free_slots
from mdt_service.domain.appointments.offer import CONTINUITY, LOW, NEEDS, FreeSlot, offered
from tandem.clock import from_micros, to_micros
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import one_of, only, page, whole_number
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import Parameter, answer, instant, number, parts, reference
from tandem.fhir.person_parameter import person_named
from tandem.fhir.request import FhirResponse
from tandem.identity.access import has_access

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def offer(call: OperationCall) -> FhirResponse:
    """Parameters `total` and a `slot` for each: `slot`, `start`, `end` and the `actor`s whose it is.

    Parameters `patient`, `need` (low: the earliest of all; complex: only of those who know the person, by their
    CareTeam, and of `team`, references of their multidisciplinary team's services), `days` (14), `_count`, `_offset`.
    Raises FhirError 400, 404.
    """
    only(call, ("patient", "need", "team", "days", "_count", "_offset"))
    need, days, (count, offset) = one_of(call, "need", NEEDS, LOW), whole_number(call, "days", 14), page(call)
    kernel, caller, moment = call.kernel, call.request.caller, call.kernel.clock.now()
    if not 1 <= days <= 366:
        raise FhirError(Kind.BAD_REQUEST, "days is a number from 1 to 366", expression="days")
    now, behind = to_micros(moment), kernel.registered_only()
    async with kernel.database.read() as connection:
        patient = await person_named(connection, call.one("patient"))
        if patient is None or not await has_access(
            connection, caller, patient, now, resource_type="Appointment", registered_only=behind
        ):
            raise FhirError(Kind.NOT_FOUND, "No such person is known here")
        known = await who_knows(connection, patient, CONTINUITY, now) | {str(each) for each in _team(call)}
        until = to_micros(moment + timedelta(days=days))
        found = offered(await free_slots(connection, caller, now, until, now, behind), need, known)
    await audit_reads(kernel.database, call.request, "$offer", "Appointment", {patient}, now)
    return answer([number("total", len(found)), *map(_shown, found[offset : offset + count])])


def _team(call: OperationCall) -> list[str]:
    given = call.parameters.get("team", [])
    literals = [each.get("reference") if isinstance(each, dict) else each for each in given]
    if not all(isinstance(each, str) and "/" in each for each in literals):
        raise FhirError(Kind.BAD_REQUEST, "team is a reference such as HealthcareService/1", expression="team")
    return [str(each) for each in literals]


def _shown(slot: FreeSlot) -> Parameter:
    return parts("slot", [
        reference("slot", f"Slot/{slot.slot}"),
        instant("start", from_micros(slot.starts)),
        instant("end", from_micros(slot.ends)),
        *(reference("actor", actor) for actor in sorted(slot.actors)),
    ])  # fmt: skip
