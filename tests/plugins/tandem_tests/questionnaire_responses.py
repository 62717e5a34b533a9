"""Responses to the Questionnaires that ship with the product, as a clinical system would fill them in."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tandem.canonical import PART_OF_ASSESSMENT, QUESTIONNAIRE, QUESTIONNAIRE_ANSWER, SNOMED_CT
from tandem.fhir.body import Resource

_KINDS = {bool: "valueBoolean", int: "valueInteger", Decimal: "valueDecimal", str: "valueString", dict: "valueCoding"}
DOMAINS = ("physical", "psychological", "functional", "social", "environmental")


def coding(code: str) -> dict[str, Any]:
    """An answer option."""
    return {"system": QUESTIONNAIRE_ANSWER, "code": code}


def item(link: str, *values: Any) -> dict[str, Any]:
    """A question with its answers; a value that is a list is the items of a group."""
    if values and isinstance(values[0], list):
        return {"linkId": link, "item": values[0]}
    return {"linkId": link, "answer": [{_KINDS[type(value)]: value} for value in values]}


def findings(*sections: str, text: str = "Found by asking and looking") -> list[dict[str, Any]]:
    """A group for each section with what was found."""
    return [item(each, [item(f"{each}.findings", f"{text}: {each}")]) for each in sections]


def response(name: str, patient: str, status: str, *items: dict[str, Any], **more: Any) -> Resource:
    """A response to the Questionnaire of this name; `patient` is a Patient id."""
    body = {
        "resourceType": "QuestionnaireResponse", "questionnaire": f"{QUESTIONNAIRE}/{name}", "status": status,
        "subject": {"reference": f"Patient/{patient}"}, **more,
    }  # fmt: skip
    return {**body, "item": list(items)} if items else body


def part_of(whole: Resource) -> dict[str, Any]:
    """The extension by which a response is a part of another."""
    reference = {"reference": f"QuestionnaireResponse/{whole['id']}"}
    return {"extension": [{"url": PART_OF_ASSESSMENT, "valueReference": reference}]}


def draft_plan(patient: str) -> Resource:
    """A shared plan that is being made."""
    return {
        "resourceType": "CarePlan", "status": "draft", "intent": "plan",
        "category": [{"coding": [{"system": SNOMED_CT, "code": "2181441000000107"}]}],
        "subject": {"reference": f"Patient/{patient}"},
    }  # fmt: skip


def pam(patient: str, score: str, level: int, authored: str, **more: Any) -> Resource:
    """A completed Patient Activation Measure."""
    items = (item("score", Decimal(score)), item("level", level))
    return response("patient-activation-measure", patient, "completed", *items, authored=authored, **more)
