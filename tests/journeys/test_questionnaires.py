"""Published templates, and records made from them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import httpx
import pytest

from tandem.canonical import QUESTIONNAIRE
from tandem.demo.client import FhirClient, Refused
from tandem.fhir.body import Resource
from tandem_tests.neighbourhood import settle_in
from tandem_tests.questionnaire_responses import coding, response
from tandem_tests.running import EmbeddedTandem

TEMPLATES = (
    "social-prescribing", "shared-decision", "personalised-care-and-support-plan", "patient-activation-measure",
)  # fmt: skip
_ANSWERS: dict[str, Any] = {
    "text": {"valueString": "Said in the person's words"}, "string": {"valueString": "Said"},
    "boolean": {"valueBoolean": True}, "date": {"valueDate": "2020-07-01"}, "integer": {"valueInteger": 2},
    "decimal": {"valueDecimal": Decimal("50.5")}, "reference": {"valueReference": {"display": "Dr Lee"}},
}  # fmt: skip


def filled_in(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """An answer to every item of a template that is not asked only now and then, as the template describes it."""
    asked = [each for each in items if "enableWhen" not in each or each["linkId"] == "tool-version"]
    # A carer's views need the person's consent, which is another story.
    return [_filled(each) for each in asked if each["linkId"] != "carer-view"]


def _filled(asked: dict[str, Any]) -> dict[str, Any]:
    if asked["type"] == "group":
        return {"linkId": asked["linkId"], "item": filled_in(asked["item"])}
    if asked["type"] in ("choice", "open-choice"):
        options = asked.get("answerOption") or [{"valueCoding": coding("back-pain")}]
        return {"linkId": asked["linkId"], "answer": [options[0]]}
    return {"linkId": asked["linkId"], "answer": [_ANSWERS[asked["type"]]]}


async def refusal(client: FhirClient, body: Resource) -> list[tuple[str, str]]:
    """Text and place of each fault of a response that is refused."""
    with pytest.raises(Refused) as refused:
        await client.create(body)
    assert refused.value.status == 422
    return [(each["details"]["text"], each["expression"][0]) for each in refused.value.outcome["issue"]]


@pytest.mark.requirement("PC-060")
@pytest.mark.parametrize("name", TEMPLATES)
async def test_a_record_made_from_a_published_template_is_held_to_it(
    embedded: EmbeddedTandem, http: httpx.AsyncClient, name: str
) -> None:
    here = await settle_in(http, embedded)
    practice = here.client(http, "practice")
    [template] = await practice.search(f"Questionnaire?url={QUESTIONNAIRE}/{name}&status=active")
    assert template == await practice.read(f"Questionnaire/{name}")
    record = response(name, here.person, "completed", *filled_in(template["item"]))
    made = await practice.create(record)
    assert made["status"] == "completed"

    wrong = [{"linkId": "no-such-item", "answer": [{"valueString": "?"}]}, *record["item"][1:]]
    [(text, place), *_] = await refusal(practice, {**record, "item": wrong})
    assert "no linkId" in text
    assert place == "QuestionnaireResponse.item[0].linkId"
    required = [each["linkId"] for each in template["item"] if each.get("required") and "enableWhen" not in each]
    if required:
        faults = await refusal(practice, {each: value for each, value in record.items() if each != "item"})
        assert {text.split("'")[1] for text, _ in faults} >= set(required), "all that is missing at once"
        begun = await practice.create({**record, "status": "in-progress", "item": record["item"][:1]})
        assert begun["status"] == "in-progress", "one that is begun may be partial"


async def test_types_options_and_versions_are_checked_with_their_places(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    here = await settle_in(http, embedded)
    practice = here.client(http, "practice")
    name = "personalised-care-and-support-plan"
    faults = await refusal(practice, response(name, here.person, "in-progress", *[
        {"linkId": "about-me", "answer": [{"valueInteger": 3}]},
        {"linkId": "forum", "answer": [{"valueCoding": coding("pub")}]},
        {"linkId": "agreement", "answer": [{"valueBoolean": True}, {"valueBoolean": False}]},
        {"linkId": "about-me", "answer": [{"valueString": "Again"}]},
    ]))  # fmt: skip
    assert [place for _, place in faults] == [
        "QuestionnaireResponse.item[0].answer[0].valueInteger", "QuestionnaireResponse.item[1].answer[0].valueCoding",
        "QuestionnaireResponse.item[2].answer", "QuestionnaireResponse.item[3]",
    ]  # fmt: skip
    assert "care-home-round" in faults[1][0], "the options are named"
    later = {**response(name, here.person, "in-progress"), "questionnaire": f"{QUESTIONNAIRE}/{name}|9.0"}
    [(text, _)] = await refusal(practice, later)
    assert "1.0.0" in text
    [(text, _)] = await refusal(practice, response("no-such-template", here.person, "in-progress"))
    assert name in text, "what there is instead"
    nobody = response(name, here.person, "in-progress")
    del nobody["subject"]
    [(text, place)] = await refusal(practice, nobody)
    assert place == "QuestionnaireResponse.subject"


async def test_a_response_to_another_questionnaire_is_a_record_and_bound_by_nothing(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    here = await settle_in(http, embedded)
    practice = here.client(http, "practice")
    foreign = response("shared-decision", here.person, "completed", {"linkId": "17", "answer": [{"valueInteger": 4}]})
    for canonical in ("https://supplier.example/Questionnaire/shared-decision", None):
        body = {**foreign, "questionnaire": canonical} if canonical else dict(foreign)
        if canonical is None:
            del body["questionnaire"]
        made = await practice.create(body)
        reopened = await practice.call("PUT", f"QuestionnaireResponse/{made['id']}", {**made, "status": "in-progress"})
        assert reopened["status"] == "in-progress"
        assert (await practice.request("GET", f"QuestionnaireResponse/{made['id']}/$assessment")).status_code == 404
