"""Who sees whom, by every way in: what an organisation may not see is not there, and is not counted."""

from __future__ import annotations

import base64
from typing import Any

import pytest

PRACTICE, OTHER, PROVIDER, STRANGER, COMMISSIONER = "A81001", "B82002", "RXX01", "RYY02", "QHM"
PATCH = {"content_type": "application/json-patch+json"}


@pytest.fixture
async def records(server: Any, neighbourhood: Any) -> list[dict[str, Any]]:
    """Records of the practice's person: an Observation, a CarePlan, a Task and the Patient."""
    person = neighbourhood.person
    made = [
        await server.create(server.observation(person, identifier=[{"system": "urn:ours", "value": "1"}])),
        await server.create(server.care_plan(person, identifier=[{"system": "urn:ours", "value": "1"}])),
        await server.create(server.task(person, identifier=[{"system": "urn:ours", "value": "1"}])),
    ]
    return [*made, person]


async def _total(server: Any, query: str, by: str) -> int:
    for url in (
        f"{query}{'&' if '?' in query else '?'}_total=accurate",
        f"{query}{'&' if '?' in query else '?'}_summary=count",
    ):
        response = await server.send("GET", url, by=by)
        assert response.status_code == 200, response.text
        total: int = response.json()["total"]
    bundle = (await server.send("GET", query, by=by)).json()
    assert len(bundle.get("entry", ())) == total, bundle
    return total


async def _history(server: Any, path: str, by: str) -> int:
    response = await server.send("GET", path, by=by)
    if response.status_code == 404:
        return 0
    names = ("Organization", "OrganizationAffiliation")
    return sum(entry["resource"]["resourceType"] not in names for entry in response.json().get("entry", ()))


async def _sees_nothing(server: Any, records: list[dict[str, Any]], by: str, own: int = 0) -> None:
    """None of the records by any way in; `own` is how many it sent itself, which it may read back."""
    before = await server.counts()
    person = records[-1]
    for record in records:
        kind, path = record["resourceType"], f"{record['resourceType']}/{record['id']}"
        absent = await server.send("GET", f"{kind}/none", by=by)
        for method, url, body, headers in (
            ("GET", path, None, {}), ("HEAD", path, None, {}), ("GET", f"{path}/_history", None, {}),
            ("GET", f"{path}/_history/1", None, {}),
            ("PUT", path, record, {}), ("PATCH", path, [{"op": "test", "path": "/id", "value": record["id"]}], PATCH),
            ("DELETE", path, None, {}),
        ):  # fmt: skip
            response = await server.send(method, url, body, by=by, **headers)
            assert response.status_code == 404, (method, url, response.text)
            if method == "GET" and url == path:
                assert response.content == absent.content
        server.refused(await server.send("PUT", path, record, by=by, if_match='W/"1"'), 412)
        unheld = await server.send("PUT", f"{kind}/none", {**record, "id": "none"}, by=by, if_match='W/"1"')
        held = await server.send("PUT", path, record, by=by, if_match='W/"1"')
        assert unheld.content == held.content
        for query in ("", f"?_id={record['id']}"):
            assert await _total(server, kind + query, by) == 0
        assert await _history(server, f"{kind}/_history", by) == 0
    for query in (f"Observation?patient=Patient/{person['id']}", f"Observation?subject=Patient/{person['id']}",
        "Patient?name=marlow",
                  f"Patient?identifier={person['identifier'][0]['value']}",
                  "Observation?identifier=urn:ours|1&_include=Observation:subject",
                  "Patient?_revinclude=Observation:subject", "Observation?subject:Patient.name=marlow",
                  "Patient?_has:Observation:subject:status=final",
                  f"Observation?patient:identifier={person['identifier'][0]['value']}"):  # fmt: skip
        response = await server.send("GET", f"{query}&_total=accurate", by=by)
        if response.status_code == 200:
            assert (response.json()["total"], response.json().get("entry", [])) == (0, []), query
        else:
            server.refused(response, 400)
    assert await _history(server, "_history", by) == own
    after = await server.counts()
    assert {**after, "audit": 0} == {**before, "audit": 0}


async def _sees_all(server: Any, records: list[dict[str, Any]], by: str) -> None:
    for record in records:
        path = f"{record['resourceType']}/{record['id']}"
        for url in (path, f"{path}/_history/1", f"{path}/_history"):
            assert (await server.send("GET", url, by=by)).status_code == 200, url
        assert await _total(server, f"{record['resourceType']}?_id={record['id']}", by) == 1
        assert await _history(server, f"{record['resourceType']}/_history", by) >= 1
    assert await _history(server, "_history", by) >= len(records)


