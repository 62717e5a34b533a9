"""`Measure/{id}/$data-requirements`: http://hl7.org/fhir/R4/measure-operation-data-requirements.html."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metrics_service.domain.measures.clauses import clauses_of
from metrics_service.domain.measures.definition import Definition
from metrics_service.measures.measure_resource import measure_url
from metrics_service.measures.shipped import definitions
from metrics_service.measures.value_sets import value_sets
from tandem.canonical import BASE
from tandem.fhir.body import encode
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirResponse

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

FACT = f"{BASE}/StructureDefinition/measure-fact"
"""Extension of a data requirement: the kind of fact that is counted (docs/measure-facts.md)."""


async def data_requirements(call: OperationCall) -> FhirResponse:
    """A Library of the type module-definition. Raises FhirError 404, and 422 for a Measure that is a record."""
    assert call.id is not None, "declared on the instance"
    definition = definitions().get(call.id)
    if definition is None:
        raise FhirError(Kind.NOT_FOUND, "There is no such Measure among those that are evaluated here")
    return FhirResponse(200, encode(_library(definition)))


def _library(definition: Definition) -> dict[str, Any]:
    asked: dict[str, set[str]] = {}
    for clause in clauses_of(definition):
        for kind in clause.facts:
            asked.setdefault(kind, set()).update(clause.codes)
    return {
        "resourceType": "Library",
        "status": "active",
        "type": {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/library-type", "code": "module-definition"}]
        },
        "relatedArtifact": [{"type": "depends-on", "resource": f"{measure_url(definition)}|{definition.version}"}],
        "dataRequirement": [_requirement(kind, sorted(codes)) for kind, codes in sorted(asked.items())],
    }


def _requirement(kind: str, codes: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {"extension": [{"url": FACT, "valueCode": kind}], "type": "Resource"}
    if codes:
        found["codeFilter"] = [
            {"path": "code", "valueSet": f"{BASE}/ValueSet/{name}|{value_sets()[name].version}"} for name in codes
        ]
    return found
