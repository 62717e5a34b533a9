"""The plan as one document: whole, readable by anybody, with what the caller may see, and what is missing is said."""

from __future__ import annotations

import asyncio
import html
import io
import re

import httpx
import pytest
from pypdf import PdfReader

from tandem.demo.client import FhirClient, Refused, eventually
from tandem.fhir.validation import validator
from tandem_tests.isolation_operations import audited
from tandem_tests.loopback import http_client
from tandem_tests.printed_plan import narrative, sections, words
from tandem_tests.running import EmbeddedTandem
from tandem_tests.whole_plan import WholePlan, content, enter_whole_plan

FORMS = {"html": "text/html", "pdf": "application/pdf"}


@pytest.fixture(scope="module")
def whole(embedded: EmbeddedTandem) -> WholePlan:
    """A plan with more than stands on one page."""

    async def enter() -> WholePlan:
        async with http_client() as http:
            return await enter_whole_plan(http, embedded, goals=5, actions=8, medicines=11)

    return asyncio.run(enter())


@pytest.fixture
def practice(whole: WholePlan, http: httpx.AsyncClient) -> FhirClient:
    """The registered practice."""
    return whole.here.client(http, "practice")


@pytest.mark.parametrize("form", FORMS)
async def test_every_goal_action_and_medicine_is_in_what_is_printed(
    whole: WholePlan, practice: FhirClient, form: str
) -> None:
    said = words(await practice.request("GET", f"{whole.address('shared-plan')}?_format={form}"))
    assert (len(whole.goals), len(whole.actions), len(whole.medicines)) == (5, 8, 11)
    for each in (*whole.goals, *whole.actions, *whole.medicines, whole.allergy, "Heart failure", "Grace Okafor"):
        assert each in said
    number = whole.here.nhs_number
    assert f"{number[:3]} {number[3:6]} {number[6:]}" in said
    assert "Printed on 1 July 2020 at 9:00" in said
    assert "may be out of date after 20 December 2020" in said


@pytest.mark.parametrize("form", FORMS)
async def test_no_code_and_no_identifier_is_in_what_is_printed(
    whole: WholePlan, practice: FhirClient, form: str
) -> None:
    said = words(await practice.request("GET", f"{whole.address('shared-plan')}?_format={form}"))
    codes = r"[0-9a-f]{8}-[0-9a-f]{4}|CarePlan/|Patient/|do-not-attempt|in-progress|\d{4}-\d\d-\d\d"
    assert re.findall(codes, said) == []
    assert whole.here.codes["practice"] not in said, "organisations have names"


async def test_the_pdf_begins_with_a_page_of_what_matters_most_and_numbers_its_pages(
    whole: WholePlan, practice: FhirClient
) -> None:
    answer = await practice.request("GET", whole.address("shared-plan"), Accept="application/pdf")
    pages = [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(answer.content)).pages]
    for said in ("12 April 1934", "Penicillin", "do not attempt CPR", "call 999", "07700 900123", "my garden"):
        assert said in pages[0]
    assert whole.goals[0] not in pages[0]
    for number, page in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in page


async def test_the_bundle_is_a_valid_document_that_holds_all_it_names(whole: WholePlan, practice: FhirClient) -> None:
    bundle = await practice.call("GET", whole.address("shared-plan"))
    assert validator("fhirkit").validate(bundle) == []
    assert bundle["type"] == "document"
    held = {f"{each['resource']['resourceType']}/{each['resource']['id']}" for each in bundle["entry"]}
    assert {f"CarePlan/{whole.id}", f"Patient/{whole.here.person}"} <= held
    kinds = {each.partition("/")[0] for each in held}
    assert {"Goal", "CareTeam", "QuestionnaireResponse", "Task", "MedicationStatement", "DocumentReference"} <= kinds
    shown = sections(bundle)
    for section in shown.values():
        assert narrative(section), section["title"]
        assert {each["reference"] for each in section.get("entry", [])} <= held
    assert len(shown["My goals and hopes"]["entry"]) == 5
    assert len(shown["My medicines"]["entry"]) == 11
    assert "Ask Physiotherapy at home" in narrative(shown["What we do: who, what and when"])
    assert "overdue" in narrative(shown["What we do: who, what and when"]), "it was due on 26 June"


@pytest.mark.parametrize(("accept", "kind"), [
    ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
    ("application/pdf", "application/pdf"),
    ("text/html;q=0.4, application/fhir+json", "application/fhir+json"), ("*/*", "application/fhir+json"),
])  # fmt: skip
async def test_the_form_is_the_one_that_is_wanted_most(
    whole: WholePlan, practice: FhirClient, accept: str, kind: str
) -> None:
    answer = await practice.request("GET", whole.address("shared-plan"), Accept=accept)
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == kind


