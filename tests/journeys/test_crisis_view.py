"""One page for a crisis, for whoever comes to help; and the advance care plan in it."""

from __future__ import annotations

import io

import httpx
import pytest
from pypdf import PdfReader

from tandem.canonical import CONSENT_CATEGORY
from tandem.demo.client import FhirClient, eventually
from tandem.fhir.body import Resource
from tandem.fhir.validation import validator
from tandem_tests.printed_plan import narrative, sections, words
from tandem_tests.questionnaire_responses import coding, item
from tandem_tests.running import EmbeddedTandem
from tandem_tests.whole_plan import WholePlan, advance_care, content, enter_whole_plan

STEPS = ("Sit me up and give the spray under the tongue", "call the community nurses on 0113 496 0002", "call 999")
CONTACTS = ("Grace Okafor", "07700 900123", "Dr Ann Bell", "0113 496 0001", "Mr Sam Reed", "0113 496 0003")


@pytest.fixture
async def whole(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> WholePlan:
    """A whole plan."""
    return await enter_whole_plan(http, embedded)


def let_in(whole: WholePlan, carer: str) -> Resource:
    """The person's Consent to a carer's part."""
    return {
        "resourceType": "Consent", "status": "active", "patient": whole.here.subject, "dateTime": "2020-06-20",
        "scope": {"coding": [{
            "system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": CONSENT_CATEGORY, "code": "carers-part"}]}],
        "policyRule": {"text": "The person's own wish"},
        "provision": {"type": "permit", "actor": [{
            "role": {"text": "carer"}, "reference": {"reference": f"RelatedPerson/{carer}"}}]},
    }  # fmt: skip


async def check_plain(client: FhirClient, whole: WholePlan) -> None:
    """The summary in plain words, on one page, with whom to call and what to do."""
    for form in ("html", "pdf"):
        answer = await client.request("GET", f"{whole.address('crisis-view')}?_format={form}")
        said = words(answer)
        for each in (*STEPS, *CONTACTS, "Penicillin", "call NHS 111"):
            assert each in said
        assert "CarePlan" not in said
        if form == "pdf":
            assert len(PdfReader(io.BytesIO(answer.content)).pages) == 1
    bundle = await client.call("GET", whole.address("crisis-view"))
    assert validator("fhirkit").validate(bundle) == []
    assert {"What to do, step by step", "Who to call"} <= sections(bundle).keys()


@pytest.mark.on_six_processes
@pytest.mark.requirement("PCPC-071")
async def test_the_crisis_view_returns_to_carer_agency_and_clinician_and_to_nobody_else(
    whole: WholePlan, embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    here = whole.here
    practice = here.client(http, "practice")
    plan = await practice.read(f"CarePlan/{whole.id}")
    team = await practice.read(plan["careTeam"][0]["reference"])
    clinician = embedded.token(here.codes["practice"], user=team["participant"][0]["member"]["reference"])
    await check_plain(FhirClient(http, embedded.url, clinician), whole)
    await check_plain(here.client(http, "community"), whole)

    [daughter] = await practice.search(f"RelatedPerson?patient=Patient/{here.person}")
    token = embedded.token(here.codes["practice"], user=f"RelatedPerson/{daughter['id']}")
    carer = FhirClient(http, embedded.url, token)
    assert (await carer.request("GET", whole.address("crisis-view"))).status_code == 404, "the person did not consent"
    await practice.create(let_in(whole, daughter["id"]))

    async def is_let_in() -> bool:
        return (await carer.request("GET", whole.address("crisis-view"))).status_code == 200

    assert await eventually(is_let_in, practice.caught_up)
    await check_plain(carer, whole)
    for stranger in ("other", "partless", "voluntary"):
        answer = await here.client(http, stranger).request("GET", whole.address("crisis-view"))
        assert answer.status_code == 404


@pytest.mark.requirement("PCPC-072")
async def test_wishes_on_admission_resuscitation_and_place_of_death_return_in_plan_and_crisis_view(
    whole: WholePlan, http: httpx.AsyncClient
) -> None:
    practice = whole.here.client(http, "practice")
    for operation, title in (
        ("shared-plan", "My wishes for a crisis and the end of my life"), ("crisis-view", "My wishes in an emergency"),
    ):  # fmt: skip
        wishes = narrative(sections(await practice.call("GET", whole.address(operation)))[title])
        page = words(await practice.request("GET", f"{whole.address(operation)}?_format=html"))
        for said in (
            "Only for a broken bone, or pain that cannot be eased at home", "do not attempt CPR",
            "Where I would like to die At home", "ReSPECT form of 12 June 2020", "yellow folder by the front door",
        ):  # fmt: skip
            assert said in wishes
            assert said in page


async def test_two_who_recorded_different_decisions_about_resuscitation_are_both_shown(
    whole: WholePlan, http: httpx.AsyncClient
) -> None:
    community, practice = whole.here.client(http, "community"), whole.here.client(http, "practice")
    await community.create(content(
        whole.here.person, whole.id, *advance_care("attempt"), authored="2020-06-25T10:00:00+01:00",
    ))  # fmt: skip
    wishes = narrative(sections(await practice.call("GET", whole.address("crisis-view")))["My wishes in an emergency"])
    assert wishes.index("YES") < wishes.index("Check this: somebody else recorded something different")
    assert "Do not attempt resuscitation" in wishes


async def test_a_decision_that_is_not_finished_says_so(whole: WholePlan, http: httpx.AsyncClient) -> None:
    practice = whole.here.client(http, "practice")
    await practice.create(content(
        whole.here.person, whole.id, item("resuscitation", coding("undecided")), status="in-progress",
        authored="2020-06-28T10:00:00+01:00",
    ))  # fmt: skip
    wishes = narrative(sections(await practice.call("GET", whole.address("crisis-view")))["My wishes in an emergency"])
    assert "Not decided yet" in wishes
    assert "(not finished yet)" in wishes
