"""What of the catalogue only an operator may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tandem.fhir.outcome import FhirError, Kind

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


def for_operators(call: OperationCall, what: str) -> None:
    """Raises FhirError 403 for everybody else."""
    if not call.request.caller.sees_all:
        raise FhirError(Kind.FORBIDDEN, f"Only an operator {what}")
