"""What is said of a measurement to the patient's record."""

from __future__ import annotations

from decimal import Decimal

from careplan_service.activation.observation_reaction import REQUESTED
from tandem.fhir.validation import validator
from tandem.identity.caller import Caller
from tandem_tests.questionnaire_responses import item, pam
from tandem_tests.small_work import SmallWork

PRACTICE = Caller("A00001")


async def test_each_version_of_a_measurement_asks_for_one_observation(work: SmallWork) -> None:
    author = {"author": {"reference": "Practitioner/n1"}}
    body = {**pam("p1", "47.5", 2, "2020-06-01T10:00:00+01:00", **author), "id": "r1"}
    await work.write({**body, "status": "in-progress"}, PRACTICE)
    assert work.of(REQUESTED) == []
    await work.write(body, PRACTICE)
    await work.write({**body, "status": "amended", "item": [item("score", Decimal(60)), item("level", 3)]}, PRACTICE)
    await work.write({**body, "status": "entered-in-error"}, PRACTICE)
    await work.delete("QuestionnaireResponse", "r1")
    asked = [each["observation"] for each in work.of(REQUESTED)]
    assert [(each["status"], each.get("valueInteger")) for each in asked] == [
        ("final", 2), ("amended", 3), ("entered-in-error", None),
    ]  # fmt: skip
    assert len({each["id"] for each in asked}) == 1
    assert [each["derivedFrom"][0]["reference"].rpartition("/")[2] for each in asked] == ["2", "3", "4"]
    assert asked[0]["performer"] == [author["author"]]
    assert asked[0]["effectiveDateTime"] == "2020-06-01T10:00:00+01:00"
    assert all(validator().validate(each) == [] for each in asked)


async def test_deleting_a_measurement_withdraws_it(work: SmallWork) -> None:
    await work.write({**pam("p1", "47.5", 2, "2020-06-01"), "id": "r1"}, PRACTICE)
    await work.delete("QuestionnaireResponse", "r1")
    assert [each["observation"]["status"] for each in work.of(REQUESTED)] == ["final", "entered-in-error"]
