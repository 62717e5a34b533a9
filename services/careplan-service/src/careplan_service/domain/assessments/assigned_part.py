"""A Task that assigns parts of an assessment (AC-045).

`code` is `assessment-part` of CodeSystem/task-kind, `focus` the QuestionnaireResponse that is the whole, `owner` who
assesses, and each `input` whose type says `section` names a section of the Questionnaire by its linkId.
"""

from __future__ import annotations

from typing import Any

from tandem.canonical import TASK_KIND
from tandem.fhir.body import Resource
from tandem.fhir.literal_reference import target_id

KIND = "assessment-part"
SECTION = "section"


def whole_assigned(task: Resource) -> str | None:
    """The id of the whole that a Task assigns a part of; None for every other Task."""
    codings = (task.get("code") or {}).get("coding") or ()
    if not any(coding.get("system") == TASK_KIND and coding.get("code") == KIND for coding in codings):
        return None
    return target_id(task.get("focus"), "QuestionnaireResponse")


def sections_assigned(task: Resource) -> list[str]:
    """The linkIds of the sections it names."""
    return [str(each["valueString"]) for each in task.get("input") or () if _is_section(each) and "valueString" in each]


def _is_section(given: dict[str, Any]) -> bool:
    concept = given.get("type") or {}
    codes = [coding.get("code") for coding in concept.get("coding") or ()]
    return SECTION in (concept.get("text"), *codes)
