"""Bad requests: a clear refusal that says where, never a 5xx, never half a write."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from tandem.fhir.outcome import Issue

R_500 = "5f0c3a52-9a53-4b0e-8b61-0d1c5b1c1a50"
TASK = b'{"resourceType":"Task","status":"requested","intent":"order"'
FORM = {"content_type": "application/x-www-form-urlencoded"}


@pytest.fixture
async def person(server: Any) -> dict[str, Any]:
    """A person registered with the practice."""
    stored: dict[str, Any] = await server.create(server.patient())
    return stored


async def test_bodies_that_are_no_resource(server: Any, person: Any) -> None:
    before = await server.counts()
    nested = b'{"resourceType":"Task","extension":' + b'[{"url":"u","extension":' * 40 + b"[]" + b"}]" * 40 + b"}"
    for name, status, body in (
        ("empty", 400, b""), ("blank", 400, b"  "), ("cut off", 400, TASK), ("trailing", 400, TASK + b"}}"),
        ("not JSON", 400, b"<Task/>"), ("null", 400, b"null"), ("array", 400, b"[" + TASK + b"}]"),
        ("number", 400, b"1"),
        ("no type", 400, b'{"status":"requested"}'), ("type no text", 400, b'{"resourceType":1}'),
        ("another type", 400, b'{"resourceType":"Patient"}'), ("unknown type", 400, b'{"resourceType":"Nonsense"}'),
        ("BOM", 400, b"\xef\xbb\xbf" + TASK + b"}"), ("UTF-16", 400, (TASK + b"}").decode().encode("utf-16")),
        ("not UTF-8", 400, TASK + b',"description":"\xff"}'),
        ("surrogate bytes", 400, TASK + b',"description":"\xed\xa0\x80"}'),
        ("lone surrogate", 400, TASK + b',"description":"\\ud800"}'), ("NaN", 400, TASK + b',"priority":NaN}'),
        ("null character", 422, TASK + b',"description":"a\\u0000b"}'),
        ("control character", 422, TASK + b',"description":"a\\u0007b"}'),
        ("raw control", 400, TASK + b',"description":"a\x07b"}'),
        ("deep array", 400, b"[" * 100_000), ("deep object", 400, b'{"a":' * 100_000), ("nested", 400, nested),
        ("duplicate", 400, TASK + b',"status":"draft"}'),
        ("duplicate, spaced", 400, TASK + b',"status" \n\t: "draft"}'),
        ("duplicate, escaped", 400, TASK + b',"sta\\u0074us":"draft"}'),
        ("duplicate, deep", 400, TASK + b',"for":{"id":"a","id":"b"}}'),
        ("duplicate, masked", 400, TASK + b',"status":"draft","x\\\\":1}'),
        ("huge exponent", 400, TASK + b',"extension":[{"url":"u","valueDecimal":1e99999999999999999999}]}'),
        ("huge integer", 400, TASK + b',"extension":[{"url":"u","valueInteger":1' + b"0" * 5000 + b"}]}"),
        ("integer beyond 32 bits", 422, TASK + b',"extension":[{"url":"u","valueInteger":3000000000}]}'),
        ("oversized resource", 413, TASK + b',"description":"' + b"x" * 1024 * 1024 + b'"}'),
        ("empty object", 422, TASK + b',"for":{}}'), ("empty array", 422, TASK + b',"note":[]}'),
        ("empty text", 422, TASK + b',"description":""}'),
        ("null member", 422, TASK + b',"description":null}'), ("long id", 422, TASK + b',"id":"' + b"a" * 65 + b'"}'),
    ):  # fmt: skip
        for method, path in (("POST", "Task"), ("PUT", "Task/1"), ("PUT", "Task?identifier=x|1")):
            response = await server.send(method, path, body)
            try:
                server.refused(response, status if not (status == 422 and path == "Task/1") else response.status_code)
                assert response.status_code < 500
            except AssertionError as error:
                raise AssertionError(f"{name}, {method} {path}: {error}") from error
    assert await server.counts() == before


async def test_five_faults_are_told_at_once_with_their_places(server: Any, person: Any) -> None:
    before = await server.counts()
    response = await server.send("POST", "Task", {
        "resourceType": "Task", "intent": "wish", "status": "finished", "executionPeriod": {"start": "soon"},
        "for": server.about(person), "colour": "red", "note": [{"time": "2020-07-01T08:00:00Z"}],
    })  # fmt: skip
    issues = server.refused(response, 422)
    places = {place for issue in issues for place in issue["expression"]}
    assert places >= {"Task.intent", "Task.status", "Task.executionPeriod.start", "Task.colour", "Task.note[0].text"}
    assert len(issues) == 5
    for body, place in (
        ({**server.task(person), "status": 1}, "Task.status"),
        ({**server.task(person), "note": {}}, "Task.note"),
        ({**server.task(person), "focus": {"reference": "nonsense"}}, "Task.focus.reference"),
        ({"resourceType": "Task", "intent": "order"}, "Task.status"),
        ({**server.observation(person), "valueQuantity": {"value": "7"}}, "Observation.value.value"),
    ):
        found = server.refused(await server.send("POST", body["resourceType"], body), 422)
        expressions = [one for issue in found for one in issue["expression"]]
        assert place in expressions or place.replace(".value.", ".valueQuantity.") in expressions, expressions
    assert await server.counts() == before


async def test_media_types(server: Any, person: Any) -> None:
    before = await server.counts()
    good = server.task(person)
    for content_type in (
        "application/fhir+xml",
        "application/xml",
        "text/html",
        "application/x-www-form-urlencoded",
        "nonsense",
    ):
        server.refused(await server.send("POST", "Task", b"<Task/>", content_type=content_type), 415)
    server.refused(await server.send("PATCH", "Task/1", b"[]", content_type="application/merge-patch+json"), 415)
    server.refused(await server.send("POST", "Task/_search", b"{}"), 415)
    server.refused(await server.send("POST", "Task", b"\x1f\x8b\x08", content_encoding="gzip"), 415)
    for accept in ("application/fhir+xml", "text/html", "application/xml;q=0.9, text/turtle"):
        server.refused(await server.send("GET", f"Patient/{person['id']}", accept=accept), 406)
    for query in ("_format=xml", "_format=application/fhir%2Bxml", "_format=html"):
        server.refused(await server.send("GET", f"Patient/{person['id']}?{query}"), 406)
        server.refused(await server.send("GET", f"Patient?{query}"), 406)
    server.refused(await server.send("POST", "Task", good, accept="application/fhir+xml"), 406)
    assert await server.counts() == before
    for query, accept in (
        ("", "application/fhir+json;fhirVersion=4.0"), ("", "text/html, */*;q=0.1"),
        ("?_format=json", "application/fhir+xml"),
        ("?_format=application/fhir%2Bjson", "text/html"), ("?_format=application/fhir+json", ""),
        ("?_format=application/json", "text/html"),
    ):  # fmt: skip
        response = await server.send("GET", f"Patient/{person['id']}{query}", accept=accept)
        assert (response.status_code, response.headers["content-type"]) == (200, "application/fhir+json"), (
            query,
            accept,
        )
        assert (await server.send("GET", f"Patient{query}", accept=accept)).status_code == 200, (query, accept)
    for content_type in ("application/json", "application/fhir+json; charset=utf-8", "text/json"):
        assert (await server.send("POST", "Task", good, content_type=content_type)).status_code == 201


async def test_an_oversized_body_is_refused_before_it_is_read(server: Any) -> None:
    big = b"x" * (22 * 1024 * 1024)
    server.refused(await server.send("POST", "", big), 413)

    async def chunks() -> Any:
        for _ in range(22):
            yield b"y" * 1024 * 1024

    headers = {"authorization": "Bearer A81001", "content-type": "application/fhir+json"}
    server.refused(await server.http.post("http://tandem.test/fhir", content=chunks(), headers=headers), 413)


async def test_types_and_their_owners(server: Any, person: Any) -> None:
    before = await server.counts()
    for kind, owner in (("ServiceRequest", "referral-service"), ("MeasureReport", "metrics-service")):
        for method, path in (("GET", kind), ("POST", kind), ("GET", f"{kind}/1"), ("PUT", f"{kind}/1"),
            ("DELETE", f"{kind}/1"),
                             ("GET", f"{kind}/_history"), ("POST", f"{kind}/$validate")):  # fmt: skip
            issues = server.refused(await server.send(method, path, {"resourceType": kind}), 421)
            assert owner in issues[0]["details"]["text"]
    for path in ("Nonsense", "Nonsense/1", "task", "Task1", "Nonsense/_history", "Bundle/1", "Account"):
        server.refused(await server.send("GET", path), 404)
        server.refused(await server.send("PUT", path, server.task()), 404)
    for name in ("Subscription", "AuditEvent"):
        response = await server.send("POST", name, {"resourceType": name})
        assert 400 <= response.status_code < 500, (name, response.text)
    assert await server.counts() == before


async def test_unknown_patients_are_refused_and_known_ones_found(server: Any, person: Any) -> None:
    before = await server.counts()
    nhs = "https://fhir.nhs.uk/Id/nhs-number"
    for reference in (
        {"reference": "Patient/nobody"}, {"identifier": {"system": nhs, "value": server.nhs_number()}},
        {"reference": "http://tandem.test/fhir/Patient/nobody"}, {"reference": f"Patient/{person['id']}x"},
        {"reference": "urn:uuid:0d3a5b4e-0a1c-4d28-9d3e-5f0b6f6f7a10"},
    ):  # fmt: skip
        server.refused(await server.send("POST", "Task", {**server.task(), "for": reference}), 422, "Task.for")
    server.refused(
        await server.send("POST", "Task", {**server.task(), "for": {"reference": f"Patient?identifier={nhs}|1"}}), 422
    )
    assert await server.counts() == before
    for reference in (
        {"identifier": {"system": nhs, "value": person["identifier"][0]["value"]}},
        {"reference": f"http://tandem.test/fhir/Patient/{person['id']}"},
        {"reference": f"Patient/{person['id']}/_history/1"},
    ):  # fmt: skip
        stored = await server.create({**server.task(), "for": reference})
        assert stored["for"] == reference
        found = (await server.send("GET", f"Task?patient=Patient/{person['id']}&_id={stored['id']}")).json()
        assert [entry["resource"]["id"] for entry in found["entry"]] == [stored["id"]], reference
    # A supplier's own address says nothing to us; the NHS number beside it does.
    named = {"system": nhs, "value": person["identifier"][0]["value"]}
    stored = await server.create(
        {**server.task(), "for": {"reference": "https://supplier.example/Patient/9", "identifier": named}}
    )
    rows = await server.fetch("SELECT patient FROM resource WHERE id = $1", stored["id"])
    assert rows == [{"patient": person["id"]}]


async def test_search_refuses_what_it_cannot_do(server: Any, person: Any) -> None:
    await server.create(server.task(person))
    for query in (
        "nonsense=1", "status:nonsense=requested", "_sort=nonsense", "_include=Task:nonsense", "_include=nonsense",
        "_revinclude=Task:nonsense", "_count=-1", "_count=x", "_count=²", "_count=99999999999999999999",
        "_count=" + "9" * 5000,
        "_lastUpdated=yesterday", "authored-on=2020-13-01", "authored-on=2020-02-30", "authored-on=zz2020",
        "authored-on=",
        "_summary=nonsense", "_total=nonsense", "_elements=nonsense", "_page=nonsense", "_page=a.b", "_page=a&_page=b",
        "status=%00", "%00=1", "status=%ff", "status=%ed%a0%80", "&".join(f"_id={number}" for number in range(250)),
        "_id=" + "x" * 2000, "_type=Task", "patient.nonsense=x", "_has:Nonsense:a:b=c", "_filter=status eq requested",
        "_text=x", "_content=x", "status:missing=perhaps", "_sort=", "_sort=status,status,status,status,status,status",
    ):  # fmt: skip
        response = await server.send("GET", f"Task?{query}")
        try:
            server.refused(response, 400)
        except AssertionError as error:
            raise AssertionError(f"{query[:60]}: {error}") from error
        posted = await server.send("POST", "Task/_search", query.encode(), **FORM)
        assert posted.status_code == 400, query[:60]
    server.refused(await server.send("POST", "Task/_search", b"status=\xff", **FORM), 400)
    for query in ("nonsense=1", "_include=Task:nonsense", "_sort=nonsense"):
        assert (await server.send("GET", f"Task?{query}", prefer="handling=lenient")).status_code == 200
    for query in ("authored-on=x", "_count=x", "status=%00"):
        server.refused(await server.send("GET", f"Task?{query}", prefer="handling=lenient"), 400)
    for query in ("_total=x", "_summary=true", "nonsense=1", "date=x", "_count=x", "_page=x"):
        server.refused(await server.send("GET", f"AuditEvent?{query}"), 400)


async def test_sql_in_parameters_is_text(server: Any, person: Any) -> None:
    await server.create(server.task(person))
    before = await server.counts()
    for text in ("x' OR '1'='1", "'; DROP TABLE resource; --", '" OR 1=1 --', "%' --", "$1", "\\", "*", "_", "%25"):
        for name in ("_id", "status", "identifier", "patient", "owner", "code"):
            response = await server.http.get(
                "http://tandem.test/fhir/Task", params={name: text}, headers={"authorization": "Bearer A81001"}
            )
            assert response.status_code in (200, 400), (name, text, response.text)
            assert "entry" not in response.json(), (name, text)
        response = await server.http.get(
            "http://tandem.test/fhir/Patient", params={"name": text}, headers={"authorization": "Bearer A81001"}
        )
        assert response.status_code in (200, 400)
        assert "entry" not in response.json(), text
        found = await server.send(
            "POST",
            "Task",
            server.task(person),
            if_none_exist=f"identifier={text}".replace("%", "%25").replace("_", "%5F"),
        )
        assert found.status_code in (201, 400)
    after = await server.counts()
    assert after["resource"] >= before["resource"]
    assert after["patient"] == before["patient"]


async def test_odd_paths(server: Any, person: Any) -> None:
    known = person["id"].encode()
    for path, raw, status in (
        ("/fhir/Patient/" + person["id"] + "/", b"/fhir/Patient/" + known + b"/", 200),
        ("/fhir//Patient//" + person["id"], b"/fhir//Patient//" + known, 200),
        ("/fhir/Patient/" + person["id"], b"/fhir/Patient%2F" + known, 404),
        ("/fhir/Patient/" + person["id"] + "/_history", b"/fhir/Patient/" + known + b"%2f_history", 404),
        ("/fhir/Patient/..", b"/fhir/Patient/..", 404), ("/fhir/Patient/.", b"/fhir/Patient/%2e", 404),
        ("/fhir/Patient/../metadata", b"/fhir/Patient/../metadata", 404), ("/fhir/../health", b"/fhir/../health", 404),
        ("/fhir/Patient/" + "a" * 65, b"/fhir/Patient/" + b"a" * 65, 404),
        ("/fhir/Patient/" + "a" * 64, b"/fhir/Patient/" + b"a" * 64, 404),
        ("/fhir/Patient/a b", b"/fhir/Patient/a%20b", 404), ("/fhir/Patient/\x00", b"/fhir/Patient/%00", 404),
        ("/fhir/Patient/é", b"/fhir/Patient/%C3%A9", 404), ("/fhir/Patient/\ufffd", b"/fhir/Patient/%ff", 404),
        ("/fhir/Patient/1/_history/\x00", b"/fhir/Patient/1/_history/%00", 404),
        ("/fhir/Patient/1/2/3/4", b"/fhir/Patient/1/2/3/4", 404),
        ("/fhir/Patient/1/nonsense", b"/fhir/Patient/1/nonsense", 404),
        ("/fhir/Patient/_nonsense", b"/fhir/Patient/_nonsense", 404),
        ("/fhir/$nonsense", b"/fhir/$nonsense", 404), ("/fhir/Patient/$nonsense", b"/fhir/Patient/$nonsense", 404),
        ("/fhir/Patient/1/2/$validate", b"/fhir/Patient/1/2/$validate", 404),
        ("/fhir/fhir/Patient/x", b"/fhir/fhir/Patient/x", 404),
        ("/fhir/fhirPatient/" + person["id"], b"/fhir/fhirPatient/" + known, 404),
        ("/fhir/'; DROP TABLE resource", b"/fhir/'; DROP", 404),
    ):  # fmt: skip
        got, body = await server.raw("GET", path, raw)
        assert got == status, (raw, got, body)
        if status >= 400:
            server.checked_outcome(body)
    for path in ("/fhir/Patient/..", "/fhir/Patient/" + "a" * 65, "/fhir/Patient/\x00"):
        for method in ("PUT", "PATCH", "DELETE"):
            got, body = await server.raw(method, path, path.encode(), body=b"{}")
            assert got == 404, (method, path, body)


async def test_methods_that_an_address_does_not_take(server: Any, person: Any) -> None:
    for method, path, allow in (
        ("DELETE", "Task", "GET, HEAD, POST"), ("PUT", "Task", "GET, HEAD, POST"), ("PATCH", "Task", None),
        ("POST", f"Patient/{person['id']}", None),
        ("PUT", "Task/_search", None), ("DELETE", "Task/_history", None),
        ("POST", f"Patient/{person['id']}/_history/1", None),
        ("GET", "", None), ("PUT", "", None), ("POST", "metadata", None), ("DELETE", "_history", None),
        ("POST", "AuditEvent", None),
        ("DELETE", "AuditEvent/1", None), ("OPTIONS", "Task", None), ("TRACE", "Task/1", None),
        ("BREW", "Task", None), ("GET", "Task/$validate", None),
    ):  # fmt: skip
        response = await server.send(method, path, server.task() if method in ("PUT", "PATCH", "POST") else None)
        server.refused(response, 405)
        assert response.headers["allow"], (method, path)
        assert method not in response.headers["allow"].split(", ") or allow
        if allow:
            assert response.headers["allow"] == allow


async def test_ten_thousand_identifiers(server: Any) -> None:
    many = [{"system": "urn:ours", "value": str(number)} for number in range(10_000)]
    stored = await server.create(
        server.patient()
        | {"identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": server.nhs_number()}, *many]}
    )
    found = (await server.send("GET", "Patient?identifier=urn:ours|9999")).json()
    assert [entry["resource"]["id"] for entry in found["entry"]] == [stored["id"]]
    response = await server.send("PUT", f"Patient/{stored['id']}", {**stored, "active": True})
    assert response.status_code == 200


async def test_who_asks_and_what_for(server: Any, person: Any) -> None:
    path = f"Patient/{person['id']}"
    for by in ("", "unknown", "A81001x"):
        server.refused(await server.send("GET", path, by=by), 401)
    assert (await server.send("GET", "metadata", by="unknown")).status_code == 200
    before = await server.counts()
    stored = server.task(person)
    for method, url, body in (
        ("POST", "Task", stored), ("PUT", "Task/1", {**stored, "id": "1"}), ("PATCH", "Task/1", []),
        ("DELETE", "Task/1", None),
        ("GET", path, None), ("GET", "Patient", None), ("POST", "Patient/_search", b""),
        ("GET", f"{path}/_history", None),
        ("GET", "AuditEvent", None), ("POST", "Task/$validate", stored), ("PUT", "Task?_id=1", stored),
        ("DELETE", "Task?_id=1", None),
    ):  # fmt: skip
        kind = {"content_type": "application/x-www-form-urlencoded"} if url.endswith("_search") else {}
        server.refused(await server.send(method, url, body, by="reader", **kind), 403)
        server.refused(await server.send(method, url, body, by="nobody", **kind), 403)
    bundle = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [{"resource": stored, "request": {"method": "POST", "url": "Task"}}],
    }
    server.refused(await server.send("POST", "", bundle, by="reader"), 403)
    batch = (await server.send("POST", "", {**bundle, "type": "batch"}, by="reader")).json()
    assert batch["entry"][0]["response"]["status"] == "403"
    for operation in ("$events", "$event-heads", "$events-taken", "$registration", "$load"):
        for by in ("A81001", "operator"):
            server.refused(
                await server.send(
                    "POST" if operation == "$load" else "GET", operation, b"" if operation == "$load" else None, by=by
                ),
                403,
            )
    assert (await server.send("GET", "$events?after=0", by="service")).status_code == 200
    for query in ("after=x", "after=²", "after=" + "9" * 30, "after=0&_count=x"):
        server.refused(await server.send("GET", f"$events?{query}", by="service"), 400)
    assert await server.counts() == before


async def test_requests_and_their_names_are_echoed(server: Any, person: Any) -> None:
    for path, status in ((f"Patient/{person['id']}", 200), ("Patient/none", 404), ("Nonsense", 404)):
        response = await server.send("GET", path, x_request_id="R-1", x_correlation_id="C-1")
        assert response.status_code == status
        assert (response.headers["x-request-id"], response.headers["x-correlation-id"]) == ("R-1", "C-1")
    for odd in ("x" * 200, "a\tb", "é"):
        response = await server.http.get("http://tandem.test/fhir/metadata", headers={"x-request-id": odd.encode()})
        assert response.headers["x-request-id"].isascii()
        assert response.headers["x-request-id"] != odd


async def test_a_fault_of_ours_is_a_500_that_tells_nothing(server: Any, person: Any, caplog: Any) -> None:
    secret = "Marlow 9434765919"

    async def breaks(change: Any, work: Any) -> None:
        await work.put(server.observation(person, id="made"))
        raise RuntimeError(secret)

    server.declare("Task", reactions=(breaks,))
    before = await server.counts()
    with caplog.at_level(logging.DEBUG):
        response = await server.send("POST", "Task", server.task(person, description=secret), x_request_id=R_500)
    issues = server.refused(response, 500)
    assert issues[0]["code"] == "exception"
    assert "Marlow" not in response.text
    assert "RuntimeError" not in response.text
    ours = [record for record in caplog.records if record.name.startswith("tandem")]
    assert any(R_500 in record.getMessage() and "RuntimeError" in record.getMessage() for record in ours)
    assert "Marlow" not in caplog.text
    assert "9434765919" not in caplog.text
    assert await server.counts() == before
    entry = {"resource": server.task(person), "request": {"method": "POST", "url": "Task"}}
    good = {"resource": server.observation(person), "request": {"method": "POST", "url": "Observation"}}
    bundle = {"resourceType": "Bundle", "entry": [good, entry, good]}
    server.refused(await server.send("POST", "", {**bundle, "type": "transaction"}), 500)
    assert await server.counts() == before
    batch = (await server.send("POST", "", {**bundle, "type": "batch"})).json()
    assert [one["response"]["status"] for one in batch["entry"]] == ["201", "500", "201"]
    assert "Marlow" not in json.dumps(batch["entry"][1])


async def test_a_rule_of_care_refuses_with_its_place(server: Any, person: Any) -> None:
    def rule(change: Any) -> Any:
        if change.after is not None and change.after["status"] == "completed":
            yield Issue("A Task is completed after it was accepted", "Task.status")
            yield Issue("Say what came of it", "Task.output")

    server.declare("Task", rules=(rule,))
    before = await server.counts()
    issues = server.refused(
        await server.send("POST", "Task", server.task(person, status="completed")), 422, "Task.status"
    )
    assert {issue["code"] for issue in issues} == {"business-rule"}
    assert [issue["expression"] for issue in issues] == [["Task.status"], ["Task.output"]]
    assert await server.counts() == before
    stored = await server.create(server.task(person))
    patch = [{"op": "replace", "path": "/status", "value": "completed"}]
    response = await server.send("PATCH", f"Task/{stored['id']}", patch, content_type="application/json-patch+json")
    server.refused(response, 422, "Task.output")