async def test_the_other_practice_sees_nothing(server: Any, neighbourhood: Any, records: list[dict[str, Any]]) -> None:
    hers = await server.create(server.observation(neighbourhood.stranger), by=OTHER)
    await _sees_all(server, records, PRACTICE)
    own = [{**records[0], "id": hers["id"]}]
    server.refused(await server.send("GET", f"Observation/{own[0]['id']}", by=PRACTICE), 404)
    for by in (STRANGER, COMMISSIONER, PROVIDER):
        await _sees_nothing(server, records, by)
    for record in records:
        path = f"{record['resourceType']}/{record['id']}"
        server.refused(await server.send("GET", path, by=OTHER), 404)
    for kind, number in (("Observation", 1), ("Patient", 1), ("CarePlan", 0), ("Task", 0)):
        assert await _total(server, kind, OTHER) == number
        assert await _history(server, f"{kind}/_history", OTHER) == number
    assert await _history(server, "_history", OTHER) == 2


async def test_includes_show_only_what_may_be_seen(
    server: Any, neighbourhood: Any, records: list[dict[str, Any]]
) -> None:
    # An operator can write down a link between the practices; it does not carry anyone across.
    linked = await server.create(
        server.observation(neighbourhood.person, focus=[server.about(neighbourhood.stranger)]), by="operator"
    )
    for query in (f"Observation?_id={linked['id']}&_include=Observation:subject&_include=Observation:focus",
                  f"Observation?_id={linked['id']}&_include=Observation:subject"):  # fmt: skip
        response = await server.send("GET", query)
        if response.status_code == 400:
            continue
        found = {entry["resource"]["id"] for entry in response.json()["entry"]}
        assert found == {linked["id"], neighbourhood.person["id"]}
    back = (await server.send("GET", "Patient?_revinclude=Observation:subject", by=OTHER)).json()
    assert [entry["resource"]["id"] for entry in back["entry"]] == [neighbourhood.stranger["id"]]


async def test_a_provider_needs_an_agreement_and_a_part(
    server: Any, neighbourhood: Any, records: list[dict[str, Any]]
) -> None:
    person = neighbourhood.person
    await _sees_nothing(server, records, PROVIDER)
    referral = await server.create(server.task(person, requester=server.ods(PRACTICE), owner=server.ods(PROVIDER)))
    await _sees_all(server, [*records, referral], PROVIDER)
    # A part without an agreement opens nothing.
    await server.create(server.task(person, requester=server.ods(PRACTICE), owner=server.ods(STRANGER)))
    await _sees_nothing(server, records[:2], STRANGER)
    server.refused(await server.send("GET", f"Patient/{neighbourhood.stranger['id']}", by=PROVIDER), 404)
    # The agreement ends.
    held = (await server.send("GET", "OrganizationAffiliation", by="operator")).json()["entry"][0]["resource"]
    ended = {**held, "active": False}
    assert (await server.send("PUT", f"OrganizationAffiliation/{held['id']}", ended, by="operator")).status_code == 200
    await _sees_nothing(server, [*records[:2], person], PROVIDER)


async def test_a_task_about_a_stranger_is_received_and_opens_nothing(
    server: Any, neighbourhood: Any, records: list[dict[str, Any]]
) -> None:
    person = neighbourhood.person
    for by in (STRANGER, PROVIDER):
        number = {"identifier": person["identifier"][0]}
        sent = {**server.task(requester=server.ods(by), owner=server.ods(PRACTICE)), "for": number}
        stored = await server.create(sent, by=by)
        path = f"Task/{stored['id']}"
        assert (await server.send("GET", path, by=by)).json() == stored
        assert await _total(server, "Task", by) == 1
        assert await _history(server, "_history", by) == 1
        await _sees_nothing(server, [*records[:2], person], by, own=1)
        server.refused(await server.send("GET", f"Task/{records[2]['id']}", by=by), 404)
        server.refused(await server.send("PUT", path, {**stored, "owner": server.ods(by)}, by=by), 403)
        server.refused(await server.send("DELETE", path, by=by), 403)
        rows = await server.fetch("SELECT granted FROM log WHERE resource_id = $1", stored["id"])
        assert rows == [{"granted": 0}]
        assert (await server.send("GET", path, by=PRACTICE)).status_code == 200
        for resource in (server.observation(person), server.care_plan(person)):
            server.refused(await server.send("POST", resource["resourceType"], resource, by=by), 403)
        team = {
            "resourceType": "CareTeam",
            "status": "active",
            "subject": server.about(person),
            "participant": [{"member": server.ods(by)}],
        }
        server.refused(await server.send("POST", "CareTeam", team, by=by), 403)
        for kind in ("transaction", "batch"):
            entries = [
                {"resource": one, "request": {"method": "POST", "url": one["resourceType"]}} for one in (sent, team)
            ]
            response = await server.send("POST", "", {"resourceType": "Bundle", "type": kind, "entry": entries}, by=by)
            if kind == "transaction":
                server.refused(response, 403, "Bundle.entry[1]")
            else:
                assert [one["response"]["status"] for one in response.json()["entry"]] == ["201", "403"]
        await _sees_nothing(server, [*records[:2], person], by, own=2)
    server.refused(await server.send("POST", "Task", {**server.task(), "for": number}, by=COMMISSIONER), 403)


