"""From a Patient to who it is and where it is registered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tandem.canonical import NHS_NUMBER
from tandem.database.connection import Connection, UniqueViolation
from tandem.fhir.body import Resource
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.derivation import derive, hold
from tandem.identity.former_numbers import keep_former
from tandem.identity.organisations import is_practice_code, reference_code, reference_codes
from tandem.identity.references import resolve

DUPLICATE_TEXT = "A Patient with this NHS number is held already"


@dataclass(frozen=True, slots=True)
class _Registration:
    nhs_number: str | None
    practice_reference: str | None
    deleted: int


def nhs_number_of(patient: Resource) -> str | None:
    """The NHS number of a Patient: ten digits without spaces, as written; None when it has none but superseded ones."""
    return next((number for use, number in _nhs_numbers(patient) if use != "old"), None)


def all_nhs_numbers_of(patient: Resource) -> set[str]:
    """All NHS numbers that a Patient names, superseded ones among them, without spaces."""
    return {number for _, number in _nhs_numbers(patient)}


def _nhs_numbers(patient: Resource) -> Iterator[tuple[str | None, str]]:
    for identifier in patient.get("identifier") or []:
        if identifier.get("system") == NHS_NUMBER and identifier.get("value"):
            yield identifier.get("use"), str(identifier["value"]).replace(" ", "")


def practice_reference_of(patient: Resource) -> str | None:
    """What a Patient says of its practice: the first Organization of generalPractitioner, else managingOrganization."""
    practitioners = reference_codes(patient.get("generalPractitioner") or [])
    return practitioners[0] if practitioners else reference_code(patient.get("managingOrganization"))


async def project_patient(
    connection: Connection, patient_id: str, patient: Resource | None, *, author: str | None, practice: str | None
) -> None:
    """Keep the `patient` row and the access that follows. Raises FhirError(DUPLICATE) for an NHS number held already.

    A Patient that names no practice is registered where it was loaded for (`practice`), else where it was before,
    else with the practice that wrote it.
    """
    known = await connection.fetchrow(
        "SELECT nhs_number, practice_reference, deleted FROM patient WHERE id = $1", patient_id
    )
    before = _Registration(known["nhs_number"], known["practice_reference"], known["deleted"]) if known else None
    after = _after(patient, before, author, practice)
    if after is None:
        return
    await keep_former(connection, patient_id, _former(patient, before, after))
    if after == before:
        return
    await hold(connection, [patient_id])
    resolved = await resolve(connection, [after.practice_reference] if after.practice_reference else [])
    code = resolved.get(after.practice_reference or "")
    try:
        await connection.execute(
            "INSERT INTO patient (id, nhs_number, practice_reference, practice, deleted) VALUES ($1, $2, $3, $4, $5)"
            " ON CONFLICT (id) DO UPDATE SET nhs_number = excluded.nhs_number, practice = excluded.practice,"
            " practice_reference = excluded.practice_reference, deleted = excluded.deleted",
            patient_id, after.nhs_number, after.practice_reference, code, after.deleted,
        )  # fmt: skip
    except UniqueViolation as violation:
        if "nhs_number" not in violation.constraint:
            raise
        raise FhirError(Kind.DUPLICATE, DUPLICATE_TEXT, expression="Patient.identifier") from violation
    await derive(connection, "p.id = $1", patient_id)


def _former(patient: Resource | None, before: _Registration | None, after: _Registration) -> set[str]:
    known = {before.nhs_number} if before and before.nhs_number else set()
    return (known | all_nhs_numbers_of(patient or {})) - {after.nhs_number or ""}


def _after(
    patient: Resource | None, before: _Registration | None, author: str | None, practice: str | None
) -> _Registration | None:
    kept = before.practice_reference if before else None
    if patient is None:
        # The number is free again for a new record; the practice still sees that there was one.
        return _Registration(None, kept, 1) if before else None
    written_by = author if author and is_practice_code(author) else None
    reference = practice_reference_of(patient) or practice or kept or written_by
    return _Registration(nhs_number_of(patient), reference, 0)
