"""What binds a response to a shipped Questionnaire, and nothing else (PC-060)."""

from __future__ import annotations

from collections.abc import Iterator

from careplan_service.domain.questionnaires.assessment_part import whole_of_part
from careplan_service.domain.questionnaires.response_faults import response_faults
from careplan_service.domain.response_transitions import TRANSITIONS
from careplan_service.questionnaires.shipped_questionnaires import shipped_questionnaires
from tandem.fhir.answers_given import questionnaire_named
from tandem.fhir.outcome import Issue
from tandem.service import Change


def answers_its_questionnaire(change: Change) -> Iterator[Issue]:
    """Refuses a response that does not answer the shipped Questionnaire it names."""
    if change.after is None:
        return
    asked = questionnaire_named(change.after.get("questionnaire"))
    if asked is None:
        return
    name, version = asked
    questionnaire = shipped_questionnaires().get(name)
    if questionnaire is None:
        known = ", ".join(shipped_questionnaires())
        yield Issue(
            f"No such questionnaire is published here; there are: {known}", "QuestionnaireResponse.questionnaire"
        )
        return
    if version is not None and version != questionnaire.version:
        text = f"Questionnaire/{name} is published in version {questionnaire.version}"
        yield Issue(text, "QuestionnaireResponse.questionnaire")
    # A response that is held already may have parts by others, which `assessments` looks at.
    groups = change.before is None and whole_of_part(change.after) is None
    yield from response_faults(questionnaire, change.after, groups)


def response_moves_by_the_table(change: Change) -> Iterator[Issue]:
    """Refuses to open again what was completed; a correction is `amended`."""
    if questionnaire_named((change.before or {}).get("questionnaire")) is not None:
        yield from TRANSITIONS.moves_by_the_table(change)