async def test_conditional_matches_see_only_what_the_caller_sees(
    server: Any, neighbourhood: Any, records: list[dict[str, Any]]
) -> None:
    hers = server.observation(neighbourhood.stranger, identifier=[{"system": "urn:ours", "value": "1"}])
    created = await server.send("POST", "Observation", hers, by=OTHER, if_none_exist="identifier=urn:ours|1")
    assert created.status_code == 201
    again = await server.send("POST", "Observation", hers, by=OTHER, if_none_exist="identifier=urn:ours|1")
    assert (again.status_code, again.json()["id"]) == (200, created.json()["id"])
    updated = await server.send("PUT", "Observation?identifier=urn:ours|1", {**hers, "status": "amended"}, by=OTHER)
    assert (updated.status_code, updated.json()["id"]) == (200, created.json()["id"])
    before = await server.counts()
    assert (await server.send("DELETE", "Observation?identifier=urn:ours|1", by=STRANGER)).status_code == 204
    assert (await server.send("DELETE", "CarePlan?identifier=urn:ours|1", by=OTHER)).status_code == 204
    server.refused(
        await server.send(
            "POST", "Observation", server.observation(records[-1]), by=OTHER, if_none_exist="identifier=urn:q|1"
        ),
        403,
    )
    assert await server.counts() == before
    assert (await server.send("DELETE", "Observation?identifier=urn:ours|1", by=OTHER)).status_code == 204
    assert (await server.send("GET", f"Observation/{records[0]['id']}")).status_code == 200


async def test_bundles_reach_no_further_than_single_requests(
    server: Any, neighbourhood: Any, records: list[dict[str, Any]]
) -> None:
    before = await server.counts()
    patch = base64.b64encode(b'[{"op":"add","path":"/language","value":"cy"}]').decode()
    for record in records:
        kind, path = record["resourceType"], f"{record['resourceType']}/{record['id']}"
        entries = [
            {"request": {"method": "GET", "url": path}}, {"request": {"method": "GET", "url": f"{path}/_history"}},
            {"resource": record, "request": {"method": "PUT", "url": path}},
            {"request": {"method": "DELETE", "url": path}},
            {"resource": {"resourceType": "Binary", "data": patch}, "request": {"method": "PATCH", "url": path}},
        ]  # fmt: skip
        for by in (OTHER, PROVIDER, COMMISSIONER):
            response = await server.send(
                "POST", "", {"resourceType": "Bundle", "type": "batch", "entry": entries}, by=by
            )
            assert [one["response"]["status"] for one in response.json()["entry"]] == ["404"] * 5, kind
            for entry in entries[2:]:
                response = await server.send(
                    "POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}, by=by
                )
                server.refused(response, 404, "Bundle.entry[0]")
            reads = await server.send(
                "POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": entries[:2]}, by=by
            )
            assert [one["response"]["status"] for one in reads.json()["entry"]] == ["404"] * 2
            stolen = {
                "resource": server.task(owner={"reference": f"{kind}?_id={record['id']}"}),
                "request": {"method": "POST", "url": "Task"},
            }
            response = await server.send(
                "POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": [stolen]}, by=by
            )
            assert 400 <= response.status_code < 500
    after = await server.counts()
    assert {**after, "audit": 0} == {**before, "audit": 0}


async def test_an_id_that_is_taken_out_of_sight_tells_nothing(
    server: Any, neighbourhood: Any, records: list[dict[str, Any]]
) -> None:
    task = records[2]
    answers = [
        await server.send("PUT", f"Task/{name}", {**server.task(neighbourhood.stranger), "id": name}, by=OTHER)
        for name in (task["id"], "none")
    ]
    assert answers[0].status_code == answers[1].status_code == 404
    assert answers[0].content == answers[1].content
    plan = records[1]
    answers = [
        await server.send("PUT", f"CarePlan/{name}", {**plan, "id": name}, by=OTHER) for name in (plan["id"], "none")
    ]
    assert answers[0].status_code == answers[1].status_code == 404
    assert answers[0].content == answers[1].content