async def test_another_form_is_refused_here_and_everywhere_else_only_json_is_there(
    whole: WholePlan, practice: FhirClient
) -> None:
    for path in (f"{whole.address('shared-plan')}?_format=xml", f"{whole.address('goals')}?_format=html",
                 f"CarePlan/{whole.id}?_format=html"):  # fmt: skip
        assert (await practice.request("GET", path)).status_code == 406
    batch = {"resourceType": "Bundle", "type": "batch", "entry": [
        {"request": {"method": "GET", "url": f"{whole.address('shared-plan')}?_format=pdf"}}]}  # fmt: skip
    answer = await practice.call("POST", "", batch)
    assert answer["entry"][0]["response"]["status"].startswith("406")


async def test_a_plan_that_is_no_shared_plan_and_one_that_is_not_there_have_no_document(
    whole: WholePlan, practice: FhirClient
) -> None:
    record = await practice.create({
        "resourceType": "CarePlan", "status": "active", "intent": "plan", "subject": whole.here.subject,
    })  # fmt: skip
    with pytest.raises(Refused, match=r"^422.*no shared plan"):
        await practice.call("GET", f"CarePlan/{record['id']}/$shared-plan")
    with pytest.raises(Refused, match="404"):
        await practice.call("GET", "CarePlan/nobody/$shared-plan")
    with pytest.raises(Refused, match="400"):
        await practice.call("GET", f"{whole.address('shared-plan')}?page=1")


async def test_who_has_no_part_gets_nothing_and_who_read_it_is_on_record(
    whole: WholePlan, practice: FhirClient, http: httpx.AsyncClient
) -> None:
    here = whole.here
    for stranger in ("other", "partless", "voluntary", "commissioner"):
        answer = await here.client(http, stranger).request("GET", f"{whole.address('shared-plan')}?_format=pdf")
        assert answer.status_code == 404
    community = here.client(http, "community")
    assert (await community.request("GET", whole.address("shared-plan"))).status_code == 200

    async def told() -> bool:
        bundle = await practice.call("GET", f"AuditEvent?patient=Patient/{here.person}&_count=500")
        return "$shared-plan" in audited(bundle, here.codes["community"])

    assert await eventually(told, practice.caught_up)


async def test_what_the_token_does_not_open_is_left_out_and_said(
    whole: WholePlan, embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    token = embedded.token(whole.here.codes["practice"], scope="system/CarePlan.rs system/Goal.rs")
    narrow = FhirClient(http, embedded.url, token)
    bundle = await narrow.call("GET", whole.address("shared-plan"))
    assert {each["resource"]["resourceType"] for each in bundle["entry"]} == {"Composition", "CarePlan", "Goal"}
    shown = sections(bundle)
    for title in ("My medicines", "My allergies", "My health problems"):
        assert "not shown with this access" in narrative(shown[title])
    assert "No allergies are recorded" not in str(bundle), "what is not seen is not denied"


async def test_what_people_write_is_text_in_every_form(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> None:
    whole = await enter_whole_plan(http, embedded, goals=1, actions=1, medicines=1)
    practice = whole.here.client(http, "practice")
    evil = '<script src="https://x.example">&</script> 王'
    await practice.create(content(
        whole.here.person, whole.id, {"linkId": "about-me", "answer": [{"valueString": evil}]},
    ))  # fmt: skip
    page = (await practice.request("GET", f"{whole.address('shared-plan')}?_format=html")).text
    assert "<script" not in page
    assert html.escape(evil) in page
    assert re.findall(r"\ssrc=\"|\shref=|url\(|@import", page) == [], "nothing is fetched from elsewhere"
    assert '<html lang="en-GB">' in page
    printed = words(await practice.request("GET", f"{whole.address('shared-plan')}?_format=pdf"))
    assert "Some letters cannot be printed here" in printed


async def test_a_plan_whose_review_is_overdue_says_so_first(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> None:
    whole = await enter_whole_plan(http, embedded, goals=1, actions=1, medicines=1)
    practice = whole.here.client(http, "practice")
    await practice.create(content(
        whole.here.person, whole.id, {"linkId": "review-date", "answer": [{"valueDate": "2020-06-30"}]},
        authored="2020-06-30T08:00:00+01:00",
    ))  # fmt: skip
    for operation in ("shared-plan", "crisis-view"):
        said = words(await practice.request("GET", f"{whole.address(operation)}?_format=html"))
        warning = said.index("should have been looked at again by 30 June 2020")
        assert warning < said.index("Born")
