"""The Questionnaires that ship with the service, and putting them at start."""

from __future__ import annotations

import pytest

from careplan_service.domain.questionnaires.questionnaire import Questionnaire, questionnaire_of
from careplan_service.questionnaires.shipped_questionnaires import (
    put_questionnaires,
    shipped_questionnaires,
    shipped_resources,
)
from tandem.canonical import QUESTIONNAIRE, QUESTIONNAIRE_ANSWER
from tandem.fhir.body import Resource
from tandem.fhir.validation import validator
from tandem_tests.small_work import SmallWork


@pytest.mark.parametrize("resource", shipped_resources(), ids=lambda each: str(each["id"]))
def test_each_is_valid_r4_and_published_under_its_name(resource: Resource) -> None:
    assert validator().validate(resource) == []
    assert resource["url"] == f"{QUESTIONNAIRE}/{resource['id']}"
    assert resource["status"] == "active"


@pytest.mark.parametrize("questionnaire", shipped_questionnaires().values(), ids=lambda each: str(each.name))
def test_what_responses_are_held_to_can_be_read(questionnaire: Questionnaire) -> None:
    assert questionnaire.links
    for item in questionnaire.links.values():
        assert item.system in (None, QUESTIONNAIRE_ANSWER)
        assert {condition.question for condition in item.conditions} <= set(questionnaire.links)
        assert bool(item.items) == (item.type == "group")


def test_a_condition_that_is_not_understood_is_refused_at_once() -> None:
    resource = {
        "id": "x", "version": "1", "title": "X",
        "item": [{"linkId": "a", "text": "A", "type": "string", "enableWhen": [
            {"question": "b", "operator": ">", "answerInteger": 1},
        ]}],
    }  # fmt: skip
    with pytest.raises(ValueError, match=">"):
        questionnaire_of(resource)


async def test_they_are_put_once_and_again_when_changed(work: SmallWork) -> None:
    await put_questionnaires(work)
    held = {name: each["meta"]["versionId"] for name, each in work.resources.items()}
    assert held == {f"Questionnaire/{name}": "1" for name in shipped_questionnaires()}
    work.resources["Questionnaire/falls-assessment"]["title"] = "Another"
    await put_questionnaires(work)
    changed = {name: each["meta"]["versionId"] for name, each in work.resources.items()}
    assert changed == {**held, "Questionnaire/falls-assessment": "2"}
