"""A part of an assessment: a response to the same Questionnaire by another assessor, which names the whole (AC-045)."""

from __future__ import annotations

from tandem.canonical import PART_OF_ASSESSMENT
from tandem.fhir.body import Resource
from tandem.fhir.literal_reference import target_id


def whole_of_part(response: Resource) -> str | None:
    """The id of the QuestionnaireResponse that this one is a part of."""
    for extension in response.get("extension") or ():
        if extension.get("url") == PART_OF_ASSESSMENT:
            return target_id(extension.get("valueReference"), "QuestionnaireResponse")
    return None
