"""Shared decisions: what completes one, and which count as required in a year (000 §5.3, §5.6, §5.7; 004 §13)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tandem.canonical import SNOMED_CT
from tandem.demo.client import FhirClient, Refused
from tandem.fhir.body import Resource
from tandem_tests.neighbourhood import settle_in
from tandem_tests.network_area import parameters, part, values
from tandem_tests.professionals import professional
from tandem_tests.questionnaire_responses import coding, draft_plan, item, response
from tandem_tests.running import EmbeddedTandem

BACK, HIP, KNEE, SHOULDER = "279039007", "49218002", "30989003", "45326000"
ELBOW, ATRIAL_FIBRILLATION, ANGINA = "74323005", "49436004", "194828000"
TRAINING = "shared-decision-making-training"
TOOL = (item("tool-name", "Making a decision about knee pain"), item("tool-version", "2019"))


class Clinic:
    """A person and the professionals of one practice."""

    def __init__(self, practice: FhirClient, operator: FhirClient, person: str, organisation: dict[str, Any]) -> None:
        self.practice, self.operator, self.person, self.organisation = practice, operator, person, organisation

    async def professional(self, kind: str, *, trained: bool = True) -> str:
        """Somebody of a kind of staff who works here: `PractitionerRole/id`."""
        return await professional(self.practice, self.organisation, kind, qualified=TRAINING if trained else None)

    def decision(self, code: str, *items: dict[str, Any], day: str = "2020-06-29", lead: str | None = None) -> Resource:
        """A decision that was completed on a day."""
        led = [{"linkId": "led-by", "answer": [{"valueReference": {"reference": lead}}]}] if lead else []
        return response(
            "shared-decision", self.person, "completed",
            item("situation", {"system": SNOMED_CT, "code": code}), item("options", "Exercise", "Doing nothing"),
            item("preferences", "To walk to the shop"), item("decision", "Twelve weeks of exercise"), *items, *led,
            authored=day,
        )  # fmt: skip

    async def standing(self, **asked: str) -> dict[str, bool]:
        """Whether each completed decision counts as required, by the code of its situation and its day."""
        query = "&".join(f"{name}={value}" for name, value in asked.items())
        answer = await self.practice.call(
            "GET", f"QuestionnaireResponse/$shared-decisions?patient=Patient/{self.person}&{query}"
        )
        return {
            f"{values(each, 'situation')[0]['code']} {values(each, 'date')[0]}": values(each, "required")[0]
            for each in values(answer, "decision")
        }


@pytest.fixture
async def clinic(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> Clinic:
    here = await settle_in(http, embedded)
    operator = FhirClient(http, embedded.url, embedded.token("T0001", operator=True))
    return Clinic(here.client(http, "practice"), operator, here.person, here.reference("practice"))


def missing(refused: Refused) -> str:
    """The words of the refusal."""
    assert refused.status == 422
    return " ".join(issue["details"]["text"] for issue in refused.outcome["issue"])


@pytest.mark.requirement("PC-002")
async def test_a_required_decision_names_its_decision_support_tool(clinic: Clinic) -> None:
    physiotherapist = await clinic.professional("physiotherapist")
    without = clinic.decision(KNEE, item("no-tool-reason", "None was at hand"), lead=physiotherapist)
    with pytest.raises(Refused) as refused:
        await clinic.practice.create(without)
    assert "decision support tool" in missing(refused.value)
    assert await clinic.standing() == {}, "nothing of what was refused is kept"
    await clinic.practice.create(clinic.decision(KNEE, *TOOL, lead=physiotherapist))
    assert await clinic.standing() == {f"{KNEE} 2020-06-29": True}
    await clinic.practice.create(clinic.decision(ANGINA, item("no-tool-reason", "There is none")))
    assert (await clinic.standing())[f"{ANGINA} 2020-06-29"] is False, "of another situation no tool is asked"


@pytest.mark.requirement("PC-011")
async def test_pain_of_back_hip_knee_and_shoulder_led_by_a_physiotherapist_counts_and_of_the_elbow_does_not(
    clinic: Clinic,
) -> None:
    physiotherapist, gp = await clinic.professional("physiotherapist"), await clinic.professional("gp")
    for code in (BACK, HIP, KNEE, SHOULDER, ELBOW):
        await clinic.practice.create(clinic.decision(code, *TOOL, lead=physiotherapist))
    await clinic.practice.create(clinic.decision(KNEE, *TOOL, lead=gp, day="2020-06-30"))
    assert await clinic.standing() == {
        f"{BACK} 2020-06-29": True, f"{HIP} 2020-06-29": True, f"{KNEE} 2020-06-29": True,
        f"{SHOULDER} 2020-06-29": True, f"{ELBOW} 2020-06-29": False, f"{KNEE} 2020-06-30": False,
    }  # fmt: skip
    assert await clinic.standing(to="2020-06-28") == {}


@pytest.mark.requirement("PC-021")
async def test_risk_of_stroke_in_atrial_fibrillation_counts_from_2021_on(clinic: Clinic) -> None:
    await clinic.practice.create(clinic.decision(ATRIAL_FIBRILLATION, *TOOL, day="2021-03-31"))
    await clinic.practice.create(clinic.decision(ATRIAL_FIBRILLATION, *TOOL, day="2021-04-01"))
    assert await clinic.standing() == {
        f"{ATRIAL_FIBRILLATION} 2021-03-31": False, f"{ATRIAL_FIBRILLATION} 2021-04-01": True
    }  # fmt: skip


@pytest.mark.requirement("PC-027", "PC-033")
@pytest.mark.parametrize(
    ("first", "before", "code"), [("2022-04-01", "2022-03-31", "111111111"), ("2023-04-01", "2023-03-31", "222222222")]
)
async def test_an_additional_situation_counts_from_its_year_beside_the_others(
    clinic: Clinic, first: str, before: str, code: str
) -> None:
    physiotherapist = await clinic.professional("physiotherapist")
    published = parameters(
        part("id", valueString=f"situation-{code}"), part("title", valueString="A situation confirmed later"),
        part("code", valueCoding={"system": "https://supplier.example/situations", "code": code}),
        part("from", valueDate=first), part("source", valueString="Network Contract DES"),
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        await clinic.practice.call("POST", "QuestionnaireResponse/$decision-situations", published)
    assert refused.value.status == 403
    await clinic.operator.call("POST", "QuestionnaireResponse/$decision-situations", published)
    coded = item("situation", {"system": "https://supplier.example/situations", "code": code})
    for day in (before, first):
        decision = clinic.decision(code, *TOOL, day=day)
        await clinic.practice.create({**decision, "item": [coded, *decision["item"][1:]]})
        await clinic.practice.create(clinic.decision(KNEE, *TOOL, day=day, lead=physiotherapist))
        await clinic.practice.create(clinic.decision(ATRIAL_FIBRILLATION, *TOOL, day=day))
    standing = await clinic.standing()
    assert [standing[f"{code} {day}"] for day in (before, first)] == [False, True]
    assert [standing[f"{each} {first}"] for each in (KNEE, ATRIAL_FIBRILLATION)] == [True, True]


@pytest.mark.on_six_processes
@pytest.mark.requirement("PC-043")
async def test_a_physiotherapist_without_recorded_training_is_refused_and_with_training_and_tool_it_counts(
    clinic: Clinic,
) -> None:
    untrained = await clinic.professional("physiotherapist", trained=False)
    with pytest.raises(Refused) as refused:
        await clinic.practice.create(clinic.decision(HIP, *TOOL, lead=untrained))
    assert "trained" in missing(refused.value)
    trained = await clinic.professional("physiotherapist")
    await clinic.practice.create(clinic.decision(HIP, *TOOL, lead=trained))
    assert await clinic.standing() == {f"{HIP} 2020-06-29": True}
    too_early = clinic.decision(HIP, *TOOL, lead=trained, day="2019-04-30")
    await clinic.practice.create(too_early)
    assert (await clinic.standing())[f"{HIP} 2019-04-30"] is False, "nothing was required before April 2020"


@pytest.mark.requirement("PCN-084")
async def test_a_person_who_wants_a_say_has_their_view_recorded(clinic: Clinic) -> None:
    plan = await clinic.practice.create(draft_plan(clinic.person))
    wanted = item("involvement-wanted", coding("decide-together"))
    based = {"basedOn": [{"reference": f"CarePlan/{plan['id']}"}]}
    await clinic.practice.create(
        response(
            "personalised-care-and-support-plan", clinic.person, "completed", wanted, authored="2020-06-01", **based
        )
    )
    with pytest.raises(Refused) as refused:
        await clinic.practice.create(clinic.decision(ANGINA, *TOOL))
    assert "own view" in missing(refused.value)
    view = item("person-view", "I would rather try tablets first")
    await clinic.practice.create(clinic.decision(ANGINA, *TOOL, view))
    rather_not = item("involvement-wanted", coding("others-decide"))
    await clinic.practice.create(clinic.decision(ANGINA, *TOOL, rather_not, day="2020-06-30"))
    assert len(await clinic.standing()) == 2
