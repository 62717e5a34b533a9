"""MedicationRequest and MedicationStatement as records about a medicine (http://hl7.org/fhir/R4/medications-module.html)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from careplan_service.domain.current_medicines import current_medicines, medicine
from careplan_service.domain.medication_review.medicines import (
    HOSPITAL,
    OVER_THE_COUNTER,
    PRESCRIBED,
    STATED,
    Record,
)
from tandem.fhir.body import Resource
from tandem.identity.periods import bounds
from tandem.london_days import day_at

ORDERED: Final = ("active", "on-hold")
"""Statuses of a MedicationRequest that is to be taken, or waits to be taken up again."""
_HOSPITAL = {"inpatient", "discharge", "leave"}
_OVER_THE_COUNTER = "patientspecified"


def prescription_record(request: Resource, medications: Mapping[str, Resource]) -> Record:
    """Of a MedicationRequest; `medications` are by `Medication/id`."""
    named = with_medication(request, medications)
    told = _moment(request.get("authoredOn"), request)
    return _record("MedicationRequest", named, PRESCRIBED, "dosageInstruction", told, True)


def statement_record(statement: Resource, medications: Mapping[str, Resource], now: int) -> Record:
    """Of a MedicationStatement, at `now` (microseconds)."""
    named = with_medication(statement, medications)
    period = statement.get("effectivePeriod") or {}
    dates = (statement.get("dateAsserted"), statement.get("effectiveDateTime"), period.get("start"))
    told = _moment(next((each for each in dates if each), None), statement)
    current = bool(current_medicines([named], now))
    return _record("MedicationStatement", named, _source(statement), "dosage", told, current)


def with_medication(resource: Resource, medications: Mapping[str, Resource]) -> Resource:
    """The same with the code of the Medication that it refers to, when that is known."""
    reference = str((resource.get("medicationReference") or {}).get("reference") or "").partition("/_history/")[0]
    code = (medications.get(reference) or {}).get("code")
    return {**resource, "medicationCodeableConcept": code} if code else resource


def _record(kind: str, resource: Resource, source: str, doses: str, told: int, current: bool) -> Record:
    texts = [str(each["text"]) for each in resource.get(doses) or () if each.get("text")]
    written = bounds(str(resource["meta"]["lastUpdated"]))[0]
    concept = resource.get("medicationCodeableConcept") or _contained(resource)
    reference = f"{kind}/{resource['id']}"
    return Record(
        reference, f"{reference}/_history/{resource['meta']['versionId']}", source, medicine(resource), concept,
        current, "; ".join(texts) or None, told, written, day_at(told),
    )  # fmt: skip


def _contained(resource: Resource) -> dict[str, Any]:
    reference = resource.get("medicationReference") or {}
    for each in resource.get("contained") or ():
        if reference.get("reference") == f"#{each.get('id')}" and each.get("code"):
            code: dict[str, Any] = each["code"]
            return code
    return {"text": str(reference.get("display") or reference.get("reference") or "A medicine without a name")}


def _source(statement: Resource) -> str:
    codes = {each.get("code") for each in (statement.get("category") or {}).get("coding") or ()}
    if codes & _HOSPITAL:
        return HOSPITAL
    return OVER_THE_COUNTER if _OVER_THE_COUNTER in codes else STATED


def _moment(written: Any, resource: Resource) -> int:
    return bounds(str(written or resource["meta"]["lastUpdated"]))[0]
