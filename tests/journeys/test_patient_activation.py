"""The Patient Activation Measure: results, trend, record, and for whom it is due (000 §4.12, §5.6)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import httpx
import pytest

from tandem.canonical import SNOMED_CT
from tandem.demo.client import FhirClient, Refused, eventually
from tandem_tests.neighbourhood import settle_in
from tandem_tests.network_area import parameters, part, values
from tandem_tests.practice_lists import PracticeLists, coded, practice_lists
from tandem_tests.questionnaire_responses import coding, draft_plan, item, pam, response
from tandem_tests.running import EmbeddedTandem

LEVEL = "962851000000103"
DIABETES, COPD = ("44054006", "Type 2 diabetes mellitus"), ("13645005", "Chronic obstructive lung disease")
REFERRAL = ("871731000000106", "Referral to social prescribing service")
NEW_DIABETES, REFERRED = "pam-newly-diagnosed-type-2-diabetes", "pam-social-prescribing-referrals"


async def due(client: FhirClient, **asked: str) -> dict[str, dict[str, str]]:
    """For whom the measure is due: for each Patient reference, since when by each cohort."""
    await client.caught_up()
    query = "&".join(f"{name.replace('_', '-')}={value}" for name, value in asked.items())
    answer = await client.call("GET", f"QuestionnaireResponse/$pam-due?{query}")
    found = {
        values(each, "patient")[0]["reference"]: {
            values(reason, "cohort")[0]: values(reason, "since")[0] for reason in values(each, "reason")
        }
        for each in values(answer, "person")
    }  # fmt: skip
    assert values(answer, "total") == [len(found)]
    return found


async def newly_diabetic(lists: PracticeLists, onset: str) -> str:
    """A person with type 2 diabetes since a day."""
    person = await lists.register("1960-01-01")
    await lists.diagnose(person, DIABETES, onset=onset)
    return person


@pytest.mark.requirement("AC-054")
async def test_the_plan_shows_the_latest_score_and_level_and_the_trend_and_wrong_scores_are_refused(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    here = await settle_in(http, embedded)
    practice = here.client(http, "practice")
    plan = await practice.create(draft_plan(here.person))
    path = f"CarePlan/{plan['id']}/$activation"
    assert values(await practice.call("GET", path), "latest") == []
    await practice.create(pam(here.person, "38.1", 1, "2020-03-02"))
    answer = await practice.call("GET", path)
    [latest] = values(answer, "latest")
    assert (values(latest, "score"), values(latest, "level")) == ([Decimal("38.1")], [1])
    assert values(answer, "activation-trend") == [], "one result is no trend"

    await here.client(http, "community").create(pam(here.person, "56.4", 3, "2020-06-15"))
    answer = await practice.call("GET", path)
    [latest] = values(answer, "latest")
    assert (values(latest, "score"), values(latest, "level")) == ([Decimal("56.4")], [3])
    [trend] = values(answer, "activation-trend")
    assert (values(trend, "direction"), values(trend, "change")) == (["rising"], [Decimal("18.3")])

    for score, level, wrong in (("100.1", 4, "score"), ("-1", 1, "score"), ("50.25", 2, "score"), ("50", 5, "level")):
        with pytest.raises(Refused) as refused:
            await practice.create(pam(here.person, score, level, "2020-06-20"))
        assert refused.value.status == 422
        assert [f"'{wrong}'" in issue["details"]["text"] for issue in refused.value.outcome["issue"]] == [True]
    level_alone = response("patient-activation-measure", here.person, "completed", item("level", 2))
    with pytest.raises(Refused) as refused:
        await practice.create(level_alone)
    assert "'score'" in refused.value.text
    assert len(values(await practice.call("GET", path), "activation")) == 2, "nothing of what was refused is kept"


@pytest.mark.requirement("PC-061")
async def test_the_level_stands_in_the_patients_record_and_in_searches(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    here = await settle_in(http, embedded)
    practice = here.client(http, "practice")
    licensed = pam(here.person, "47.0", 1, "2020-06-01T10:00:00+01:00", author=here.reference("practice"))
    licensed["item"].append(item("licence", "Licence of the network, 2020"))
    made = await practice.create(licensed)

    async def found(**more: str) -> list[Any]:
        query = f"Observation?code={SNOMED_CT}|{LEVEL}&patient=Patient/{here.person}&status=final,amended"
        return await practice.search("&".join((query, *(f"{name}={value}" for name, value in more.items()))))

    [observation] = await eventually(found, practice.caught_up)
    assert observation["valueInteger"] == 1
    assert observation["component"][0]["valueQuantity"]["value"] == Decimal("47.0")
    assert observation["effectiveDateTime"] == "2020-06-01T10:00:00+01:00"
    assert await found(date="2020-06-01") == [observation]
    assert await here.client(http, "other").search(f"Observation?code={LEVEL}") == []

    amended = {**made, "status": "amended", "item": [item("score", Decimal("55.5")), item("level", 3)]}
    await practice.call("PUT", f"QuestionnaireResponse/{made['id']}", amended)
    await practice.caught_up()
    [observation] = await found()
    assert (observation["status"], observation["valueInteger"]) == ("amended", 3)
    held = await practice.read(f"QuestionnaireResponse/{made['id']}")
    await practice.call("PUT", f"QuestionnaireResponse/{made['id']}", {**held, "status": "entered-in-error"})
    await practice.caught_up()
    assert await found() == []


@pytest.mark.requirement("PC-017")
async def test_a_new_diagnosis_of_type_2_diabetes_makes_the_measure_due_until_it_is_recorded(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    lists = await practice_lists(http, embedded)
    new = await newly_diabetic(lists, "2020-06-25")
    await newly_diabetic(lists, "2015-03-01")
    assert await due(lists.client) == {f"Patient/{new}": {NEW_DIABETES: "2020-07-01"}}
    await lists.client.create(pam(new, "40.0", 1, "2019-06-24"))
    assert f"Patient/{new}" in await due(lists.client), "measured long before the diagnosis"
    begun = pam(new, "40.0", 1, "2020-07-01")
    made = await lists.client.create({**begun, "status": "in-progress"})
    assert f"Patient/{new}" in await due(lists.client), "not completed yet"
    await lists.client.call("PUT", f"QuestionnaireResponse/{made['id']}", {**made, "status": "completed"})
    assert await due(lists.client) == {}
    await lists.client.call("DELETE", f"QuestionnaireResponse/{made['id']}")
    assert f"Patient/{new}" in await due(lists.client), "what was deleted does not count"


@pytest.mark.requirement("PC-018")
async def test_a_referral_to_a_link_worker_makes_the_measure_due_until_it_is_recorded(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    lists = await practice_lists(http, embedded)
    here, practice = lists.here, lists.client
    assert await due(practice) == {}
    await practice.create({
        "resourceType": "ServiceRequest", "status": "active", "intent": "order", "subject": here.subject,
        "code": coded(*REFERRAL), "authoredOn": "2020-06-29", "requester": here.reference("practice"),
        "performer": [here.reference("voluntary")],
    })  # fmt: skip
    person = {f"Patient/{here.person}": {REFERRED: "2020-07-01"}}
    assert await due(practice) == person
    assert await due(here.client(http, "network"), practice=here.codes["practice"]) == person
    assert await due(here.client(http, "network"), practice=here.codes["other"]) == {}
    assert await due(here.client(http, "other")) == {}
    assert await due(here.client(http, "commissioner")) == {}
    await practice.create(pam(here.person, "61.2", 3, "2020-07-01"))
    assert await due(practice) == {}


@pytest.mark.parametrize(
    ("cohort", "first", "day_before"),
    [
        pytest.param("multimorbidity", "2021-04-01", "2021-03-31", marks=pytest.mark.requirement("PC-024")),
        pytest.param("anticipatory-care", "2022-04-01", "2022-03-31", marks=pytest.mark.requirement("PC-030")),
        pytest.param("smr-multimorbidity", "2023-04-01", "2023-03-31", marks=pytest.mark.requirement("PC-036")),
    ],
)
async def test_a_further_cohort_is_due_from_its_first_day_and_not_before(
    embedded: EmbeddedTandem, http: httpx.AsyncClient, cohort: str, first: str, day_before: str
) -> None:
    lists = await practice_lists(http, embedded)
    operator = lists.here.client(http, "operator")
    person = await lists.register("1936-01-01")
    await lists.diagnose(person, COPD, DIABETES)
    assert person in await lists.listed(cohort)
    posted = parameters(
        part("cohort", valueString=cohort), part("from", valueString=first),
        part("source", valueString=f"Network Contract DES {first[:4]}"),
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        await lists.client.call("POST", "QuestionnaireResponse/$pam-cohorts", posted)
    assert refused.value.status == 403
    await operator.call("POST", "QuestionnaireResponse/$pam-cohorts", posted)
    assert await due(lists.client, cohort=cohort, as_of=day_before) == {}
    assert await due(lists.client, cohort=cohort, as_of=first) == {f"Patient/{person}": {cohort: first}}
    published = values(await lists.client.call("GET", "QuestionnaireResponse/$pam-cohorts"), "cohort")
    assert [cohort, first] in [[values(each, "id")[0], values(each, "from")[0]] for each in published]
    await lists.client.create(pam(person, "61.2", 3, first))
    assert await due(lists.client, cohort=cohort, as_of=first) == {}


@pytest.mark.requirement("PCPC-056")
async def test_confidence_before_and_after_a_self_management_tool_is_a_trend(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    here = await settle_in(http, embedded)
    practice = here.client(http, "practice")
    plan = await practice.create(draft_plan(here.person))
    path = f"CarePlan/{plan['id']}"

    async def asked(code: str, day: str) -> None:
        confidence = item("confidence", coding(code))
        await practice.create(response("gp-survey-confidence", here.person, "completed", confidence, authored=day))

    await asked("not-very-confident", "2020-05-01")
    tools = ("Diary of blood glucose", "A walking group on Tuesdays")
    await practice.create(response(
        "personalised-care-and-support-plan", here.person, "completed", item("self-management", *tools),
        authored="2020-05-10", basedOn=[{"reference": path}],
    ))  # fmt: skip
    answer = await practice.call("GET", f"{path}/$activation")
    assert [values(each, "text")[0] for each in values(answer, "tool")] == [*tools]
    assert values(answer, "confidence-trend") == []
    await asked("does-not-know", "2020-05-20")
    await asked("very-confident", "2020-06-20")

    answer = await practice.call("GET", f"{path}/$activation")
    for tool in values(answer, "tool"):
        said = {name: values(values(tool, name)[0], "answer") for name in ("before", "after")}
        assert said == {"before": ["not-very-confident"], "after": ["very-confident"]}
    [trend] = values(answer, "confidence-trend")
    assert (values(trend, "direction"), values(trend, "change")) == (["rising"], [2])
    assert len(values(answer, "confidence")) == 3
