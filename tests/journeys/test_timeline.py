"""Everyone who cares for a person knows what happened before: one timeline over all five services (PCN-080)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tandem.canonical import AGREEMENT_TERMS, TIMELINE_ENTRY
from tandem.demo.client import FhirClient, Refused, eventually
from tandem.fhir.body import Resource
from tandem.fhir.ownership import OWNER, SERVICES
from tandem_tests.neighbourhood import Neighbourhood, settle_in
from tandem_tests.running import EmbeddedTandem, ServiceTandem

HAPPENED = {
    "2020-02-03T10:00:00+00:00": ("Encounter", "Seen at the surgery", "practice"),
    "2020-03-04": ("CarePlan", "Falls prevention", "practice"),
    "2020-04-05": ("ServiceRequest", "Referral to the falls clinic", "practice"),
    "2020-05-06T09:00:00+01:00": ("Task", "Visit at home", "community"),
    "2020-06-07": ("MeasureReport", "https://tandem.example/fhir/Measure/wellbeing", "practice"),
}
"""By clinical date: type, what it was, and whose record it is; one of each service, entered in another order."""


def records(subject: dict[str, str]) -> list[tuple[str, Resource]]:
    """The records and the role that enters each."""
    return [
        ("practice", {
            "resourceType": "MeasureReport", "status": "complete", "type": "individual", "subject": subject,
            "measure": "https://tandem.example/fhir/Measure/wellbeing", "date": "2020-06-07",
            "period": {"start": "2020-01-01", "end": "2020-06-01"},
        }),
        ("practice", {
            "resourceType": "ServiceRequest", "status": "active", "intent": "order", "subject": subject,
            "code": {"text": "Referral to the falls clinic"}, "authoredOn": "2020-04-05",
        }),
        ("practice", {
            "resourceType": "Encounter", "status": "finished", "subject": subject, "class": {"code": "AMB"},
            "type": [{"text": "Seen at the surgery"}], "period": {"start": "2020-02-03T10:00:00+00:00"},
        }),
        ("community", {
            "resourceType": "Task", "status": "requested", "intent": "order", "for": subject,
            "description": "Visit at home", "authoredOn": "2020-05-06T09:00:00+01:00",
        }),
        ("practice", {
            "resourceType": "CarePlan", "status": "active", "intent": "plan", "subject": subject,
            "title": "Falls prevention", "period": {"start": "2020-03-04"},
        }),
    ]  # fmt: skip


async def enter(here: Neighbourhood, http: httpx.AsyncClient) -> None:
    community = here.client(http, "community")

    async def reaches_the_person() -> Resource | None:
        return await visible(community, f"Patient/{here.person}")

    await eventually(reaches_the_person, community.caught_up)
    for role, record in records(here.subject):
        await here.client(http, role).create(record)
    await community.caught_up()


async def visible(client: FhirClient, reference: str) -> Resource | None:
    answer = await client.request("GET", reference)
    return {"id": reference} if answer.status_code == 200 else None


async def timeline(client: FhirClient, person: str, query: str = "") -> list[dict[str, Any]]:
    """The entries of all pages."""
    found: list[dict[str, Any]] = []
    path: str | None = f"Patient/{person}/$timeline?{query}"
    while path is not None:
        bundle = await client.call("GET", path)
        found += bundle.get("entry", [])
        links = {link["relation"]: link["url"] for link in bundle["link"]}
        path = links["next"].removeprefix(f"{client.base}/") if "next" in links else None
    return found


def told(entry: dict[str, Any]) -> dict[str, Any]:
    [extension] = [each for each in entry["extension"] if each["url"] == TIMELINE_ENTRY]
    parts = extension["extension"]
    return {part["url"]: next(value for name, value in part.items() if name != "url") for part in parts}


async def member_of_the_care_team_reads_it(here: Neighbourhood, http: httpx.AsyncClient) -> None:
    community = here.client(http, "community")
    whole = [told(entry) for entry in await timeline(community, here.person, "_sort=date")]
    dated = [each for each in whole if "date" in each]
    assert [each["date"] for each in dated] == list(HAPPENED), "in the order of when things happened"
    for each in dated:
        kind, what, role = HAPPENED[each["date"]]
        assert each["record"]["type"] == kind
        assert each["what"] == what
        assert each["author"]["identifier"]["value"] == here.codes[role]
        assert (await community.read(each["record"]["reference"]))["resourceType"] == kind
    assert {OWNER[each["record"]["type"]] for each in dated} == set(SERVICES), "of all five services"
    assert whole[: len(dated)] == dated, "what has no date stands last"

    newest_first = [told(entry) for entry in await timeline(community, here.person, "_count=2")]
    assert [each["date"] for each in newest_first if "date" in each] == list(reversed(HAPPENED))
    assert {each["record"]["reference"] for each in newest_first} == {each["record"]["reference"] for each in whole}
    spring = await timeline(community, here.person, "from=2020-03-01&to=2020-05-31&type=CarePlan,Task,Encounter")
    assert [told(entry)["record"]["type"] for entry in spring] == ["Task", "CarePlan"]

    for outsider in ("partless", "voluntary", "other", "commissioner"):
        with pytest.raises(Refused) as refused:
            await timeline(here.client(http, outsider), here.person)
        assert refused.value.status == 404, outsider


async def share_plans_and_tasks_with_the_charity(here: Neighbourhood, http: httpx.AsyncClient) -> None:
    """It is on the care team already, and signs an agreement about two types of data."""
    terms = {"url": AGREEMENT_TERMS, "extension": [{"url": "data", "valueCode": name} for name in ("CarePlan", "Task")]}
    written = here.sharing("practice", "voluntary", signed=False)
    written["extension"].append(terms)
    made = await here.client(http, "practice").create(written)
    made["extension"] = [*here.sharing("practice", "voluntary")["extension"], terms]
    charity = here.client(http, "voluntary")
    await charity.call("PUT", f"OrganizationAffiliation/{made['id']}", made)
    await charity.caught_up()


@pytest.mark.requirement("PCN-080")
async def test_a_member_of_the_care_team_reads_what_happened_in_all_services(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    here = await settle_in(http, embedded)
    await enter(here, http)
    await member_of_the_care_team_reads_it(here, http)

    await share_plans_and_tasks_with_the_charity(here, http)
    kinds = {told(entry)["record"]["type"] for entry in await timeline(here.client(http, "voluntary"), here.person)}
    assert kinds == {"CarePlan", "Task"}, "an agreement about some data shows these alone"

    everything = await here.client(http, "practice").call("GET", f"Patient/{here.person}/$everything?_count=1000")
    [first, *others] = [entry["resource"] for entry in everything["entry"]]
    assert (first["resourceType"], first["id"]) == ("Patient", here.person)
    assert {"Encounter", "CarePlan", "Task", "ServiceRequest", "MeasureReport"} <= {
        each["resourceType"] for each in others
    }  # fmt: skip

    await withdraw(here, http)
    with pytest.raises(Refused) as refused:
        await timeline(here.client(http, "community"), here.person)
    assert refused.value.status == 404, "the person's word closes it at once"


async def withdraw(here: Neighbourhood, http: httpx.AsyncClient) -> None:
    """The practice records that the person does not want anything shared."""
    practice = here.client(http, "practice")
    await practice.create({
        "resourceType": "Consent", "status": "active", "patient": here.subject, "dateTime": "2020-06-30",
        "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope",
                              "code": "patient-privacy"}]},
        "category": [{"text": "Dissent from sharing"}], "policyRule": {"text": "The person's wish"},
        "provision": {"type": "deny"},
    })  # fmt: skip
    await practice.caught_up()


async def test_on_six_processes_and_not_by_halves_while_one_of_them_is_away(
    services: ServiceTandem, http: httpx.AsyncClient
) -> None:
    here = await settle_in(http, services)
    await enter(here, http)
    await member_of_the_care_team_reads_it(here, http)

    services.processes["referral-service"].kill()
    with pytest.raises(Refused) as refused:
        await timeline(here.client(http, "community"), here.person)
    assert refused.value.status == 503
    assert "referral-service" in refused.value.text
