"""What a practice gives before the scheme begins, drawn from its case register (003 appendix 2)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tandem.demo.client import FhirClient
from tandem_tests.case_register import entry
from tandem_tests.consents import summary_consent
from tandem_tests.coordinated_care import (
    BEFORE_THE_SCHEME,
    CoordinatedCare,
    additional,
    by_name,
    coordinated_care,
    intervention,
    issues,
    named,
)
from tandem_tests.hospital_contacts import stay
from tandem_tests.network_area import parameters, part
from tandem_tests.running import EmbeddedTandem
from tandem_tests.shared_plans import AGREED, agreed_plan, move, new_plan, own_goal, say

NewSystem = Callable[..., EmbeddedTandem]
FORM = "MeasureReport/$assurance-form"
SUBMIT = part("submit", valueBoolean=True)
STATEMENTS = (
    "profileUse", "lessonsLearned", "healthGain", "meetingForm", "meetingFrequency", "membership", "discussionScope",
    "coProduction", "selfManagement",
)  # fmt: skip
TEMPLATE = {
    "title": "Our care plan", "contentType": "text/plain", "data": b64encode(b"What matters to me").decode(),
}  # fmt: skip


@pytest.fixture(scope="module")
def september(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedTandem]:
    """A system whose clock stands before the scheme begins."""
    system = EmbeddedTandem(tmp_path_factory.mktemp("september"), "--clock", f"{BEFORE_THE_SCHEME}T09:00:00+01:00")
    system.start()
    yield system
    system.stop()


@pytest.fixture
async def care(september: EmbeddedTandem, http: httpx.AsyncClient) -> CoordinatedCare:
    return await coordinated_care(http, september)


async def make_return(care: CoordinatedCare, people: int = 1) -> list[str]:
    """So many people come onto the register, and the practice makes its baseline return."""
    found = [await care.register.lists.register() for _ in range(people)]
    if found:
        await care.register.enter(*found)
    await care.client("practice").call("POST", care.register.path("case-register-baseline"), parameters())
    await care.register.lists.client.caught_up()
    return found


def answers(*left_out: str) -> list[dict[str, Any]]:
    """Every answer of the form but these."""
    rows = {name: part(name, valueString=f"Our answer on {name}") for name in STATEMENTS}
    rows["planTemplate"] = {"name": "planTemplate", "valueAttachment": TEMPLATE}
    rows["intervention"] = additional("Planned visits")
    rows["partner"] = part("partner", part("organisation", valueString="The community trust"),
                           part("individual", valueString="Sister Adeyemi"))  # fmt: skip
    return [row for name, row in rows.items() if name not in left_out]


async def form(care: CoordinatedCare, role: str = "practice") -> dict[str, list[Any]]:
    return by_name(await care.get(role, FORM))


def field(shown: dict[str, list[Any]], name: str) -> dict[str, list[Any]]:
    return named(by_name(shown["baseline"][0])["field"], name)


async def gaps_of_submission(care: CoordinatedCare, *left_out: str) -> list[str]:
    refused = await care.refusal("practice", FORM, *answers(*left_out), SUBMIT)
    assert refused.status == 422
    assert (await form(care))["state"] == ["draft"]
    assert "statement" not in await form(care), "nothing of a refused form is kept"
    return list(issues(refused))


@pytest.mark.requirement("PCPC-099")
async def test_the_defined_list_is_drawn_from_the_register_and_none_blocks_approval(care: CoordinatedCare) -> None:
    await make_return(care, people=0)
    await care.post("practice", FORM, *answers(), SUBMIT)
    shown = await form(care, "commissioner")
    assert (shown["state"], field(shown, "definedList")["value"]) == (["submitted"], [False])
    approve = part("decision", valueCode="approve")
    refused = await care.refusal("commissioner", FORM, approve)
    assert refused.status == 422
    assert "no defined list" in refused.text
    again = (part("decision", valueCode="return"), part("reason", valueString="There is nobody on the register"))
    assert (await care.refusal("practice", FORM, *again)).status == 403
    await care.post("commissioner", FORM, *again)

    await make_return(care, people=2)
    await care.post("practice", FORM, SUBMIT)
    assert field(await form(care), "definedList")["value"] == [True]
    await care.post("commissioner", FORM, approve)
    assert (await form(care))["state"] == ["approved"]
    assert (await care.refusal("practice", FORM, *answers())).status == 409


@pytest.mark.requirement("PCPC-100")
async def test_profile_use_lessons_and_health_gain_are_each_needed(care: CoordinatedCare) -> None:
    await make_return(care)
    for name in ("profileUse", "lessonsLearned", "healthGain"):
        assert await gaps_of_submission(care, name) == [name]


@pytest.mark.requirement("PCPC-101")
async def test_the_baseline_lists_named_professionals_with_their_job_titles(care: CoordinatedCare) -> None:
    [person] = [await care.register.lists.register()]
    await care.register.enter(person)
    practice = care.client("practice")
    nurse = await practice.create({
        "resourceType": "Practitioner", "active": True, "qualification": [{"code": {"text": "Community matron"}}],
    })  # fmt: skip
    [group] = await practice.search("Group?code=complex-and-frail")
    matron = part("professional", valueReference={"reference": f"Practitioner/{nurse['id']}"})
    body = parameters(part("patient", valueString=f"Patient/{person}"), matron)
    await practice.call("POST", f"Group/{group['id']}/$assign", body)
    await make_return(care, people=0)
    professional = by_name(field(await form(care), "namedProfessionals")["professional"][0])
    assert professional["professional"] == [{"reference": f"Practitioner/{nurse['id']}"}]
    assert (professional["title"], professional["count"]) == (["Community matron"], [1])


@pytest.mark.requirement("PCPC-102")
async def test_the_count_of_the_baseline_is_that_of_its_day_and_is_frozen(care: CoordinatedCare) -> None:
    await make_return(care, people=3)
    await care.post("practice", FORM, *answers(), SUBMIT)
    other = await care.register.lists.register()
    await care.client("practice").call("POST", care.register.path("case-register-entry"), parameters(
        entry(other, "clinical-judgement")
    ))  # fmt: skip
    await make_return(care, people=0)
    baseline = by_name((await form(care, "commissioner"))["baseline"][0])
    assert (baseline["people"], baseline["date"], baseline["number"]) == ([3], [BEFORE_THE_SCHEME], [1])


@pytest.mark.requirement("PCPC-103")
async def test_the_template_care_plan_is_attached_and_the_commissioner_opens_it(care: CoordinatedCare) -> None:
    await make_return(care)
    assert await gaps_of_submission(care, "planTemplate") == ["planTemplate"]
    for wrong in ({**TEMPLATE, "data": "not base64!"}, {**TEMPLATE, "contentType": "text/x-shellscript"}):
        attached = {"name": "planTemplate", "valueAttachment": wrong}
        assert (await care.refusal("practice", FORM, attached)).status == 400
    await care.post("practice", FORM, *answers(), SUBMIT)
    assert (await form(care, "commissioner"))["planTemplate"] == [TEMPLATE]


@pytest.mark.requirement("PCPC-108")
async def test_an_intervention_that_is_not_beyond_core_and_admission_services_is_refused(
    care: CoordinatedCare,
) -> None:
    await make_return(care)
    lacking = intervention("Telephone calls", beyondCore="Core services call nobody")
    refused = await care.refusal("practice", FORM, *answers(), lacking, SUBMIT)
    assert refused.status == 422
    assert "Telephone calls is additional when it says how it goes beyond the AUA enhanced service" in refused.text
    assert await gaps_of_submission(care, "intervention") == ["intervention"]


@pytest.mark.requirement("PCPC-109")
async def test_multi_professional_working_names_organisations_people_and_logistics(care: CoordinatedCare) -> None:
    await make_return(care)
    for name in ("partner", "meetingForm", "meetingFrequency", "membership", "discussionScope"):
        assert await gaps_of_submission(care, name) == [name]
    nobody = part("partner", part("organisation", valueString="The community trust"))
    refused = await care.refusal("practice", FORM, *answers("partner"), nobody, SUBMIT)
    assert "individual" in refused.text


@pytest.mark.requirement("PCPC-110")
async def test_plans_for_co_production_and_self_management_are_needed_and_read(care: CoordinatedCare) -> None:
    await make_return(care)
    for name in ("coProduction", "selfManagement"):
        assert await gaps_of_submission(care, name) == [name]
    await care.post("practice", FORM, *answers())
    assert "statement" not in await form(care, "commissioner"), "a draft is the practice's own"
    await care.post("practice", FORM, SUBMIT)
    shown = (await form(care, "commissioner"))["statement"]
    for name in ("coProduction", "selfManagement"):
        assert named(shown, name)["answer"] == [f"Our answer on {name}"]


@pytest.mark.requirement("PCPC-111")
async def test_a_practice_that_is_named_as_working_together_reads_that_entry_and_no_more(
    care: CoordinatedCare,
) -> None:
    await make_return(care)
    together = part("collaboration", part("practice", valueReference=care.here.reference("other")),
                    part("text", valueString="We share a community matron"))  # fmt: skip
    own = part("collaboration", part("practice", valueReference=care.here.reference("practice")),
               part("text", valueString="With ourselves"))  # fmt: skip
    assert (await care.refusal("practice", FORM, own)).status == 422
    await care.post("practice", FORM, *answers(), together, SUBMIT)
    theirs = await form(care, "other")
    assert set(theirs) == {"practice", "collaboration"}
    [shown] = theirs["collaboration"]
    assert by_name(shown) == {"with": [care.here.codes["other"]], "text": ["We share a community matron"]}
    assert by_name((await form(care, "commissioner"))["collaboration"][0])["text"] == ["We share a community matron"]
    for role in ("network", "community"):
        answer = await care.client(role).request("GET", f"{FORM}?practice={care.practice}")
        assert answer.status_code == 404


@pytest.mark.requirement("PCPC-105")
async def test_only_consents_that_stood_on_the_day_of_the_baseline_count(
    new_system: NewSystem, http: httpx.AsyncClient
) -> None:
    care = await coordinated_care(http, new_system("--clock", f"{BEFORE_THE_SCHEME}T09:00:00+01:00"))
    practice = care.client("practice")
    before, refused, after = [await care.register.lists.register() for _ in range(3)]
    await care.register.enter(before, refused, after)
    await practice.create(summary_consent(before, on="2016-09-01"))
    await practice.create(summary_consent(refused, "deny", on="2016-09-01"))
    await make_return(care, people=0)
    await care.move_to("2016-09-20")
    await practice.create(summary_consent(after, on="2016-09-20"))
    await practice.caught_up()
    figures = by_name((await form(care))["baseline"][0])["figure"]
    consented = named(figures, "peopleWhoConsentedToEnrichedSummary")
    assert (consented["state"], consented["value"]) == (["known"], [1])


@pytest.mark.requirement("PCPC-104")
async def test_only_plans_that_meet_the_guidance_on_the_day_of_the_baseline_count(
    new_system: NewSystem, http: httpx.AsyncClient
) -> None:
    care = await coordinated_care(http, new_system("--clock", f"{BEFORE_THE_SCHEME}T09:00:00+01:00"))
    practice, lists = care.client("practice"), care.register.lists
    fits, bare, later = [await lists.register() for _ in range(3)]
    # A plan that was agreed before anybody held it against the guidance.
    await agreed_plan(practice, bare)
    await care.register.enter(fits, bare, later)
    await practice.caught_up()
    await agree(practice, fits)
    await practice.caught_up()
    await make_return(care, people=0)
    await care.move_to("2016-09-20")
    await agree(practice, later)
    await practice.caught_up()
    figures = by_name((await form(care))["baseline"][0])["figure"]
    fitting = named(figures, "peopleWithGuidancePlan")
    assert (fitting["state"], fitting["value"]) == (["known"], [1])


async def agree(practice: FhirClient, patient: str) -> None:
    """A plan of somebody on the register is made and agreed."""
    plan = await new_plan(practice, patient)
    await own_goal(practice, patient)
    await say(practice, plan["id"], patient, *AGREED)
    await move(practice, plan["id"], "active")


@pytest.mark.parametrize("name", [
    pytest.param("emergencyAttendances", marks=pytest.mark.requirement("PCPC-106")),
    pytest.param("emergencyAdmissions", marks=pytest.mark.requirement("PCPC-107")),
])  # fmt: skip
async def test_hospital_contacts_of_the_group_are_those_of_2015_16_alone(care: CoordinatedCare, name: str) -> None:
    lists, practice = care.register.lists, care.client("practice")
    person, elsewhere = await lists.register(), await lists.register()
    await care.register.enter(person)
    for who in (person, elsewhere):
        for day in ("2015-03-31", "2015-04-01", "2016-03-31", "2016-04-01"):
            await lists.admit_to_hospital(who, day)
        for day in ("2015-03-30", "2015-10-10", "2016-04-02"):
            await practice.create(stay(who, f"{day}T10:00:00Z", f"{day}T12:00:00Z", setting="EMER"))
    await practice.caught_up()
    await make_return(care, people=0)
    shown = field(await form(care, "commissioner"), name)
    assert shown["value"] == [{"emergencyAttendances": 1, "emergencyAdmissions": 2}[name]]
    assert shown["period"] == [{"start": "2015-04-01", "end": "2016-03-31"}]


async def test_without_a_baseline_return_the_form_is_refused(care: CoordinatedCare) -> None:
    assert await gaps_of_submission(care) == ["baseline"]


async def test_the_form_is_a_page_and_a_pdf_too(care: CoordinatedCare) -> None:
    await make_return(care)
    await care.post("practice", FORM, *answers(), SUBMIT)
    asked = f"{FORM}?practice={care.practice}"
    page = await care.client("commissioner").request("GET", f"{asked}&_format=text/html")
    assert "Our answer on coProduction" in page.text
    assert "Sister Adeyemi" in page.text
    printed = await care.client("practice").request("GET", f"{asked}&_format=application/pdf")
    assert printed.content.startswith(b"%PDF")
