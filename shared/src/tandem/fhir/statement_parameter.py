"""A statement that an operation is given, and that somebody may read who cares for none of the people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tandem.fhir.operation_parameters import optional_text
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameter_rows import Part
from tandem.statements import fault_of

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


def statement(call: OperationCall, name: str) -> str | None:
    """A text that a commissioner may read; None when it is not given. Raises FhirError 400 and 422."""
    given = optional_text(call, name)
    fault = fault_of(given) if given is not None else None
    if fault is not None:
        raise FhirError(Kind.BUSINESS_RULE, fault, expression=name)
    return given


def row_statement(row: Part, name: str, *, required: bool = True) -> str | None:
    """The same in a row; None, with a fault, when it is missing though it is required, or is no statement."""
    value = row.one(name, "a text", required=required)
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip():
        row.fault(name, f"{name} is a text that says something")
        return None
    fault = fault_of(value.strip())
    if fault is not None:
        row.fault(name, fault)
        return None
    return value.strip()
