"""The person whom an operation is about, with the birth date that criteria need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from referral_service.suspected_cancer.person_rows import Person, keep_found_person, person
from tandem.clock import to_micros
from tandem.fhir.compartments import PatientName
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.person_parameter import person_named
from tandem.identity.access import has_access

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def asked_person(call: OperationCall) -> tuple[str, Person | None]:
    """The Patient.id of the parameter `patient`, and what is known of the person.

    Somebody not heard of yet is asked for at cohort-service. Raises FhirError 400, 503, and 404 for nobody known here
    and for somebody whose referrals the caller may not see.
    """
    patient = await _visible(call)
    async with call.kernel.database.read() as connection:
        known = await person(connection, patient)
    if known is not None:
        return patient, known
    found = await call.kernel.neighbours.searchset("cohort-service", f"Patient?_id={patient}", call.request)
    held = next((each for each in found if each.get("id") == patient), None)
    if held is not None:
        async with call.kernel.database.transaction() as connection:
            await keep_found_person(connection, held)
            known = await person(connection, patient)
    return patient, known


async def _visible(call: OperationCall) -> str:
    caller, now, behind = call.request.caller, to_micros(call.kernel.clock.now()), call.kernel.registered_only()
    unknown = FhirError(Kind.NOT_FOUND, "No such person is known here")
    async with call.kernel.database.read() as connection:
        named = await person_named(connection, call.one("patient"))
        if named is None:
            raise unknown
        try:
            patient = await call.kernel.patients.resolve(connection, PatientName("patient", named))
        except FhirError as refusal:
            raise unknown if refusal.kind is Kind.UNPROCESSABLE else refusal from None
        if not await has_access(
            connection, caller, patient, now, resource_type="ServiceRequest", registered_only=behind
        ):
            raise unknown
    return patient
