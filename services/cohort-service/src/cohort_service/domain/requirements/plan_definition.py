"""A requirement, and the requirements of a service, as PlanDefinitions (http://hl7.org/fhir/R4/plandefinition.html)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from cohort_service.domain.networks.codes import SERVICE_SYSTEM
from cohort_service.domain.requirements.phase import NEVER
from cohort_service.domain.requirements.requirement import Requirement, canonical_url
from tandem.canonical import BASE
from tandem.fhir.body import Resource
from tandem.identity.audit_event import organisation_reference

REQUIREMENT_ID = f"{BASE}/Id/requirement"
DIGITAL_DELIVERY = f"{BASE}/StructureDefinition/digital-delivery"
"""Extension on PlanDefinition, a boolean: whether a contact by video counts."""
STAFF_COHORT = f"{BASE}/StructureDefinition/staff-cohort"
"""Extension on PlanDefinition, a Coding: whom a training duty is about."""
LOCAL_REQUIREMENT = f"{BASE}/StructureDefinition/local-requirement"
"""Extension on PlanDefinition: `holder` (Reference to the commissioner) and `benefit` (markdown)."""
_KINDS = f"{BASE}/CodeSystem/requirement-kind"
SERVICE_TITLES = {
    "PCN": "Primary care networks", "SMR": "Structured medication reviews and optimisation",
    "EHCH": "Enhanced health in care homes", "AC": "Anticipatory care", "PC": "Personalised care",
    "ECD": "Supporting early cancer diagnosis", "PCPC": "Proactive coordinated primary care",
}  # fmt: skip


def resource_id(requirement: Requirement) -> str:
    """The id of the PlanDefinition of one version."""
    return f"{requirement.id}-{requirement.version}"


def plan_definition(requirement: Requirement, until: date | None = None) -> Resource:
    """The PlanDefinition of one version; `until` is its last day when a later version follows it."""
    plan: Resource = {
        "resourceType": "PlanDefinition",
        "id": resource_id(requirement),
        "extension": _extensions(requirement),
        "url": canonical_url(requirement.id),
        "identifier": [{"system": REQUIREMENT_ID, "value": requirement.id}],
        "version": str(requirement.version),
        "title": requirement.title or requirement.id,
        "status": "active",
        "description": requirement.text,
        "topic": [
            {"coding": [{"system": SERVICE_SYSTEM, "code": requirement.service}]},
            {"coding": [{"system": _KINDS, "code": requirement.kind}]},
        ],
        "relatedArtifact": evidence(requirement),
        "action": [{"title": requirement.actor, "description": requirement.text}],
    }
    period = {}
    if requirement.starts is not None and requirement.starts != NEVER:
        period["start"] = requirement.starts.isoformat()
    if until is not None and until >= (requirement.starts or date.min):
        period["end"] = until.isoformat()
    return plan | ({"effectivePeriod": period} if period else {})


def evidence(requirement: Requirement) -> list[dict[str, Any]]:
    """The references that this version rests on, each labelled with the version."""
    label = f"{requirement.id} version {requirement.version}"
    return [{"type": "citation", "label": label, "citation": reference} for reference in requirement.evidence]


def _extensions(requirement: Requirement) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [{"url": DIGITAL_DELIVERY, "valueBoolean": requirement.digital}]
    for staff in requirement.staff:
        coding = {"system": staff.system, "code": staff.code} | ({"display": staff.display} if staff.display else {})
        found.append({"url": STAFF_COHORT, "valueCoding": coding})
    if requirement.holder is not None:
        parts: list[dict[str, Any]] = [
            {"url": "holder", "valueReference": organisation_reference(requirement.holder)},
            {"url": "benefit", "valueMarkdown": requirement.benefit},
        ]
        found.append({"url": LOCAL_REQUIREMENT, "extension": parts})
    return found


def service_definition(service: str, requirements: Sequence[Requirement]) -> Resource:
    """The PlanDefinition of a service: an action for each of its requirements, in its newest version."""
    return {
        "resourceType": "PlanDefinition",
        "id": f"service-{service}",
        "url": f"{BASE}/PlanDefinition/service-{service}",
        "title": SERVICE_TITLES.get(service, service),
        "status": "active",
        "topic": [{"coding": [{"system": SERVICE_SYSTEM, "code": service}]}],
        "action": [
            {
                "prefix": each.id, "title": f"{each.id} version {each.version}", "description": each.text,
                "documentation": evidence(each), "definitionCanonical": each.canonical,
            }
            for each in requirements
        ],
    }  # fmt: skip
