"""Many at once: exactly one creates, nobody's version is lost, and no race is an error of ours."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

PATCH = {"content_type": "application/json-patch+json"}


async def test_150_identical_conditional_creates_make_one(server: Any) -> None:
    person = await server.create(server.patient())
    resource = server.task(person, identifier=[{"system": "urn:ours", "value": "1"}])
    before = await server.counts()
    answers = await asyncio.gather(
        *(server.send("POST", "Task", resource, if_none_exist="identifier=urn:ours|1") for _ in range(150))
    )
    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 149}
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert len({answer.content for answer in answers}) == 1
    after = await server.counts()
    assert (
        after["resource"] - before["resource"]
        == after["log"] - before["log"]
        == after["outbox"] - before["outbox"]
        == 1
    )
    assert after["audit"] - before["audit"] == 150


async def test_conditional_creates_in_transactions_make_one(server: Any) -> None:
    person = await server.create(server.patient())

    def entry(number: int) -> dict[str, Any]:
        resource = server.task(person, identifier=[{"system": "urn:ours", "value": str(number)}])
        return {
            "resource": resource,
            "request": {"method": "POST", "url": "Task", "ifNoneExist": f"identifier=urn:ours|{number}"},
        }

    def bundle(turn: int) -> dict[str, Any]:
        numbers = (1, 2, 3) if turn % 2 else (3, 2, 1)
        return {"resourceType": "Bundle", "type": "transaction", "entry": [entry(number) for number in numbers]}

    answers = await asyncio.gather(*(server.send("POST", "", bundle(turn)) for turn in range(40)))
    assert {answer.status_code for answer in answers} == {200}
    assert (await server.send("GET", "Task?_summary=count")).json()["total"] == 3


async def test_conditional_updates_make_one(server: Any) -> None:
    person = await server.create(server.patient())
    answers = await asyncio.gather(*(
        server.send("PUT", "Observation?identifier=urn:ours|1", server.observation(
            person, identifier=[{"system": "urn:ours", "value": "1"}], note=[{"text": str(number)}],
        )) for number in range(40)
    ))  # fmt: skip
    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 39}
    assert sorted(int(answer.headers["etag"][3:-1]) for answer in answers) == list(range(1, 41))


async def test_of_parallel_updates_with_one_if_match_one_wins(server: Any) -> None:
    person = await server.create(server.patient())
    for kind in ("Task", "CarePlan", "Observation"):
        make = {"Task": server.task, "CarePlan": server.care_plan, "Observation": server.observation}[kind]
        stored = await server.create(make(person))
        path = f"{kind}/{stored['id']}"
        answers = await asyncio.gather(
            *(server.send("PUT", path, {**stored, "language": f"x-{number}"}, if_match='W/"1"') for number in range(40))
        )
        assert Counter(answer.status_code for answer in answers) == {200: 1, 412: 39}
        for answer in answers:
            if answer.status_code != 200:
                server.refused(answer, 412)
        winner = next(answer for answer in answers if answer.status_code == 200)
        assert (await server.send("GET", path)).content == winner.content
        patch = [{"op": "add", "path": "/language", "value": "cy"}]
        patched = await asyncio.gather(
            *(server.send("PATCH", path, patch, if_match='W/"2"', **PATCH) for _ in range(20))
        )
        assert Counter(answer.status_code for answer in patched) == {200: 1, 412: 19}
        deleted = await asyncio.gather(*(server.send("DELETE", path, if_match='W/"3"') for _ in range(10)))
        assert Counter(answer.status_code for answer in deleted) == {204: 10}
        assert len(await server.fetch("SELECT 1 FROM log WHERE resource_id = $1", stored["id"])) == 4


async def test_parallel_updates_without_if_match_all_succeed_in_dense_versions(server: Any) -> None:
    person = await server.create(server.patient())
    for make in (server.observation, server.task):
        stored = await server.create(make(person))
        path = f"{stored['resourceType']}/{stored['id']}"
        answers = await asyncio.gather(
            *(server.send("PUT", path, {**stored, "language": f"x-{number}"}) for number in range(60))
        )
        assert Counter(answer.status_code for answer in answers) == {200: 60}
        by_version = {int(answer.headers["etag"][3:-1]): answer.content for answer in answers}
        assert sorted(by_version) == list(range(2, 62))
        assert (await server.send("GET", path)).content == by_version[61]
        for version in (2, 30, 61):
            assert (await server.send("GET", f"{path}/_history/{version}")).content == by_version[version]
        rows = await server.fetch(
            "SELECT count(*) AS held FROM search_token t JOIN resource r ON r.key = t.key WHERE r.id = $1", stored["id"]
        )
        again = await server.create({key: value for key, value in stored.items() if key != "id"} | {"language": "x-0"})
        alike = await server.fetch(
            "SELECT count(*) AS held FROM search_token t JOIN resource r ON r.key = t.key WHERE r.id = $1", again["id"]
        )
        assert rows == alike


async def test_parallel_patches_all_take_effect(server: Any) -> None:
    person = await server.create(server.patient())
    stored = await server.create(server.task(person, note=[{"text": "first"}]))
    answers = await asyncio.gather(*(
        server.send("PATCH", f"Task/{stored['id']}",
            [{"op": "add", "path": "/note/-", "value": {"text": str(number)}}], **PATCH)
        for number in range(30)
    ))  # fmt: skip
    assert Counter(answer.status_code for answer in answers) == {200: 30}
    notes = (await server.send("GET", f"Task/{stored['id']}")).json()["note"]
    assert sorted(note["text"] for note in notes[1:]) == sorted(str(number) for number in range(30))


async def test_parallel_update_as_create_of_one_id(server: Any) -> None:
    person = await server.create(server.patient())
    answers = await asyncio.gather(
        *(
            server.send(
                "PUT", "Observation/one", server.observation(person, id="one", language=f"x-{number}"), by="operator"
            )
            for number in range(20)
        )
    )
    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 19}
    assert sorted(int(answer.headers["etag"][3:-1]) for answer in answers) == list(range(1, 21))


async def test_parallel_patients_with_one_nhs_number_make_one(server: Any) -> None:
    number = server.nhs_number()
    answers = await asyncio.gather(*(server.send("POST", "Patient", server.patient(number)) for _ in range(20)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 19}
    counts = await server.counts()
    assert (counts["resource"], counts["log"], counts["outbox"], counts["patient"]) == (1, 1, 1, 1)


async def test_transactions_over_the_same_resources_in_any_order(server: Any) -> None:
    person = await server.create(server.patient())
    held = [await server.create(server.task(person)) for _ in range(4)]

    def bundle(turn: int) -> dict[str, Any]:
        order = held if turn % 2 else held[::-1]
        entries = [
            {"resource": {**one, "language": f"x-{turn}"}, "request": {"method": "PUT", "url": f"Task/{one['id']}"}}
            for one in order
        ]
        return {"resourceType": "Bundle", "type": "transaction", "entry": entries}

    answers = await asyncio.gather(*(server.send("POST", "", bundle(turn)) for turn in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    last = {(await server.send("GET", f"Task/{one['id']}")).json()["language"] for one in held}
    assert len(last) == 1


_STEPS = st.lists(
    st.tuples(st.sampled_from(("put", "put-if-match", "patch", "delete", "read")), st.integers(0, 3)),
    min_size=1,
    max_size=12,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(groups=st.lists(_STEPS, min_size=1, max_size=3))
async def test_a_resource_is_a_register(server: Any, groups: list[list[tuple[str, int]]]) -> None:
    """Steps of a group run at once. Every answer fits one order of versions in which each follows the one before."""
    person = await server.create(server.patient())
    stored = await server.create(server.task(person))
    path = f"Task/{stored['id']}"
    written = {1: "requested 1"}
    lowest = 1
    for group in groups:
        answers = await asyncio.gather(
            *(_step(server, path, stored, name, value, number) for number, (name, value) in enumerate(group))
        )
        seen = lowest
        for (name, _), answer in zip(group, answers, strict=True):
            assert answer.status_code in {200, 201, 204, 404, 410, 412}, (name, answer.text)
            if "etag" not in answer.headers:
                continue
            version = int(answer.headers["etag"][3:-1])
            # What was answered before this group began cannot be undone by it.
            assert version >= lowest, name
            seen = max(seen, version)
            if answer.status_code in (200, 201):
                content = answer.content.decode()
                assert written.setdefault(version, content) in (content, "requested 1"), (
                    "two contents under one version"
                )
        lowest = seen
    log = await server.fetch("SELECT version, body FROM log WHERE resource_id = $1 ORDER BY version", stored["id"])
    assert [row["version"] for row in log] == list(range(1, len(log) + 1))
    for version, content in written.items():
        if version > 1:
            assert bytes(log[version - 1]["body"]).decode() == content
    final = await server.send("GET", path)
    last = log[-1]["body"]
    assert (final.status_code == 410) if last is None else (final.content == bytes(last))


async def _step(server: Any, path: str, stored: dict[str, Any], name: str, value: int, number: int) -> Any:
    body = {**stored, "language": f"x-{value}-{number}"}
    match name:
        case "put":
            return await server.send("PUT", path, body)
        case "put-if-match":
            return await server.send("PUT", path, body, if_match=f'W/"{value + 1}"')
        case "patch":
            patch = [{"op": "add", "path": "/language", "value": f"x-{value}-{number}"}]
            return await server.send("PATCH", path, patch, **PATCH)
        case "delete":
            return await server.send("DELETE", path)
    return await server.send("GET", path)
