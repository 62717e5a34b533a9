"""Which facts a record gives: the one entrance, by type of record (docs/facts.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cohort_service.domain.audit_findings import audit_facts
from cohort_service.domain.facts.care_plans import care_plan_facts, questionnaire_facts
from cohort_service.domain.facts.encounters import encounter_facts
from cohort_service.domain.facts.episodes import episode_facts, flag_facts
from cohort_service.domain.facts.people import person_of
from cohort_service.domain.facts.predictions import risk_assessment_facts
from cohort_service.domain.facts.requests import service_request_facts
from tandem.fhir.body import Resource
from tandem.record_facts.conditions import condition_facts
from tandem.record_facts.fact import Fact
from tandem.record_facts.medicines import medicine_facts
from tandem.record_facts.observations import observation_facts
from tandem.record_facts.procedures import immunization_facts, procedure_facts

__all__ = ["FOREIGN_TYPES", "OWN_TYPES", "facts_of", "person_of"]

Extraction = Callable[[Resource], list[Fact]]

_OWN: Mapping[str, Extraction] = {
    "Condition": condition_facts,
    "Observation": observation_facts,
    "Procedure": procedure_facts,
    "Encounter": encounter_facts,
    "EpisodeOfCare": episode_facts,
    "Flag": flag_facts,
    "Immunization": immunization_facts,
    "MedicationRequest": medicine_facts,
    "List": audit_facts,
}
_FOREIGN: Mapping[str, Extraction] = {
    "MedicationStatement": medicine_facts,
    "ServiceRequest": service_request_facts,
    "RiskAssessment": risk_assessment_facts,
    "QuestionnaireResponse": questionnaire_facts,
    "CarePlan": care_plan_facts,
}
_BY_TYPE: Mapping[str, Extraction] = {**_OWN, **_FOREIGN}

OWN_TYPES: tuple[str, ...] = tuple(_OWN)
"""Types of cohort-service whose records give facts."""
FOREIGN_TYPES: tuple[str, ...] = tuple(_FOREIGN)
"""Types of other services whose records give facts, learned from events."""


def facts_of(resource: Resource) -> list[Fact]:
    """The facts of a record, each once; none of a record that says nothing, or of a type that never does.

    What an order by reference to a Medication says is in `medications`: it takes two records.
    """
    extraction = _BY_TYPE.get(str(resource.get("resourceType")))
    return list(dict.fromkeys(extraction(resource))) if extraction is not None else []
