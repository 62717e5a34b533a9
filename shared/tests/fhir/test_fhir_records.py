"""What a request leaves behind: a row in log and outbox for a write, and an audit row about whom it was."""

from __future__ import annotations

import json
from typing import Any

from tandem.events.sequencer import sequence

PATCH = {"content_type": "application/json-patch+json"}


async def test_each_write_leaves_one_event_in_order(server: Any) -> None:
    person = await server.create(server.patient(), x_correlation_id="C-7")
    stored = await server.create(server.task(person))
    path = f"Task/{stored['id']}"
    await server.send("PUT", path, {**stored, "status": "accepted"})
    await server.send("PUT", path, {**stored, "status": "accepted"})
    await server.send("PATCH", path, [{"op": "replace", "path": "/status", "value": "completed"}], **PATCH)
    await server.send("DELETE", path)
    await server.send("PUT", path, {**stored, "status": "nonsense"})
    log = await server.fetch("SELECT * FROM log ORDER BY id")
    assert [(row["kind"], row["version"]) for row in log] == [
        ("fhir.Patient.create", 1), ("fhir.Task.create", 1), ("fhir.Task.update", 2), ("fhir.Task.update", 3),
        ("fhir.Task.delete", 4),
    ]  # fmt: skip
    assert {row["patient"] for row in log} == {person["id"]}
    assert {row["author"] for row in log} == {"A81001"}
    assert {row["granted"] for row in log} == {1}
    assert log[0]["correlation"] == "C-7"
    assert len({row["event_id"] for row in log}) == len(log)
    assert [row["log_id"] for row in await server.fetch("SELECT log_id FROM outbox ORDER BY log_id")] == [
        row["id"] for row in log
    ]
    async with server.database.transaction() as connection:
        await sequence(connection, 100)
    assert (await server.counts())["outbox"] == 0
    events = (await server.send("GET", "$events?after=0", by="service")).json()
    assert [event["type"] for event in events] == [row["kind"] for row in log]
    assert [int(event["sequence"]) for event in events] == [1, 2, 3, 4, 5]
    assert events[-1].get("data") is None
    one = (await server.send("GET", f"$events?subject={path}&after-version=1&before-version=3", by="service")).json()
    assert [event["type"] for event in one] == ["fhir.Task.update"]


async def test_a_transaction_leaves_one_event_for_each_entry(server: Any) -> None:
    person = await server.create(server.patient())
    before = await server.counts()
    entries = [{"resource": server.task(person), "request": {"method": "POST", "url": "Task"}} for _ in range(5)]
    response = await server.send("POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": entries})
    assert response.status_code == 200
    after = await server.counts()
    for table in ("resource", "log", "outbox", "audit"):
        assert after[table] - before[table] == 5, table


async def test_every_read_and_write_of_a_person_is_audited(server: Any) -> None:
    person = await server.create(server.patient())
    other = await server.create(server.patient())
    stored = await server.create(server.task(person))
    await server.create(server.task(other))
    path = f"Task/{stored['id']}"
    accepted = {**stored, "status": "accepted"}
    form = {"content_type": "application/x-www-form-urlencoded"}
    for action, about, method, url, body, headers in (
        ("create", {person["id"]}, "POST", "Task", server.task(person), {}),
        ("read", {person["id"]}, "GET", path, None, {}),
        ("read", {person["id"]}, "HEAD", path, None, {}),
        ("read", {person["id"]}, "GET", path, None, {"if_none_match": 'W/"1"'}),
        ("vread", {person["id"]}, "GET", f"{path}/_history/1", None, {}),
        ("update", {person["id"]}, "PUT", path, accepted, {}),
        ("update", {person["id"]}, "PUT", path, accepted, {}),
        ("patch", {person["id"]}, "PATCH", path, [{"op": "replace", "path": "/status", "value": "completed"}], PATCH),
        ("history-instance", {person["id"]}, "GET", f"{path}/_history", None, {}),
        ("history-type", {person["id"], other["id"]}, "GET", "Task/_history", None, {}),
        ("history-system", {person["id"], other["id"]}, "GET", "_history", None, {}),
        ("search-type", {person["id"], other["id"]}, "GET", "Task", None, {}),
        ("search-type", {other["id"]}, "GET", f"Task?patient=Patient/{other['id']}", None, {}),
        ("search-type", {person["id"]}, "POST", "Task/_search", f"_id={stored['id']}".encode(), form),
        ("search-type", {None}, "GET", "Task?status=draft", None, {}),
        ("read", {person["id"]}, "POST", "Task", server.task(person), {"if_none_exist": f"_id={stored['id']}"}),
        ("delete", {person["id"]}, "DELETE", path, None, {}),
    ):  # fmt: skip
        newest = (await server.fetch("SELECT max(id) AS id FROM audit"))[0]["id"]
        response = await server.send(method, url, body, x_request_id="R-9", **headers)
        assert response.status_code < 400, (url, response.text)
        rows = await server.fetch("SELECT * FROM audit WHERE id > $1", newest)
        assert {row["action"] for row in rows} == {action}, url
        assert {row["patient"] for row in rows} == about, url
        assert len(rows) == len(about)
        assert {(row["organisation"], row["request_id"], row["type"]) for row in rows} == {
            ("A81001", "R-9", None if action == "history-system" else "Task")
        }
        if action in ("read", "vread", "update", "patch", "delete", "history-instance"):
            assert {row["resource_id"] for row in rows} == {stored["id"]}


async def test_audit_events_are_searched_and_read_by_their_organisation(server: Any) -> None:
    person = await server.create(server.patient())
    stored = await server.create(server.task(person))
    await server.send("GET", f"Task/{stored['id']}", by="operator")
    found = (await server.send("GET", f"AuditEvent?patient=Patient/{person['id']}&_total=accurate")).json()
    assert found["total"] == 3
    assert {entry["resource"]["subtype"][0]["code"] for entry in found["entry"]} == {"create", "read"}
    first = found["entry"][0]
    path = first["fullUrl"].removeprefix("http://tandem.test/fhir/")
    assert (await server.send("GET", path)).json() == first["resource"]
    for by in ("B82002", "RXX01"):
        server.refused(await server.send("GET", path, by=by), 404)
        nothing = (await server.send("GET", f"AuditEvent?patient=Patient/{person['id']}&_total=accurate", by=by)).json()
        assert (nothing["total"], "entry" in nothing) == (0, False)
    assert "Marlow" not in json.dumps(found)
    pages = []
    url = "AuditEvent?_count=1"
    while url:
        page = (await server.send("GET", url)).json()
        pages += [entry["resource"]["id"] for entry in page.get("entry", ())]
        url = next((link["url"] for link in page["link"] if link["relation"] == "next"), "").removeprefix(
            "http://tandem.test/fhir/"
        )
    assert len(pages) == len(set(pages)) == 3
    server.refused(await server.send("GET", "AuditEvent/none"), 404)
    server.refused(await server.send("GET", "AuditEvent/1/_history"), 404)


async def test_versions_never_go_back_in_time(server: Any) -> None:
    person = await server.create(server.patient())
    stored = await server.create(server.task(person))
    server.clock._now = server.clock.now().replace(year=2019)
    response = await server.send("PUT", f"Task/{stored['id']}", {**stored, "status": "accepted"})
    assert response.json()["meta"]["lastUpdated"] == stored["meta"]["lastUpdated"]
    assert response.headers["last-modified"] == "Wed, 01 Jul 2020 08:00:00 GMT"
