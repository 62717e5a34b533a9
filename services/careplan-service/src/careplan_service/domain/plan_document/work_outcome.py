"""What came of a piece of work, in words; of a referral, what the Task says by which it was answered (AC-050)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from careplan_service.domain.plan_document.annotation import notes_in_words
from careplan_service.domain.plan_document.people import People
from careplan_service.domain.plan_document.plain_words import WORK_STATUS, concept_in_words, date_in_words
from careplan_service.domain.plan_document.section import reference_of
from tandem.fhir.body import Resource
from tandem.fhir.literal_reference import target_id, target_ids

STATUS_REASON: Final = "http://hl7.org/fhir/StructureDefinition/request-statusReason"
"""R4 has no ServiceRequest.statusReason (http://hl7.org/fhir/R4/extension-request-statusreason.html)."""

_UNANSWERED: Final = frozenset({"rejected", "failed", "cancelled"})


def answers_of_referrals(work: Sequence[Resource]) -> Mapping[str, list[Resource]]:
    """The Tasks that answer a ServiceRequest among the work, by its reference, and are no work of the plan's own."""
    found: dict[str, list[Resource]] = {
        reference_of(each): [] for each in work if each["resourceType"] == "ServiceRequest"
    }
    for each in work:
        request = target_id(each.get("focus"), "ServiceRequest") if each["resourceType"] == "Task" else None
        if request is not None and not target_ids(each.get("basedOn"), "CarePlan"):
            found.setdefault(f"ServiceRequest/{request}", []).append(each)
    return found


def outcome(work: Resource, answers: Iterable[Resource], people: People) -> list[str]:
    """Results, reasons and notes of the work, and of the Tasks that answer it."""
    words = _own(work, people)
    for task in answers:
        status = str(task.get("status"))
        words += [WORK_STATUS[status]] if status in _UNANSWERED else []
        words += _own(task, people)
    return list(dict.fromkeys(words))


def _own(work: Resource, people: People) -> list[str]:
    words = [_value(each) for each in work.get("output") or ()]
    reasons = [each.get("valueCodeableConcept") for each in work.get("extension") or () if each["url"] == STATUS_REASON]
    words += [concept_in_words(each) for each in (work.get("statusReason"), *reasons)]
    if work["resourceType"] == "Task":
        words.append(concept_in_words(work.get("businessStatus")))
    return [each for each in words if each] + notes_in_words(work.get("note"), people)


def _value(output: dict[str, Any]) -> str:
    """What an output says; a record that it refers to has a name only when it is written beside it."""
    words = concept_in_words(output.get("valueCodeableConcept")) or str(output.get("valueString") or "")
    words = words or date_in_words(output.get("valueDateTime") or output.get("valueDate"))
    return words or str((output.get("valueReference") or {}).get("display") or "")
