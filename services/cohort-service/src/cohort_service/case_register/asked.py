"""Whom a row of an operation on a register names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tandem.fhir.outcome import FhirError
from tandem.fhir.parameter_rows import Part
from tandem.fhir.person_parameter import person_named

if TYPE_CHECKING:
    from tandem.database.connection import Connection


async def person_of(connection: Connection, row: Part, value: Any) -> str | None:
    """The Patient.id that a part of a row names; None, with a fault, when it is no name of a person."""
    try:
        return await person_named(connection, value)
    except FhirError:
        row.fault("patient", "patient is a Reference to the Patient, by id or NHS number")
        return None
