"""Personal health budgets: promoted, offered, agreed; and the model of personalised care (000 §5.5, §5.6; 002)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import httpx
import pytest

from tandem.canonical import CARE_COMPONENT, FLAG_KIND, SNOMED_CT
from tandem.demo.client import FhirClient, Refused
from tandem_tests.neighbourhood import settle_in
from tandem_tests.network_area import Area, new_area, parameters, part, values
from tandem_tests.questionnaire_responses import coding, draft_plan, item, response
from tandem_tests.running import EmbeddedTandem

SEVERE = {"system": SNOMED_CT, "code": "925861000000102", "display": "Severe frailty"}
COHORT = "frailty-severe"


@pytest.fixture
async def area(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> Area:
    return await new_area(http, embedded)


async def frail(area: Area, practice: str = "northern") -> str:
    """Somebody who is on the list of the cohort since June 2020: Patient.id."""
    patient = await area.register(practice)
    await area.client(practice).create({
        "resourceType": "Observation", "status": "final", "subject": {"reference": f"Patient/{patient}"},
        "code": {"coding": [SEVERE]}, "effectiveDateTime": "2020-06-01",
    })  # fmt: skip
    await area.client("operator").caught_up()
    return patient


async def has_legal_right(area: Area, patient: str, practice: str = "northern") -> None:
    """The practice flags the person's right."""
    await area.client(practice).create({
        "resourceType": "Flag", "status": "active", "subject": {"reference": f"Patient/{patient}"},
        "code": {"coding": [{"system": FLAG_KIND, "code": "legal-right-to-personal-health-budget"}]},
        "period": {"start": "2020-06-15"},
    })  # fmt: skip
    await area.client("operator").caught_up()


async def due(client: FhirClient, as_of: str = "2020-07-01") -> dict[str, set[str]]:
    """The reasons for which budgets are to be talked about, by Patient.id."""
    answer = await client.call("GET", f"QuestionnaireResponse/$budget-promotions?as-of={as_of}")
    return {
        values(each, "patient")[0]["reference"].removeprefix("Patient/"): {
            values(reason, "code")[0] for reason in values(each, "reason")
        }
        for each in values(answer, "person")
    }


def budget(patient: str, kind: str, outcome: str, *, legal_right: bool, day: str = "2020-07-01", **more: Any) -> Any:
    """What came of a conversation."""
    amount = [item("amount", more["amount"])] if "amount" in more else []
    return response(
        "personal-health-budget", patient, "completed", item("kind", coding(kind)), item("legal-right", legal_right),
        item("outcome", coding(outcome)), *amount, authored=day,
    )  # fmt: skip


def offer(year: str, *, promote: str | None = None, direct: str | None = None) -> Any:
    """What a commissioner activates."""
    cohorts = [part(name, valueString=cohort) for name, cohort in (("promote", promote), ("direct", direct)) if cohort]
    return parameters(part("year", valueString=year), *cohorts, part("source", valueString="Local offer"))


async def activate(area: Area, posted: Any, who: str = "commissioner") -> Any:
    return await area.client(who).call("POST", "QuestionnaireResponse/$budget-offers", posted)


@pytest.mark.requirement("PC-009")
async def test_a_legal_right_keeps_a_promotion_due_until_its_outcome_is_recorded(area: Area) -> None:
    person, practice = await area.register("northern"), area.client("northern")
    assert await due(practice) == {}
    await has_legal_right(area, person)
    assert await due(practice) == {person: {"legal-right"}}
    assert await due(practice, "2020-06-14") == {}, "not before the right"
    assert await due(area.client("southern")) == {}, "nor to another practice"
    await practice.create(budget(person, "wheelchair", "considering", legal_right=True))
    assert await due(practice) == {person: {"legal-right"}}
    await practice.create(budget(person, "local-offer", "declined", legal_right=False))
    assert await due(practice) == {person: {"legal-right"}}, "another kind of budget was talked about"
    await practice.create(budget(person, "wheelchair", "accepted", legal_right=True))
    assert await due(practice) == {}


