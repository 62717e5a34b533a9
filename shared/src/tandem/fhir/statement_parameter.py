"""A statement that an operation is given, and that somebody may read who cares for none of the people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tandem.fhir.operation_parameters import optional_text
from tandem.fhir.outcome import FhirError, Kind
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
