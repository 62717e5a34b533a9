"""What the operations of a medication review are given: references, reasons, and medicines with their decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from careplan_service.domain.medication_review.codes import coded_reasons
from careplan_service.domain.medication_review.completion import NO_REASON
from tandem.canonical import SNOMED_CT
from tandem.fhir.body import parse_resource
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameter_rows import Part

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


def reasons_given(call: OperationCall) -> list[dict[str, Any]]:
    """The reasons as CodeableConcepts. Raises FhirError 422 for one that is not coded in SNOMED CT (SMR-039)."""
    found = [_concept(each, "reason") for each in call.parameters.get("reason", [])]
    if not all(coded_reasons([each]) for each in found):
        raise FhirError(Kind.BUSINESS_RULE, issues=[NO_REASON])
    return found


def concept_of_row(row: Part, name: str, meaning: str, *, required: bool = False) -> dict[str, Any] | None:
    """A CodeableConcept: given itself, as a Coding, or as text; None, with a fault, for anything else."""
    value = row.one(name, meaning, required=required)
    if value is None:
        return None
    try:
        return _concept(value, name)
    except FhirError:
        row.fault(name, f"{name} is {meaning}: a CodeableConcept, a Coding or a text")
        return None


def names_given(call: OperationCall) -> set[str]:
    """The names of the parameters in the body, those with parts among them."""
    body = parse_resource(call.request.body) if call.request.body else {}
    parameters = body.get("parameter") if body.get("resourceType") == "Parameters" else None
    listed = parameters if isinstance(parameters, list) else []
    return {str(each.get("name")) for each in listed if isinstance(each, dict)}


def _concept(value: Any, name: str) -> dict[str, Any]:
    if isinstance(value, dict) and (isinstance(value.get("coding"), list) or isinstance(value.get("text"), str)):
        return value
    if isinstance(value, dict) and isinstance(value.get("code"), str):
        return {"coding": [value]}
    if isinstance(value, str) and value.strip():
        system, separator, code = value.strip().partition("|")
        if separator and system == SNOMED_CT:
            return {"coding": [{"system": system, "code": code}]}
        return {"text": value.strip()}
    raise FhirError(Kind.BAD_REQUEST, f"{name} is a CodeableConcept, a Coding or system|code", expression=name)
