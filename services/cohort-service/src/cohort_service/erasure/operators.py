"""Erasure and legal holds are for operators alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tandem.fhir.outcome import FhirError, Kind

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


def operator_of(call: OperationCall) -> str:
    """Who asks, as it is kept with what they order. Raises FhirError 403 for anyone but an operator."""
    caller = call.request.caller
    if not caller.operator or caller.person is not None:
        raise FhirError(Kind.FORBIDDEN, "Only an operator may do this")
    return caller.user or caller.client or caller.organisation
