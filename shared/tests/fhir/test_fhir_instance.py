"""Create, read, version read, update, patch and delete of one resource: statuses, headers and bodies."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

NEST = (
    b'{"op":"move","from":"/note","path":"/x"},{"op":"add","path":"/note","value":[{}]},'
    b'{"op":"move","from":"/x","path":"/note/0/x"}'
)
PATCH = {"content_type": "application/json-patch+json"}


@pytest.fixture
async def person(server: Any) -> dict[str, Any]:
    """A person registered with the practice."""
    stored: dict[str, Any] = await server.create(server.patient())
    return stored


async def test_create_answers_with_where_it_is_and_what_it_is(server: Any, person: Any) -> None:
    response = await server.send("POST", "Task", server.task(person, id="mine"))
    assert response.status_code == 201
    stored = response.json()
    assert stored["id"] != "mine"
    assert stored["meta"] == {"versionId": "1", "lastUpdated": "2020-07-01T08:00:00.000Z"}
    assert response.headers["location"] == f"http://tandem.test/fhir/Task/{stored['id']}/_history/1"
    assert response.headers["etag"] == 'W/"1"'
    assert response.headers["last-modified"] == "Wed, 01 Jul 2020 08:00:00 GMT"
    assert response.headers["content-type"] == "application/fhir+json"
    assert list(stored)[:3] == ["resourceType", "id", "meta"]

    read = await server.send("GET", f"Task/{stored['id']}")
    assert (read.status_code, read.content) == (200, response.content)
    assert read.headers["etag"] == 'W/"1"'
    assert read.headers["last-modified"] == response.headers["last-modified"]


async def test_head_is_a_read_without_a_body(server: Any, person: Any) -> None:
    for path in (f"Patient/{person['id']}", f"Patient/{person['id']}/_history/1", f"Patient/{person['id']}/_history",
                 "Patient?name=marlow", "Patient/_history", "_history", "metadata"):  # fmt: skip
        head, get = await server.send("HEAD", path), await server.send("GET", path)
        assert (head.status_code, head.content) == (200, b""), path
        assert head.headers["content-length"] == str(len(get.content)), path
    assert (await server.send("HEAD", "Patient/none")).status_code == 404


async def test_a_conditional_read_answers_304_for_what_is_known(server: Any, person: Any) -> None:
    path = f"Patient/{person['id']}"
    for headers, status in (
        ({"if_none_match": 'W/"1"'}, 304), ({"if_none_match": 'W/"2"'}, 200), ({"if_none_match": 'W/"7", W/"1"'}, 304),
        ({"if_none_match": "*"}, 304), ({"if_none_match": "nonsense"}, 200),
        ({"if_modified_since": "Wed, 01 Jul 2020 08:00:00 GMT"}, 304),
        ({"if_modified_since": "Wed, 01 Jul 2020 07:59:59 GMT"}, 200),
        ({"if_modified_since": "Wed, 01 Jul 2020 08:00:00 -0000"}, 304),
        ({"if_modified_since": "yesterday"}, 200), ({"if_modified_since": "Wed, 01 Jul 99999 08:00:00 GMT"}, 200),
        ({"if_modified_since": "Wed, 01 Jul 2020 08:00:00 +99999999"}, 200),
    ):  # fmt: skip
        response = await server.send("GET", path, **headers)
        assert response.status_code == status, headers
        assert response.headers["etag"] == 'W/"1"'
        if status == 304:
            assert response.content == b""


async def test_prefer_says_what_a_write_answers_with(server: Any, person: Any) -> None:
    minimal = await server.send("POST", "Task", server.task(person), prefer="return=minimal")
    assert (minimal.status_code, minimal.content) == (201, b"")
    assert "content-type" not in minimal.headers
    assert minimal.headers["location"].startswith("http://tandem.test/fhir/Task/")
    told = await server.send("POST", "Task", server.task(person), prefer="respond-async, return=OperationOutcome")
    assert told.status_code == 201
    assert told.json()["resourceType"] == "OperationOutcome"
    whole = await server.send("POST", "Task", server.task(person), prefer="return=representation")
    assert whole.json()["resourceType"] == "Task"


async def test_an_update_makes_the_next_version_and_the_old_one_stays(server: Any, person: Any) -> None:
    stored = await server.create(server.task(person))
    path = f"Task/{stored['id']}"
    server.clock.set(server.clock.now() + timedelta(minutes=1))
    response = await server.send("PUT", path, {**server.task(person, status="accepted"), "id": stored["id"]})
    assert (response.status_code, response.headers["etag"]) == (200, 'W/"2"')
    assert response.json()["meta"] == {"versionId": "2", "lastUpdated": "2020-07-01T08:01:00.000Z"}
    first, second = await server.send("GET", f"{path}/_history/1"), await server.send("GET", f"{path}/_history/2")
    assert (first.json()["status"], first.headers["etag"]) == ("requested", 'W/"1"')
    assert first.headers["last-modified"] == "Wed, 01 Jul 2020 08:00:00 GMT"
    assert second.content == response.content
    for version in ("3", "0", "-1", "x", "²", "9" * 30, "1.0"):
        server.refused(await server.send("GET", f"{path}/_history/{version}"), 404)


async def test_an_identical_update_makes_no_version(server: Any, person: Any) -> None:
    stored = await server.create(server.observation(person, meta={"tag": [{"code": "t"}]}))
    before = await server.counts()
    for body in (stored, {**stored, "meta": {"tag": [{"code": "t"}]}}):
        response = await server.send("PUT", f"Observation/{stored['id']}", body)
        assert (response.status_code, response.headers["etag"]) == (200, 'W/"1"')
        assert response.json() == stored
    after = await server.counts()
    assert {name: after[name] - before[name] for name in after if after[name] != before[name]} == {"audit": 2}


async def test_if_match_is_checked_before_the_body(server: Any, person: Any) -> None:
    stored = await server.create(server.task(person))
    path = f"Task/{stored['id']}"
    before = await server.counts()
    for tag in ('W/"2"', '"2"', "2"):
        server.refused(await server.send("PUT", path, b"{not json", if_match=tag), 412)
        server.refused(await server.send("PATCH", path, [{"op": "remove", "path": "/for"}], if_match=tag, **PATCH), 412)
        server.refused(await server.send("DELETE", path, if_match=tag), 412)
    server.refused(await server.send("PUT", path, stored, if_match='W/"one"'), 400)
    server.refused(await server.send("PUT", "Task/none", {**stored, "id": "none"}, if_match='W/"1"'), 412)
    assert await server.counts() == before
    assert (await server.send("PUT", path, {**stored, "status": "accepted"}, if_match='W/"1"')).status_code == 200
    assert (await server.send("DELETE", path, if_match='W/"2"')).status_code == 204


async def test_shared_plans_are_updated_with_if_match_only(server: Any, person: Any) -> None:
    for resource in (
        server.care_plan(person),
        {
            "resourceType": "Goal",
            "lifecycleStatus": "active",
            "description": {"text": "Walk"},
            "subject": server.about(person),
        },
        {"resourceType": "CareTeam", "status": "active", "subject": server.about(person)},
    ):
        kind = resource["resourceType"]
        stored = await server.create(resource)
        path, changed = f"{kind}/{stored['id']}", {**stored, "language": "en-GB"}
        before = await server.counts()
        server.refused(await server.send("PUT", path, changed), 412)
        server.refused(await server.send("PUT", f"{kind}?_id={stored['id']}", changed), 412)
        entry = {"resource": changed, "request": {"method": "PUT", "url": path}}
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
        server.refused(await server.send("POST", "", bundle), 412, "Bundle.entry[0]")
        assert await server.counts() == before
        assert (await server.send("PUT", path, changed, if_match='W/"1"')).status_code == 200
        entry["request"]["ifMatch"] = 'W/"2"'
        entry["resource"] = {**changed, "language": "cy"}
        assert (await server.send("POST", "", bundle)).status_code == 200
        capability = next(
            one for one in (await server.send("GET", "metadata")).json()["rest"][0]["resource"] if one["type"] == kind
        )
        assert capability["versioning"] == "versioned-update"


async def test_the_id_in_the_body_is_the_id_in_the_address(server: Any, person: Any) -> None:
    stored = await server.create(server.task(person))
    before = await server.counts()
    for body in ({**stored, "id": "other"}, {key: value for key, value in stored.items() if key != "id"}):
        server.refused(await server.send("PUT", f"Task/{stored['id']}", body), 400, "Task.id")
    server.refused(await server.send("PUT", f"Task/{stored['id']}", server.observation(person)), 400, "resourceType")
    assert await server.counts() == before


async def test_update_as_create_is_for_operators_only(server: Any, person: Any) -> None:
    before = await server.counts()
    server.refused(await server.send("PUT", "Task/chosen", server.task(person, id="chosen")), 404)
    assert await server.counts() == before
    response = await server.send("PUT", "Task/chosen", server.task(person, id="chosen"), by="operator")
    assert (response.status_code, response.headers["etag"]) == (201, 'W/"1"')
    assert response.headers["location"] == "http://tandem.test/fhir/Task/chosen/_history/1"
    assert (await server.send("GET", "Task/chosen")).status_code == 200


async def test_what_was_deleted_is_gone_until_it_is_put_back(server: Any, person: Any) -> None:
    stored = await server.create(server.task(person))
    path = f"Task/{stored['id']}"
    deleted = await server.send("DELETE", path)
    assert (deleted.status_code, deleted.content, deleted.headers["etag"]) == (204, b"", 'W/"2"')
    assert "content-length" not in deleted.headers
    gone = await server.send("GET", path)
    server.refused(gone, 410)
    assert gone.headers["etag"] == 'W/"2"'
    server.refused(await server.send("GET", f"{path}/_history/2"), 410)
    server.refused(await server.send("PATCH", path, [{"op": "test", "path": "/id", "value": "x"}], **PATCH), 410)
    assert (await server.send("GET", f"{path}/_history/1")).status_code == 200
    before = await server.counts()
    assert (await server.send("DELETE", path)).status_code == 204
    assert await server.counts() == before
    assert (await server.send("GET", "Task?_total=accurate")).json()["total"] == 0

    back = await server.send("PUT", path, stored)
    assert (back.status_code, back.headers["etag"]) == (201, 'W/"3"')
    assert (await server.send("GET", path)).status_code == 200
    entries = (await server.send("GET", f"{path}/_history")).json()["entry"]
    assert [entry["request"]["method"] for entry in entries] == ["PUT", "DELETE", "POST"]
    assert [entry["response"]["status"] for entry in entries] == ["201", "204", "201"]
    assert ["resource" in entry for entry in entries] == [True, False, True]
    server.refused(await server.send("DELETE", "Task/never"), 404)


async def test_a_patch_that_cannot_be_carried_out_changes_nothing(server: Any, person: Any) -> None:
    stored = await server.create(server.task(person, note=[{"text": "a"}]))
    path = f"Task/{stored['id']}"
    before = await server.counts()
    for status, patch in (
        (400, b"{}"), (400, b"[]"), (400, b"[1]"), (400, b'[{"op":"add"}]'), (400, b'[{"op":"merge","path":"/x"}]'),
        (400, b'[{"op":"add","path":"/x"}]'), (400, b'[{"op":"move","path":"/x"}]'), (400, b"nonsense"),
        (400, b'[{"op":"remove","path":"/for","path":"/status"}]'), (400, b'[{"op":"copy","path":"/x","from":1}]'),
        (422, b'[{"op":"remove","path":"/owner"}]'), (422, b'[{"op":"remove","path":"owner"}]'),
        (422, b'[{"op":"replace","path":"/note/7/text","value":"b"}]'), (422, b'[{"op":"remove","path":"/note/-"}]'),
        (422, b'[{"op":"remove","path":"/note/' + b"9" * 5000 + b'"}]'), (422, b'[{"op":"remove","path":""}]'),
        (422, b'[{"op":"replace","path":"/status/x","value":"b"}]'), (422, b'[{"op":"replace","path":"","value":[]}]'),
        (422, b'[{"op":"test","path":"/status","value":"draft"}]'),
        (422, b'[{"op":"replace","path":"/id","value":"other"}]'),
        (422, b'[{"op":"replace","path":"/status","value":"finished"}]'), (422, b'[{"op":"remove","path":"/id"}]'),
        (422, b'[{"op":"add","path":"/nonsense","value":1}]'), (422, b'[{"op":"remove","path":"/note/0"}]'),
        (400, b'[{"op":"replace","path":"/resourceType","value":"Observation"}]'),
        (422, b'[{"op":"move","path":"/note/0/text/x","from":"/note"}]'),
        (413, b"[" + b",".join([b'{"op":"copy","from":"/note","path":"/note/-"}'] * 40) + b"]"),
        (422, b"[" + b",".join([b'{"op":"copy","from":"/note","path":"/note/0/x"}'] * 20) + b"]"),
        (400, b"[" + b",".join([b'{"op":"copy","from":"/note","path":"/note/0/x"}'] * 80) + b"]"),
        (400, b"[" + b",".join([NEST] * 333) + b"]"),
    ):  # fmt: skip
        response = await server.send("PATCH", path, patch, **PATCH)
        server.refused(response, status)
    server.refused(await server.send("PATCH", "Task/none", [{"op": "remove", "path": "/for"}], **PATCH), 404)
    assert await server.counts() == before
    assert (await server.send("GET", path)).json() == stored


async def test_conditional_create_finds_what_is_there(server: Any, person: Any) -> None:
    resource = server.observation(person, identifier=[{"system": "urn:ours", "value": "a b"}])
    criteria = "identifier=urn:ours%7Ca%20b"
    first = await server.send("POST", "Observation", resource, if_none_exist=criteria)
    assert first.status_code == 201
    before = await server.counts()
    for same in (criteria, f"?{criteria}", f"Observation?{criteria}", "identifier=urn:ours|a+b"):
        again = await server.send("POST", "Observation", resource, if_none_exist=same)
        assert (again.status_code, again.content) == (200, first.content), same
        assert again.headers["location"] == first.headers["location"]
        assert again.headers["etag"] == 'W/"1"'
    minimal = await server.send("POST", "Observation", resource, if_none_exist=criteria, prefer="return=minimal")
    assert (minimal.status_code, minimal.content) == (200, b"")
    unread = await server.send("POST", "Observation", resource, if_none_exist=criteria, by="creator")
    assert (unread.status_code, unread.content) == (200, b"")
    after = await server.counts()
    assert {**after, "audit": 0} == {**before, "audit": 0}

    await server.create(resource)
    server.refused(await server.send("POST", "Observation", resource, if_none_exist=criteria), 412)
    for wrong in ("", "nonsense=1", "_count=1", "identifier=%00", "identifier=%ff", "date=x"):
        server.refused(await server.send("POST", "Observation", resource, if_none_exist=wrong), 400)
    assert (await server.counts())["resource"] == before["resource"] + 1


async def test_conditional_update_and_delete(server: Any, person: Any) -> None:
    resource = server.observation(person, identifier=[{"system": "urn:ours", "value": "1"}])
    url = "Observation?identifier=urn:ours|1"
    made = await server.send("PUT", url, resource)
    assert (made.status_code, made.headers["etag"]) == (201, 'W/"1"')
    changed = await server.send("PUT", url, {**resource, "status": "amended"})
    assert (changed.status_code, changed.headers["etag"]) == (200, 'W/"2"')
    assert changed.json()["id"] == made.json()["id"]
    before = await server.counts()
    server.refused(await server.send("PUT", url, {**resource, "id": "other"}), 400, "Observation.id")
    server.refused(await server.send("PUT", "Observation?identifier=urn:ours|2", {**resource, "id": "other"}), 404)
    server.refused(await server.send("PUT", url, resource, if_match='W/"1"'), 412)
    server.refused(await server.send("PUT", "Observation?identifier=urn:ours|2", resource, if_match='W/"1"'), 412)
    server.refused(await server.send("PUT", "Observation?nonsense=1", resource), 400)
    server.refused(await server.send("DELETE", "Observation?nonsense=1"), 400)
    assert await server.counts() == before
    await server.create(resource)
    server.refused(await server.send("PUT", url, resource), 412)
    server.refused(await server.send("DELETE", url), 412)
    assert (await server.send("DELETE", "Observation?identifier=urn:ours|9")).status_code == 204
    assert (await server.send("DELETE", f"Observation?_id={made.json()['id']}")).status_code == 204
    assert (await server.send("DELETE", url)).status_code == 204
    assert (await server.send("GET", "Observation?_summary=count")).json()["total"] == 0


async def test_history_of_an_instance_a_type_and_all_in_pages(server: Any, person: Any) -> None:
    stored = await server.create(server.task(person))
    path = f"Task/{stored['id']}"
    for status in ("accepted", "in-progress", "completed"):
        server.clock.set(server.clock.now() + timedelta(minutes=1))
        assert (await server.send("PUT", path, {**stored, "status": status})).status_code == 200
    other = await server.create(server.observation(person))

    async def walk(url: str) -> list[str]:
        seen: list[str] = []
        while url:
            bundle = (await server.send("GET", url)).json()
            assert bundle["type"] == "history"
            seen += [f"{one['resource']['resourceType']}{one['response']['etag']}" for one in bundle.get("entry", ())]
            links = {link["relation"]: link["url"] for link in bundle["link"]}
            url = links.get("next", "").removeprefix("http://tandem.test/fhir/")
        return seen

    versions = [f'TaskW/"{number}"' for number in (4, 3, 2, 1)]
    for query in ("", "?_count=1", "?_count=3", "?_count=4", "?_count=1000"):
        assert await walk(f"{path}/_history{query}") == versions
        assert await walk(f"Task/_history{query}") == versions
        assert await walk(f"_history{query}") == ['ObservationW/"1"', *versions, 'PatientW/"1"']
    assert await walk(f"{path}/_history?_since=2020-07-01T09:02:00%2B01:00") == versions[:2]
    assert await walk(f"{path}/_history?_since=2020-07-01T09:02:00%2B01:00&_count=1") == versions[:2]
    assert await walk(f"{path}/_history?_since=2021-01-01") == []
    for query, name in (("_count=0", "_count"), ("_count=-1", "_count"), ("_count=²", "_count"), ("_since=x", "_since"),
                        ("_count=" + "9" * 5000, "_count"), ("_at=2020", None), ("_page=x", "_page")):  # fmt: skip
        server.refused(await server.send("GET", f"{path}/_history?{query}"), 400, name)
    token = next(link["url"] for link in (await server.send("GET", f"{path}/_history?_count=1")).json()["link"][1:])
    server.refused(await server.send("GET", token.removeprefix("http://tandem.test/fhir/"), by="B82002"), 400, "_page")
    elsewhere = token.partition("?")[2]
    server.refused(await server.send("GET", f"Observation/{other['id']}/_history?{elsewhere}"), 400)
    server.refused(await server.send("GET", "Task/none/_history"), 404)


async def test_search_by_get_and_by_post_is_the_same(server: Any, person: Any) -> None:
    await server.create(server.task(person))
    await server.create(server.task(person, status="draft"))
    got = await server.send("GET", "Task?status=draft&_total=accurate")
    posted = await server.send(
        "POST", "Task/_search", b"status=draft&_total=accurate", content_type="application/x-www-form-urlencoded"
    )
    assert got.status_code == posted.status_code == 200
    assert got.json() == posted.json()
    assert got.json()["total"] == 1
    strict = await server.send("GET", "Task?status=draft&nonsense=1")
    assert "nonsense" in json.dumps(server.refused(strict, 400))
    lenient = (await server.send("GET", "Task?status=draft&nonsense=1", prefer="handling=lenient")).json()
    modes = [entry["search"]["mode"] for entry in lenient["entry"]]
    assert modes.count("match") == 1
    assert modes.count("outcome") == 1
    assert "nonsense" not in lenient["link"][0]["url"]