@pytest.mark.requirement("PC-010")
async def test_the_local_offer_of_a_commissioner_is_promoted_in_its_own_area(
    area: Area, embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    elsewhere = await new_area(http, embedded)
    ours, theirs = await frail(area), await frail(elsewhere)
    with pytest.raises(Refused) as refused:
        await activate(area, offer("2020/21", promote=COHORT), "northern")
    assert refused.value.status == 403
    await activate(area, offer("2020/21", promote=COHORT))
    assert await due(area.client("northern")) == {ours: {"local-offer"}}
    assert await due(elsewhere.client("northern")) == {}, theirs
    await area.client("northern").create(budget(ours, "local-offer", "accepted", legal_right=False))
    assert await due(area.client("northern")) == {}


@pytest.mark.requirement("PC-042", "PC-009")
async def test_the_worklist_has_people_with_a_right_and_people_of_the_local_offer_each_with_the_reason(
    area: Area,
) -> None:
    entitled, frail_one = await area.register("northern"), await frail(area)
    await has_legal_right(area, entitled)
    await activate(area, offer("2020/21", promote=COHORT))
    assert await due(area.client("northern")) == {entitled: {"legal-right"}, frail_one: {"local-offer"}}
    await has_legal_right(area, frail_one)
    assert (await due(area.client("north")))[frail_one] == {"legal-right", "local-offer"}


@pytest.mark.requirement("PC-026")
async def test_direct_offers_begin_in_2022(area: Area) -> None:
    person, practice = await frail(area), area.client("northern")
    with pytest.raises(Refused) as refused:
        await activate(area, offer("2021/22", promote=COHORT, direct=COHORT))
    assert refused.value.status == 422
    await activate(area, offer("2021/22", promote=COHORT))
    await activate(area, offer("2022/23", promote=COHORT, direct=COHORT))
    assert await due(practice, "2022-03-31") == {person: {"local-offer"}}
    assert await due(practice, "2022-04-01") == {person: {"local-offer", "direct-offer"}}


@pytest.mark.requirement("PC-032")
async def test_the_offer_of_2023_names_direct_cohorts_and_can_be_read(area: Area) -> None:
    person, practice = await frail(area), area.client("northern")
    with pytest.raises(Refused) as refused:
        await activate(area, offer("2023/24", promote=COHORT))
    assert refused.value.status == 422
    assert "offered directly" in refused.value.text
    assert await due(practice, "2023-05-01") == {}
    await activate(area, offer("2023/24", direct=COHORT))
    assert await due(practice, "2023-05-01") == {person: {"direct-offer"}}
    answer = await practice.call("GET", "QuestionnaireResponse/$budget-offers?date=2023-05-01")
    [published] = [
        each for each in values(answer, "offer") if values(each, "commissioner") == [area.codes["commissioner"]]
    ]
    assert (values(published, "year"), values(published, "direct")) == (["2023/24"], [COHORT])
    assert values(published, "inForce") == [True]


@pytest.mark.on_six_processes
@pytest.mark.requirement("PC-062")
async def test_budgets_of_three_kinds_show_on_the_plan_and_are_counted_apart(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    here = await settle_in(http, embedded)
    practice = here.client(http, "practice")
    plan = await practice.create(draft_plan(here.person))
    for kind, right, amount in (
        ("continuing-healthcare", True, "41500.00"), ("wheelchair", True, "1850.50"), ("local-offer", False, "600"),
        ("local-offer", False, "250"),
    ):  # fmt: skip
        await practice.create(budget(here.person, kind, "accepted", legal_right=right, amount=Decimal(amount)))
    answer = await practice.call("GET", f"CarePlan/{plan['id']}/$budgets")
    shown = [(values(each, "kind")[0], values(each, "amount")[0]) for each in values(answer, "budget")]
    assert sorted(shown) == [
        ("continuing-healthcare", Decimal("41500.00")), ("local-offer", Decimal("250")),
        ("local-offer", Decimal("600")), ("wheelchair", Decimal("1850.50")),
    ]  # fmt: skip
    counts = {values(each, "kind")[0]: values(each, "budgets")[0] for each in values(answer, "count")}
    assert counts == {"continuing-healthcare": 1, "wheelchair": 1, "local-offer": 2}


@pytest.mark.requirement("PC-004")
async def test_the_model_has_six_components_and_what_is_recorded_stands_under_them(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    here = await settle_in(http, embedded)
    practice = here.client(http, "practice")
    model = await practice.call("GET", "CarePlan/$personalised-care-model")
    six = [values(each, "code")[0] for each in values(model, "component")]
    assert six == [
        "shared-decision-making", "care-and-support-planning", "enabling-choice", "social-prescribing",
        "supported-self-management", "personal-health-budgets",
    ]  # fmt: skip

    def activity(component: str) -> dict[str, Any]:
        code = {"coding": [{"system": CARE_COMPONENT, "code": component}]}
        return {"detail": {"status": "scheduled", "code": code, "description": "Tai chi on Tuesdays"}}

    plan = {**draft_plan(here.person), "activity": [activity("social-prescribing"), activity("enabling-choice")]}
    made = await practice.create(plan)
    await practice.create(budget(here.person, "wheelchair", "accepted", legal_right=True))
    answer = await practice.call("GET", f"CarePlan/{made['id']}/$personalised-care")
    totals = {values(each, "code")[0]: values(each, "total")[0] for each in values(answer, "component")}
    assert totals == dict.fromkeys(six, 0) | {
        "social-prescribing": 1, "enabling-choice": 1, "personal-health-budgets": 1
    }  # fmt: skip
    with pytest.raises(Refused) as refused:
        await practice.create({**plan, "activity": [activity("alchemy")]})
    assert refused.value.status == 422
    assert refused.value.outcome["issue"][0]["expression"] == ["CarePlan.activity[0].detail.code.coding[0].code"]
