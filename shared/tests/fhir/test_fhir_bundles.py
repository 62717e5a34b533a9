"""Batch and transaction: each entry by itself, or all of them or none."""

from __future__ import annotations

import base64
from typing import Any

import pytest

URN = "urn:uuid:6f0c1b52-8d0a-4a65-9c2f-0d9a1b4f7e0"


@pytest.fixture
async def person(server: Any) -> dict[str, Any]:
    """A person registered with the practice."""
    stored: dict[str, Any] = await server.create(server.patient())
    return stored


def bundle(kind: str, *entries: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


def entry(method: str, url: str, resource: Any = None, full_url: str | None = None, **request: str) -> dict[str, Any]:
    made: dict[str, Any] = {"request": {"method": method, "url": url, **request}}
    if resource is not None:
        made["resource"] = resource
    return {**made, **({"fullUrl": full_url} if full_url else {})}


def binary(patch: bytes) -> dict[str, Any]:
    return {
        "resourceType": "Binary",
        "contentType": "application/json-patch+json",
        "data": base64.b64encode(patch).decode(),
    }


async def test_batch_entries_succeed_and_fail_by_themselves(server: Any, person: Any) -> None:
    held = await server.create(server.task(person))
    answer = await server.send("POST", "", bundle(
        "batch",
        entry("POST", "Task", server.task(person)),
        entry("POST", "Task", {"resourceType": "Task", "status": "no", "intent": "order"}),
        entry("GET", f"Task/{held['id']}"), entry("GET", "Task/none"), entry("GET", "Task?status=requested"),
        entry("GET", "Task?nonsense=1"),
        entry("PUT", f"Task/{held['id']}", {**held, "status": "accepted"}, ifMatch='W/"1"'),
        entry("PUT", f"Task/{held['id']}", {**held, "status": "draft"}, ifMatch='W/"1"'),
        entry("PATCH", f"Task/{held['id']}", binary(b'[{"op":"replace","path":"/status","value":"completed"}]')),
        entry("PATCH", f"Task/{held['id']}", binary(b"not JSON")),
        entry("PATCH", f"Task/{held['id']}", {"resourceType": "Binary", "data": "%%"}),
        entry("PATCH", f"Task/{held['id']}", server.task()),
        entry("POST", "ServiceRequest", {"resourceType": "ServiceRequest"}),
        entry("POST", "Nonsense", {"resourceType": "Nonsense"}), entry("POST", "", bundle("batch")),
        entry("DELETE", f"Task/{held['id']}"),
        entry("POST", "Task", server.task(person), ifNoneExist="identifier=urn:x|1"), entry("GET", "Task/a%2Fb"),
        entry("HEAD", f"Patient/{person['id']}"),
        entry("GET", f"Patient/{person['id']}", ifNoneMatch='W/"1"'),
    ))  # fmt: skip
    assert answer.status_code == 200, answer.text
    entries = answer.json()["entry"]
    assert answer.json()["type"] == "batch-response"
    statuses = [one["response"]["status"] for one in entries]
    assert statuses == ["201", "422", "200", "404", "200", "400", "200", "412", "200", "400", "400", "400", "421",
        "404", "400",
                        "204", "201", "404", "200", "304"]  # fmt: skip
    for one in entries:
        if one["response"]["status"] >= "400":
            server.checked_outcome(one["response"]["outcome"])
            assert "resource" not in one
    assert entries[0]["response"]["location"].endswith("/_history/1")
    assert entries[0]["response"]["etag"] == 'W/"1"'
    assert entries[4]["resource"]["type"] == "searchset"
    assert entries[8]["resource"]["status"] == "completed"


async def test_bundles_that_cannot_be_meant(server: Any, person: Any) -> None:
    before = await server.counts()
    good = entry("POST", "Task", server.task(person))
    for wrong, status, place in (
        (server.task(person), 400, "resourceType"), (bundle("collection", good), 400, "Bundle.type"),
        ({"resourceType": "Bundle", "entry": [good]}, 400, "Bundle.type"),
        ({**bundle("batch"), "entry": {}}, 400, "Bundle.entry"),
        (bundle("batch", good, {}), 400, "Bundle.entry[1].request"),
        ({**bundle("batch"), "entry": [1]}, 400, "Bundle.entry[0]"),
        (bundle("transaction", entry("FETCH", "Task")), 400, "Bundle.entry[0].request.method"),
        (bundle("batch", {"request": {"method": ["GET"], "url": "Task"}}), 400, "Bundle.entry[0].request.method"),
        (bundle("batch", {"request": {"method": {}, "url": "Task"}}), 400, "Bundle.entry[0].request.method"),
        (bundle("transaction", {"request": {"method": "GET"}}), 400, "Bundle.entry[0].request.url"),
        (bundle("transaction", entry("POST", "Task")), 400, "Bundle.entry[0].resource"),
        (bundle("transaction", entry("POST", "Task", [])), 400, "Bundle.entry[0].resource"),
        (bundle("transaction", good, entry("POST", "", bundle("batch"))), 422, "Bundle.entry[1]"),
        (bundle("transaction", good, entry("POST", "AuditEvent", {"resourceType": "AuditEvent"})), 422,
            "Bundle.entry[1]"),
        (bundle("transaction", good, entry("POST", "http://elsewhere.example/fhir/Task", server.task())), 422,
            "Bundle.entry[1]"),
        (bundle("transaction", good, entry("POST", "Task/_search", server.task(person))), 400,
            "Bundle.entry[1].request.url"),
        (bundle("transaction", good, entry("POST", "Task/chosen", server.task(person))), 400,
            "Bundle.entry[1].request.url"),
        (bundle("transaction", good, entry("DELETE", "Task")), 400, "Bundle.entry[1].request.url"),
        (bundle("transaction", good, entry("DELETE", f"Patient/{person['id']}/_history/1")), 400,
            "Bundle.entry[1].request.url"),
        (bundle("transaction", good, entry("PUT", "Task/..", server.task(person, id=".."))), 400,
            "Bundle.entry[1].request.url"),
        (bundle("transaction", good, entry("PUT", "Task/a%2Fb", server.task(person))), 400,
            "Bundle.entry[1].request.url"),
        (bundle("transaction", good, entry("PUT", "Task/a\x00", server.task(person))), 400,
            "Bundle.entry[1].request.url"),
        (bundle("transaction", good, entry("PUT", "Task/1?status=draft", server.task(person))), 400,
            "Bundle.entry[1].request.url"),
        (bundle("transaction", good, entry("POST", "Task", server.task(person), ifNoneExist="identifier=\x00")), 400,
            None),
        (bundle("transaction", good, entry("POST", "Task", server.task(person), ifNoneExist="nonsense=1")), 400,
            "Bundle.entry[1].request"),
        (bundle("transaction", {**good, "fullUrl": URN + "1"}, {**good, "fullUrl": URN + "1"}), 400,
            "Bundle.entry[1].fullUrl"),
        (bundle("transaction", good, entry("PATCH", f"Patient/{person['id']}", binary(b"[1]"))), 400,
            "Bundle.entry[1]"),
        (bundle("transaction", good, entry("PATCH", f"Patient/{person['id']}", binary(b"{"))), 400, "Bundle.entry[1]"),
        (bundle("transaction", good, entry("PATCH", f"Patient/{person['id']}", server.task())), 400,
            "Bundle.entry[1].resource"),
        (bundle("transaction", good, entry("PATCH", "Patient/none", binary(b'[{"op":"remove","path":"/name"}]'))),
            404, "Bundle.entry[1]"),
        (bundle("transaction", good,
                entry("PATCH", f"Patient/{person['id']}", binary(b'[{"op":"replace","path":"/id","value":"x"}]'))), 422,
         "Bundle.entry[1].resource.id"),
    ):  # fmt: skip
        server.refused(await server.send("POST", "", wrong), status, place)
    too_many = bundle("batch", *[entry("GET", "Task/1")] * 5001)
    server.refused(await server.send("POST", "", too_many), 400)
    assert await server.counts() == before


@pytest.mark.parametrize("wrong", ["last", "first", "middle"])
async def test_a_transaction_with_a_fault_leaves_nothing(server: Any, person: Any, wrong: str) -> None:
    held = await server.create(server.task(person))
    kept = await server.create(server.observation(person))
    before = await server.counts()
    faults = {
        "invalid": (entry("POST", "Task", {"resourceType": "Task", "intent": "order"}), 422, ".resource.status"),
        "unknown patient": (entry("POST", "Task", {**server.task(), "for": {"reference": "Patient/none"}}), 422,
            ".resource.for"),
        "version": (entry("PUT", f"Observation/{kept['id']}", kept, ifMatch='W/"9"'), 412, ""),
        "no such id": (entry("PUT", "Observation/none", {**kept, "id": "none"}), 404, ""),
        "id mismatch": (entry("PUT", f"Observation/{kept['id']}", {**kept, "id": "x"}), 400, ".resource.id"),
        "delete": (entry("DELETE", "Observation/none"), 404, ""),
        "condition": (entry("POST", "Task",
                server.task(person, owner={"reference": "Organization?identifier=none|1"})), 412,
                ".resource.owner.reference"),
        "duplicate NHS number": (entry("POST", "Patient", server.patient(person["identifier"][0]["value"])), 409,
            ".resource.identifier"),
    }  # fmt: skip
    good = [
        entry("POST", "Task", server.task(person)), entry("DELETE", f"Task/{held['id']}"),
        entry("POST", "Patient", server.patient()),
        entry("PUT", "Observation?identifier=urn:y|1", server.observation(person)), entry("GET", "Task"),
    ]  # fmt: skip
    for name, (fault, status, place) in faults.items():
        at = {"first": 0, "last": len(good), "middle": 2}[wrong]
        entries = [*good[:at], fault, *good[at:]]
        response = await server.send("POST", "", bundle("transaction", *entries))
        assert response.status_code == status, (name, response.text)
        server.refused(response, status, f"Bundle.entry[{at}]{place}")
        assert await server.counts() == before, name
    assert (await server.send("GET", f"Task/{held['id']}")).status_code == 200


async def test_entries_that_point_in_a_circle(server: Any, person: Any) -> None:
    identifier = [{"system": "urn:ietf:rfc:3986", "value": URN + "1"}]
    answer = await server.send("POST", "", bundle(
        "transaction",
        entry("POST", "Task", server.task(person, identifier=identifier, partOf=[{"reference": URN + "2"}]), URN + "1"),
        entry("POST", "Task", server.task(person, partOf=[{"reference": URN + "1"}], focus={"reference": URN + "3"}),
            URN + "2"),
        entry("PUT", "CarePlan?identifier=urn:x|1",
            server.care_plan(person, activity=[{"reference": {"reference": URN + "1"}}]), URN + "3"),
    ))  # fmt: skip
    assert answer.status_code == 200, answer.text
    first, second, plan = [one["resource"] for one in answer.json()["entry"]]
    assert answer.json()["type"] == "transaction-response"
    assert first["partOf"] == [{"reference": f"Task/{second['id']}"}]
    assert second["partOf"] == [{"reference": f"Task/{first['id']}"}]
    assert second["focus"] == {"reference": f"CarePlan/{plan['id']}"}
    assert plan["activity"] == [{"reference": {"reference": f"Task/{first['id']}"}}]
    assert first["identifier"] == identifier
    found = (await server.send("GET", f"Task?part-of=Task/{first['id']}")).json()
    assert [one["resource"]["id"] for one in found["entry"]] == [second["id"]]

    before = await server.counts()
    for kind in ("transaction",):
        dangling = entry("POST", "Task", server.task(person, partOf=[{"reference": URN + "9"}]))
        server.refused(
            await server.send("POST", "", bundle(kind, dangling)), 400, "Bundle.entry[0].resource.partOf[0].reference"
        )
    assert await server.counts() == before


async def test_a_new_person_and_their_records_come_together(server: Any) -> None:
    answer = await server.send("POST", "", bundle(
        "transaction",
        entry("POST", "Observation",
            {"resourceType": "Observation", "status": "final", "code": {"text": "x"},
                "subject": {"reference": URN + "1"}}),
        entry("POST", "Task", {**server.task(), "for": {"reference": URN + "1"}}),
        entry("POST", "Patient", server.patient(), URN + "1"),
    ))  # fmt: skip
    assert answer.status_code in (200, 422), answer.text
    assert answer.status_code == 200, answer.text
    person = answer.json()["entry"][2]["resource"]
    assert answer.json()["entry"][0]["resource"]["subject"] == server.about(person)
    rows = await server.fetch("SELECT patient FROM resource")
    assert {row["patient"] for row in rows} == {person["id"]}


async def test_order_and_answers_of_a_transaction(server: Any, person: Any) -> None:
    gone = await server.create(server.task(person, identifier=[{"system": "urn:z", "value": "1"}]))
    changed = await server.create(server.task(person))
    patched = await server.create(server.task(person))
    answer = await server.send("POST", "", bundle(
        "transaction",
        entry("GET", "Task?_total=accurate&_summary=count"), entry("GET", f"Task/{gone['id']}"),
        entry("PATCH", f"Task/{patched['id']}", binary(b'[{"op":"replace","path":"/status","value":"accepted"}]'),
            ifMatch='W/"1"'),
        entry("PUT", f"Task/{changed['id']}", {**changed, "status": "accepted"}, ifMatch='W/"1"'),
        entry("POST", "Task", server.task(person), ifNoneExist="identifier=urn:z|2"),
        entry("DELETE", "Task?identifier=urn:z|1"), entry("DELETE", "Task?identifier=urn:z|9"),
        entry("POST", "Observation", server.observation(person), ifNoneExist="status=final"),
    ))  # fmt: skip
    assert answer.status_code == 200, answer.text
    entries = answer.json()["entry"]
    assert [one["response"]["status"] for one in entries] == ["200", "410", "200", "200", "201", "204", "204", "201"]
    assert entries[0]["resource"]["total"] == 3
    assert entries[2]["resource"]["status"] == "accepted"
    assert entries[3]["response"]["etag"] == 'W/"2"'
    assert entries[4]["response"]["location"].endswith(f"{entries[4]['resource']['id']}/_history/1")

    again = await server.send(
        "POST",
        "",
        bundle("transaction", entry("POST", "Observation", server.observation(person), ifNoneExist="status=final")),
        prefer="return=minimal",
    )
    only = again.json()["entry"][0]
    assert only["response"]["status"] == "200"
    assert only["response"]["location"] == entries[7]["response"]["location"]
    assert "resource" not in only


async def test_conditional_references_are_filled_in(server: Any, person: Any) -> None:
    await server.create(server.organisation("RXX01", "community-provider"), by="operator")
    number = person["identifier"][0]["value"]
    sent = {
        **server.task(
            owner={"reference": "Organization?identifier=https://fhir.nhs.uk/Id/ods-organization-code|RXX01"}
        ),
        "for": {"reference": f"Patient?identifier=https://fhir.nhs.uk/Id/nhs-number|{number}"},
    }
    answer = await server.send("POST", "", bundle("transaction", entry("POST", "Task", sent)))
    assert answer.status_code == 200, answer.text
    stored = answer.json()["entry"][0]["resource"]
    assert stored["for"] == server.about(person)
    assert stored["owner"]["reference"].startswith("Organization/")
    before = await server.counts()
    elsewhere = {**sent, "basedOn": [{"reference": "ServiceRequest?identifier=urn:x|1"}]}
    response = await server.send("POST", "", bundle("transaction", entry("POST", "Task", elsewhere)))
    assert (
        "referral-service"
        in server.refused(response, 422, "Bundle.entry[0].resource.basedOn[0].reference")[0]["details"]["text"]
    )
    for reference, status in (
        ("Patient?identifier=urn:x|1", 412), ("Patient?nonsense=1", 400), ("Patient?", 400), ("Nonsense?a=b", 404),
        ("Patient?_id=%00", 400),
        (f"Patient?identifier=https://fhir.nhs.uk/Id/nhs-number|{server.nhs_number()}", 412),
    ):  # fmt: skip
        wrong = {**sent, "for": {"reference": reference}}
        response = await server.send("POST", "", bundle("transaction", entry("POST", "Task", wrong)))
        assert server.refused(response, status)[0]["expression"][0].startswith("Bundle.entry[0]"), response.text
    server.refused(await server.send("POST", "", bundle("transaction", entry("POST", "Task", sent)), by="B82002"), 412)
    assert await server.counts() == before


async def test_two_entries_about_one_resource_are_refused(server: Any, person: Any) -> None:
    held = await server.create(server.task(person, identifier=[{"system": "urn:z", "value": "1"}]))
    path, by_criteria = f"Task/{held['id']}", "Task?identifier=urn:z|1"
    before = await server.counts()
    body = {key: value for key, value in held.items() if key != "id"}
    patch = binary(b'[{"op":"replace","path":"/status","value":"accepted"}]')
    pairs = (
        (entry("PUT", path, held), entry("PUT", path, held)), (entry("PUT", path, held), entry("DELETE", path)),
        (entry("PUT", path, held), entry("PUT", by_criteria, body)),
        (entry("PATCH", path, patch), entry("PUT", path, held)),
        (entry("PUT", by_criteria, body), entry("PUT", f"Task?_id={held['id']}", body)),
        (entry("DELETE", by_criteria), entry("DELETE", path)),
        (entry("POST", "Task", body, ifNoneExist="identifier=urn:n|1"),
            entry("POST", "Task", body, ifNoneExist="identifier=urn:n|1")),
        (entry("PUT", "Task?identifier=urn:n|1", body),
            entry("POST", "Task", body, ifNoneExist="identifier=urn:n%7C1")),
        (entry("POST", "Task", body, ifNoneExist="identifier=urn:z|1"), entry("PUT", path, held)),
    )  # fmt: skip
    for one, other in pairs:
        for entries in ((one, other), (other, one)):
            response = await server.send("POST", "", bundle("transaction", entry("POST", "Task", body), *entries))
            server.refused(response, 400, "Bundle.entry[2]")
    assert await server.counts() == before
    twice = entry("POST", "Task", body, ifNoneExist="identifier=urn:z|1")
    assert (await server.send("POST", "", bundle("transaction", twice, twice))).status_code == 200


async def test_a_transaction_over_two_owners_names_the_entries(server: Any, person: Any) -> None:
    before = await server.counts()
    other = {"resourceType": "ServiceRequest", "status": "active", "intent": "order", "subject": server.about(person)}
    answer = await server.send("POST", "", bundle(
        "transaction", entry("POST", "Task", server.task(person)), entry("POST", "ServiceRequest", other),
        entry("GET", "MeasureReport/1"),
    ))  # fmt: skip
    issues = server.refused(answer, 422)
    assert [issue["expression"] for issue in issues] == [["Bundle.entry[1]"], ["Bundle.entry[2]"]]
    assert "referral-service" in issues[0]["details"]["text"]
    assert await server.counts() == before


async def test_conditional_update_in_a_transaction_is_as_by_itself(server: Any, person: Any) -> None:
    held = await server.create(server.task(person, identifier=[{"system": "urn:z", "value": "1"}]))
    body = {key: value for key, value in held.items() if key not in ("id", "meta")}
    updated = await server.send(
        "POST", "", bundle("transaction", entry("PUT", "Task?identifier=urn:z|1", {**body, "status": "accepted"}))
    )
    assert updated.json()["entry"][0]["response"]["etag"] == 'W/"2"', updated.text
    before = await server.counts()
    for wrong, status in (
        (entry("PUT", "Task?identifier=urn:z|1", {**body, "id": "other"}), 400),
        (entry("PUT", "Task?identifier=urn:z|2", {**body, "id": "other"}), 404),
        (entry("PUT", "Task?identifier=urn:z|2", body, ifMatch='W/"1"'), 412),
        (entry("PUT", "Task?identifier=urn:z|1", body, ifMatch='W/"1"'), 412),
        (entry("PATCH", "Task?identifier=urn:z|2", binary(b'[{"op":"remove","path":"/for"}]')), 404),
    ):  # fmt: skip
        server.refused(await server.send("POST", "", bundle("transaction", wrong)), status)
    assert await server.counts() == before
    created = await server.send(
        "POST",
        "",
        bundle("transaction", entry("PUT", "Task?identifier=urn:z|3", {**body, "id": "chosen"})),
        by="operator",
    )
    assert created.json()["entry"][0]["resource"]["id"] == "chosen"


async def test_one_resource_of_a_bundle_is_no_larger_than_by_itself(server: Any, person: Any) -> None:
    before = await server.counts()
    large = entry("POST", "Task", server.task(person, description="x" * 1024 * 1024))
    server.refused(await server.send("POST", "", bundle("transaction", large)), 413, "Bundle.entry[0]")
    assert (await server.send("POST", "", bundle("batch", large))).json()["entry"][0]["response"]["status"] == "413"
    assert await server.counts() == before


async def test_a_bundle_of_twenty_megabytes(server: Any, person: Any) -> None:
    entries = [
        entry("POST", "Observation", server.observation(person, note=[{"text": f"{number} " + "x" * 1_000_000}]))
        for number in range(20)
    ]
    answer = await server.send("POST", "", bundle("transaction", *entries), prefer="return=minimal")
    assert answer.status_code == 200, answer.text[:500]
    assert (await server.send("GET", "Observation?_summary=count")).json()["total"] == 20
