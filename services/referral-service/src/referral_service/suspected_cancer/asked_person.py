"""The person whom an operation is about, with the birth date that criteria need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from referral_service.suspected_cancer.person_rows import Person, keep_found_person, person
from tandem.fhir.asked_person import asked_person as asked_patient

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def asked_person(call: OperationCall) -> tuple[str, Person | None]:
    """The Patient.id of the parameter `patient`, and what is known of the person.

    Somebody not heard of yet is asked for at cohort-service. Raises FhirError 400, 503, and 404 for nobody known here
    and for somebody whose referrals the caller may not see.
    """
    patient = await asked_patient(call, "ServiceRequest")
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
