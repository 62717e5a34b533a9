"""A service lead reads and acts on that service's lists; the Clinical Director sees all."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tandem.canonical import BASE
from tandem.demo.client import FhirClient, Refused, eventually
from tandem.fhir.body import Resource
from tandem_tests.network_area import Area, new_area, parameters, part, values
from tandem_tests.running import EmbeddedTandem

REVIEWS, HOMES = "smr-care-home-residents", "care-home-residents"


async def lead(area: Area, role: str, service: str | None = None, **period: str) -> str:
    """The network enters someone who leads: `Practitioner/id`."""
    client = area.client("north")
    person = await client.create({"resourceType": "Practitioner", "active": True, "name": [{"family": "Adeyemi"}]})
    codes = [(f"{BASE}/CodeSystem/network-lead", role)]
    codes += [(f"{BASE}/CodeSystem/network-service", service)] if service else []
    await client.create({
        "resourceType": "PractitionerRole", "active": True, "organization": area.reference("north"),
        "practitioner": {"reference": f"Practitioner/{person['id']}"}, "period": {"start": "2020-04-01", **period},
        "code": [{"coding": [{"system": system, "code": code}]} for system, code in codes],
    })  # fmt: skip
    return f"Practitioner/{person['id']}"


def acting(area: Area, http: httpx.AsyncClient, user: str) -> FhirClient:
    """The network's user."""
    return FhirClient(http, area.system.url, area.system.token(area.codes["north"], user=user))


async def groups_of(area: Area) -> dict[str, Resource]:
    """The practice's two lists, by cohort, once the resident is on both."""
    client, found = area.client("northern"), {}
    for cohort in (HOMES, REVIEWS):

        async def filled(cohort: str = cohort) -> Resource | None:
            for group in await client.search(f"Group?code={cohort}"):
                if group["managingEntity"]["identifier"]["value"] == area.codes["northern"]:
                    listed = await client.read(f"Group/{group['id']}/$members")
                    return group if listed["quantity"] == 1 else None
            return None

        found[cohort] = await eventually(filled, client.caught_up)
    return found


async def statuses(client: FhirClient, groups: dict[str, Resource], patient: str) -> dict[str, set[int]]:
    """What reading and acting on each list is answered with."""
    answers: dict[str, set[int]] = {}
    for cohort, group in groups.items():
        word: list[dict[str, Any]] = [
            part("patient", valueString=f"Patient/{patient}"), part("decision", valueString="amenable"),
            part("reason", valueString="Asked for it"),
        ]  # fmt: skip
        named = parameters(*word, part("cohort", valueString=cohort))
        path = f"Group/{group['id']}"
        calls = (
            await client.request("GET", f"{path}/$members"),
            await client.request("GET", f"{path}/$explain?patient=Patient/{patient}"),
            await client.request("GET", f"Group/$members?cohort={cohort}"),
            await client.request("POST", f"{path}/$judge", parameters(*word)),
            await client.request("POST", "Group/$judge", named),
        )
        answers[cohort] = {answer.status_code for answer in calls}
    return answers


@pytest.mark.requirement("PCN-054")
async def test_a_service_lead_works_with_that_services_lists_and_the_clinical_director_with_all(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    area = await new_area(http, embedded)
    patient = await area.register("northern")
    await area.move_in("northern", patient, "elms", "2020-05-01")
    groups = await groups_of(area)
    reviews = acting(area, http, await lead(area, "service-lead", "SMR"))
    homes = acting(area, http, await lead(area, "service-lead", "EHCH"))
    director = acting(area, http, await lead(area, "clinical-director"))

    assert await statuses(reviews, groups, patient) == {HOMES: {404}, REVIEWS: {200}}
    assert await statuses(homes, groups, patient) == {HOMES: {200}, REVIEWS: {404}}
    assert await statuses(director, groups, patient) == {HOMES: {200}, REVIEWS: {200}}

    async def lists(client: FhirClient) -> set[str]:
        answer = await client.read(f"Patient/{patient}/$cohorts")
        return {values(one, "cohort")[0]["code"] for one in values(answer, "membership")}

    assert await lists(reviews) == {REVIEWS}
    assert HOMES in await lists(homes)
    assert REVIEWS not in await lists(homes)
    assert {HOMES, REVIEWS} <= await lists(director)


async def test_a_task_that_has_ended_limits_nobody_and_opens_nothing(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    area = await new_area(http, embedded)
    patient = await area.register("northern")
    await area.move_in("northern", patient, "elms", "2020-05-01")
    groups = await groups_of(area)
    former = await lead(area, "service-lead", "SMR", end="2020-06-30")
    assert await statuses(acting(area, http, former), groups, patient) == {HOMES: {200}, REVIEWS: {200}}
    current = await lead(area, "service-lead", "SMR")
    elsewhere = FhirClient(http, area.system.url, area.system.token(area.codes["south"], user=current))
    with pytest.raises(Refused) as refused:
        await elsewhere.read(f"Group/{groups[REVIEWS]['id']}/$members")
    assert refused.value.status == 404, "another network's lists stay closed to its own lead there"


async def test_a_run_of_another_service_is_none_of_a_service_leads(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    area = await new_area(http, embedded)
    await area.register("northern")
    await area.client("operator").caught_up()
    asked = parameters(part("service", valueString="AC"))
    made = await area.client("north").call("POST", "Group/$identify", asked)
    [run] = values(made, "run")
    reviews = acting(area, http, await lead(area, "service-lead", "SMR"))
    anticipatory = acting(area, http, await lead(area, "service-lead", "AC"))
    director = acting(area, http, await lead(area, "clinical-director"))

    async def answers(client: FhirClient) -> list[int]:
        paths = (f"Group/$priority-list?run={run}", f"Group/$stages?run={run}")
        return [(await client.request("GET", path)).status_code for path in paths]

    assert await answers(reviews) == [404, 404]
    assert await answers(anticipatory) == [200, 200]
    assert await answers(director) == [200, 200]
    assert await answers(area.client("north")) == [200, 200], "a user who leads nothing is not limited"
