"""The same request posted twice at the same moment has one effect, and neither is a fault."""

from __future__ import annotations

import asyncio
from typing import Any

from tandem.canonical import AFFILIATION_ROLE, AGREEMENT_SIGNATURE, ODS_CODE
from tandem.fhir.body import encode
from tandem.fhir.faults import fault_response
from tandem.fhir.request import FhirRequest
from tandem.fhir.routes import Routes
from tandem.identity.caller import ALL_LETTERS, Caller
from tandem_tests.identification_service import (
    BASE,
    COMMISSIONER,
    NETWORK,
    PRACTICE,
    Cohorts,
    definition,
    parameters,
)

TIMES = 4
PERSON = "Practitioner/dr"


async def at_once(
    cohorts: Cohorts, organisation: str, path: str, body: dict[str, Any], *, operator: bool = False
) -> list[int]:
    """The statuses of the same POST, sent several times at once, in order."""
    caller = Caller(organisation, scopes={"*": ALL_LETTERS}, operator=operator, user=PERSON)
    request = FhirRequest("POST", path, "", {}, encode(body), BASE, "request", "correlation", caller)

    async def once() -> int:
        try:
            return (await Routes(cohorts.kernel).answer(request)).status
        except Exception as error:
            return fault_response(request, error).status

    return sorted(await asyncio.gather(*(once() for _ in range(TIMES))))


def said(**given: Any) -> dict[str, Any]:
    return parameters(*((name.rstrip("_"), value) for name, value in given.items()))


async def test_a_choice_is_kept_once(cohorts: Cohorts) -> None:
    text = definition("walking", "AC", value_set="fell").replace("status: local", "status: optional")
    await cohorts.call("T0001", "Group/$define", said(definition=text), operator=True)
    statuses = await at_once(cohorts, NETWORK, "Group/$choose", said(cohort="walking", from_="2020-07-01"))
    assert statuses == [201] * TIMES
    assert await cohorts.count("cohort_choice") == 1


async def test_a_version_is_installed_once(cohorts: Cohorts) -> None:
    held = await cohorts.count("cohort_definition")
    text = definition("walking", "AC", value_set="fell")
    statuses = await at_once(cohorts, "T0001", "Group/$define", said(definition=text), operator=True)
    assert statuses[0] == 200 or statuses[0] == 201
    assert set(statuses[1:]) <= {200, 201, 409}
    assert await cohorts.count("cohort_definition") == held + 1


async def test_every_judgement_is_kept_and_the_person_enters_once(cohorts: Cohorts) -> None:
    await cohorts.register("p1", PRACTICE, "9990000018")
    body = said(patient="Patient/p1", cohort="anticipatory-care", decision="add", reason="Asked for it")
    assert await at_once(cohorts, PRACTICE, "Group/$judge", body) == [200] * TIMES
    words = await cohorts.rows("SELECT number FROM judgement WHERE patient = 'p1' ORDER BY number")
    assert [each["number"] for each in words] == list(range(1, TIMES + 1))
    [stay] = await cohorts.rows("SELECT number, until FROM group_member WHERE patient = 'p1'")
    assert (stay["number"], stay["until"]) == (1, None)
    entered = await cohorts.rows("SELECT COUNT(*) AS n FROM log WHERE kind = 'tandem.cohort.entered'")
    assert entered[0]["n"] == 1


async def test_a_party_signs_once(cohorts: Cohorts) -> None:
    party = {"type": "Organization", "identifier": {"system": ODS_CODE, "value": PRACTICE}}
    async with cohorts.database.transaction() as connection:
        await cohorts.work(connection).put({
            "resourceType": "OrganizationAffiliation", "id": "a1", "active": True, "organization": party,
            "extension": [{"url": AGREEMENT_SIGNATURE, "extension": [{"url": "party", "valueReference": party}]}],
            "code": [{"coding": [{"system": AFFILIATION_ROLE, "code": "governance-agreement"}]}],
        })  # fmt: skip
    statuses = await at_once(cohorts, PRACTICE, "OrganizationAffiliation/a1/$sign", parameters())
    assert statuses == [200, *[409] * (TIMES - 1)]
    async with cohorts.database.read() as connection:
        found = await cohorts.work(connection).read("OrganizationAffiliation", "a1")
    assert found is not None
    [signature] = found["extension"]
    assert [part["url"] for part in signature["extension"]] == ["party", "signed", "user"]


async def test_a_list_size_is_recorded_once(cohorts: Cohorts) -> None:
    size = {"name": "list-size", "part": [
        {"name": "date", "valueDate": "2020-06-30"}, {"name": "registered", "valueInteger": 9_000},
    ]}  # fmt: skip
    path = f"Organization/org-{PRACTICE}/$list-size"
    assert await at_once(cohorts, PRACTICE, path, {**parameters(), "parameter": [size]}) == [200] * TIMES
    assert await cohorts.count("list_size") == 1


async def test_a_version_of_a_requirement_is_published_once(cohorts: Cohorts) -> None:
    body = said(requirement="AC-031", from_="2021-01-01", text="Another text")
    statuses = await at_once(cohorts, "T0001", "PlanDefinition/$publish", body, operator=True)
    assert statuses[0] == 201
    assert set(statuses[1:]) <= {409, 422}
    assert await cohorts.count("requirement_version") == 1


async def test_a_standard_approach_and_a_tool_are_kept_once(cohorts: Cohorts) -> None:
    body = said(cohort="rising-risk")
    assert await at_once(cohorts, COMMISSIONER, "Group/$standard-approach", body) == [200] * TIMES
    assert await cohorts.count("standard_approach") == 1
    body = said(tool="Finder", toolVersion="1")
    assert await at_once(cohorts, PRACTICE, "Group/$register-tool", body) == [200] * TIMES
    assert await cohorts.count("identification_tool") == 1


async def test_an_audit_that_is_imported_at_once_marks_the_person_once(cohorts: Cohorts) -> None:
    await cohorts.register("p1", PRACTICE, "9990000018")
    await cohorts.call(PRACTICE, "Group/$register-tool", said(tool="Finder", toolVersion="1"))
    body = said(
        tool="Finder", toolVersion="1", dataDate="2020-06-30", row=[("nhsNumber", "9990000018"), ("finding", "falls")]
    )
    statuses = await at_once(cohorts, PRACTICE, "Group/$import-audit", body)
    assert statuses[0] == 200
    assert set(statuses[1:]) <= {200, 409}, "a refused one is kept in no part"
    assert await cohorts.count("identification_run") == statuses.count(200)
    lists = await cohorts.rows("SELECT id FROM resource WHERE type = 'List'")
    assert len(lists) == 1
