"""Procedure and Immunization: what was done to or with a person (http://hl7.org/fhir/R4/procedure.html)."""

from __future__ import annotations

from tandem.fhir.body import Resource
from tandem.record_facts.codings import facts_with
from tandem.record_facts.days import first_given
from tandem.record_facts.fact import UNDATED, Fact

_DONE = {"completed", "in-progress", "on-hold", "unknown"}
VACCINATION = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-VaccinationProcedure"
"""UK Core's extension of Immunization that gives the procedure by its SNOMED code."""


def procedure_facts(resource: Resource) -> list[Fact]:
    """The code, from the day it was performed or begun. What is prepared, given up or not done says nothing."""
    if resource.get("status") not in _DONE:
        return []
    starts = first_given(resource.get("performedDateTime"), (resource.get("performedPeriod") or {}).get("start"))
    return facts_with([resource.get("code")], UNDATED if starts is None else starts, None)


def immunization_facts(resource: Resource) -> list[Fact]:
    """The vaccine and, by UK Core, the procedure of a vaccination that was given."""
    if resource.get("status") != "completed":
        return []
    starts = first_given(resource.get("occurrenceDateTime"), resource.get("recorded"))
    procedures = [
        each.get("valueCodeableConcept") for each in resource.get("extension") or () if each.get("url") == VACCINATION
    ]
    return facts_with([resource.get("vaccineCode"), *procedures], UNDATED if starts is None else starts, None)
