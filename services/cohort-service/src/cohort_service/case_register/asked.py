"""What the operations on a register were asked, beside rows: statements, sources, pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cohort_service.domain.case_register.statement import fault_of
from tandem.fhir.operation_parameters import optional_text
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameter_rows import Part
from tandem.fhir.person_parameter import person_named

if TYPE_CHECKING:
    from tandem.database.connection import Connection
    from tandem.fhir.operation import OperationCall



def statement(call: OperationCall, name: str) -> str | None:
    """A text that the commissioner may read; None when it is not given. Raises FhirError 400 and 422."""
    given = optional_text(call, name)
    fault = fault_of(given) if given is not None else None
    if fault is not None:
        raise FhirError(Kind.BUSINESS_RULE, fault, expression=name)
    return given


async def person_of(connection: Connection, row: Part, value: Any) -> str | None:
    """The Patient.id that a part of a row names; None, with a fault, when it is no name of a person."""
    try:
        return await person_named(connection, value)
    except FhirError:
        row.fault("patient", "patient is a Reference to the Patient, by id or NHS number")
        return None