async def test_a_second_patient_with_one_nhs_number(
    server: Any, neighbourhood: Any, records: list[dict[str, Any]]
) -> None:
    number = neighbourhood.person["identifier"][0]["value"]
    before = await server.counts()
    first = await server.send("POST", "Patient", server.patient(number), by=OTHER)
    again = await server.send("POST", "Patient", server.patient(number, birthDate="1950-01-01"), by=OTHER)
    server.refused(first, 409)
    assert first.content == again.content
    assert number not in first.text
    own = neighbourhood.stranger
    server.refused(
        await server.send(
            "PUT", f"Patient/{own['id']}", {**own, "identifier": server.patient(number)["identifier"]}, by=OTHER
        ),
        409,
    )
    entry = {"resource": server.patient(number), "request": {"method": "POST", "url": "Patient"}}
    server.refused(
        await server.send("POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}, by=OTHER),
        409,
    )
    criteria = f"identifier=https://fhir.nhs.uk/Id/nhs-number|{number}"
    server.refused(await server.send("POST", "Patient", server.patient(number), by=OTHER, if_none_exist=criteria), 409)
    assert await server.counts() == before
    server.refused(await server.send("GET", f"Patient/{neighbourhood.person['id']}", by=OTHER), 404)


async def test_nobody_writes_its_own_rights(server: Any, neighbourhood: Any, records: list[dict[str, Any]]) -> None:
    before = await server.counts()
    for resource in (
        server.agreement(PRACTICE, STRANGER), server.agreement(STRANGER, STRANGER),
        server.agreement("U12345", STRANGER, "member"),
        server.agreement(STRANGER, PRACTICE, "member"), server.organisation("A81001", "practice"),
        server.organisation("U12345", "network"),
    ):  # fmt: skip
        server.refused(await server.send("POST", resource["resourceType"], resource, by=STRANGER), 403)
    held = (await server.send("GET", "OrganizationAffiliation", by=STRANGER)).json()["entry"][0]["resource"]
    taken = {**held, "participatingOrganization": server.ods(STRANGER)}
    path = f"OrganizationAffiliation/{held['id']}"
    server.refused(await server.send("PUT", path, taken, by=STRANGER), 403)
    patch = [{"op": "replace", "path": "/participatingOrganization", "value": server.ods(STRANGER)}]
    server.refused(await server.send("PATCH", path, patch, by=STRANGER, **PATCH), 403)
    server.refused(await server.send("DELETE", path, by=STRANGER), 403)
    server.refused(await server.send("POST", "Patient", server.patient(generalPractitioner=[server.ods(OTHER)])), 403)
    server.refused(await server.send("POST", "Patient", server.patient(), by=PROVIDER), 403)
    for by in (STRANGER, PRACTICE, "operator"):
        server.refused(await server.send("GET", "$events?after=0", by=by), 403)
    after = await server.counts()
    assert {**after, "audit": 0} == {**before, "audit": 0}


async def test_a_version_about_somebody_else_is_theirs(server: Any, neighbourhood: Any) -> None:
    """A record entered for a wrong person and put right: the versions before stay with that person's practice."""
    stored = await server.create(server.observation(neighbourhood.person))
    path = f"Observation/{stored['id']}"
    right = {**stored, "subject": server.about(neighbourhood.stranger)}
    server.refused(await server.send("PUT", path, right), 403)
    assert (await server.send("PUT", path, right, by="operator")).status_code == 200
    assert (await server.send("GET", path, by=OTHER)).status_code == 200
    server.refused(await server.send("GET", f"{path}/_history/1", by=OTHER), 404)
    entries = (await server.send("GET", f"{path}/_history", by=OTHER)).json()["entry"]
    assert [entry["resource"]["subject"] for entry in entries] == [server.about(neighbourhood.stranger)]
    server.refused(await server.send("GET", path), 404)
    assert len((await server.send("GET", f"{path}/_history", by="operator")).json()["entry"]) == 2


async def test_when_the_feed_is_behind_only_the_practice_is_served(
    server: Any, neighbourhood: Any, records: list[dict[str, Any]]
) -> None:
    await server.create(server.task(neighbourhood.person, requester=server.ods(PRACTICE), owner=server.ods(PROVIDER)))
    await _sees_all(server, records, PROVIDER)
    server.kernel.registered_only = lambda: True
    await _sees_nothing(server, [*records[:2], records[-1]], PROVIDER, own=0)
    server.refused(await server.send("POST", "Observation", server.observation(neighbourhood.person), by=PROVIDER), 403)
    await _sees_all(server, records, PRACTICE)
