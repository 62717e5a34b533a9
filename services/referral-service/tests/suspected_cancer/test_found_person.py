"""A person found at cohort-service before any event told of them: what criteria need is kept at once."""

from __future__ import annotations

from dataclasses import dataclass

from referral_service.service import service
from referral_service.suspected_cancer.person_rows import Person, person
from tandem.canonical import ODS_CODE
from tandem.fhir.body import Resource
from tandem.fhir.compartments import PatientName
from tandem.fhir.patients import PatientDirectory, Registration
from tandem_tests.small_work import SmallWork

ADA: Resource = {
    "resourceType": "Patient", "id": "p1", "birthDate": "1950-01-01", "gender": "female",
    "generalPractitioner": [{"identifier": {"system": ODS_CODE, "value": "A81001"}}],
}  # fmt: skip


@dataclass
class OnePerson:
    """A cohort-service that knows Ada alone."""

    async def find(self, named: PatientName) -> Registration | None:
        return Registration(ADA, None) if named.id == "p1" else None


async def test_birth_date_and_gender_are_kept_with_the_person(work: SmallWork) -> None:
    directory = PatientDirectory(OnePerson(), None, service.patient_keepers)
    assert await directory.resolve(work.connection, PatientName("Patient", "p1")) == "p1"
    assert await person(work.connection, "p1") == Person("1950-01-01", "female")
