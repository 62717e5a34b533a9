"""The `patient` parameter of an operation, by Patient.id or by NHS number."""

from __future__ import annotations

from typing import Any

from tandem.canonical import NHS_NUMBER
from tandem.database.connection import Connection
from tandem.fhir.outcome import FhirError, Kind


async def person_named(connection: Connection, value: Any) -> str | None:
    """The Patient.id, or None when nobody here is called that.

    Takes `Patient/1`, `1`, `https://fhir.nhs.uk/Id/nhs-number|9990000018`, or a Reference. Raises FhirError 400.
    """
    if isinstance(value, dict):
        identifier = value.get("identifier")
        named = identifier if isinstance(identifier, dict) else {}
        value = value.get("reference") or f"{named.get('system')}|{named.get('value')}"
    if not isinstance(value, str) or not value:
        raise FhirError(
            Kind.BAD_REQUEST,
            "Give the parameter patient: Patient/[id], or NHS number as system|value",
            expression="patient",
        )
    system, separator, number = value.partition("|")
    if separator:
        if system != NHS_NUMBER:
            raise FhirError(
                Kind.BAD_REQUEST, f"A person is named by Patient/[id] or by {NHS_NUMBER}|[number]", expression="patient"
            )
        found: str | None = await connection.fetchval("SELECT id FROM patient WHERE nhs_number = $1", number)
        return found
    return value.removeprefix("Patient/").partition("/")[0]
