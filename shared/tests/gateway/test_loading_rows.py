"""Writing many at once leaves the same rows as writing one by one, on both databases."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import MetaData

from tandem.clock import SystemClock
from tandem.database.connection import Database, open_database
from tandem.database.migrate import migrate
from tandem.fhir import loading
from tandem.fhir.jobs import pack_caller
from tandem.fhir.kernel import Kernel
from tandem.fhir.ownership import OWNED_TYPES
from tandem.fhir.patients import PatientDirectory
from tandem.fhir.request import FhirRequest
from tandem.fhir.routes import Routes
from tandem.fhir.validation import validator
from tandem.fhir.writing import Writing
from tandem.gateway.service import service as gateway_service
from tandem.identity.caller import ALL_LETTERS, Caller, service_caller
from tandem.ids import RandomIds
from tandem.service import ResourceType, Service

BASE = "http://tandem.test/fhir"
NHS = "https://fhir.nhs.uk/Id/nhs-number"


@pytest.fixture
async def databases(new_database) -> AsyncIterator[list[Database]]:
    opened = []
    for _ in range(2):
        url = new_database()
        await migrate(gateway_service, url)
        opened.append(await open_database(url))
    yield opened
    for database in opened:
        await database.close()


def routes(database: Database) -> Routes:
    service = Service(
        "cohort-service", tuple(ResourceType(kind) for kind in OWNED_TYPES["cohort-service"]), MetaData(), ""
    )
    clock, ids, patients = SystemClock(), RandomIds(), PatientDirectory()
    writing = Writing(service, database, clock, ids, patients, BASE, lambda: None)
    return Routes(Kernel(service, database, clock, ids, validator(), patients, writing, BASE, b"secret"))


async def send(database: Database, records: list[dict[str, Any]], caller: Caller) -> list[dict[str, Any]]:
    headers = {"x-tandem-caller": base64.b64encode(pack_caller(caller)).decode(), "x-tandem-practice": "A81001"}
    body = b"\n".join(json.dumps(record).encode() for record in records)
    request = FhirRequest("POST", "$load", "", headers, body, BASE, "request", "correlation", service_caller("gateway"))
    answer = await routes(database).answer(request)
    assert answer.status == 200, answer.body
    return [json.loads(line) for line in answer.body.split(b"\n")]


def records(version: int) -> list[dict[str, Any]]:
    patients = [
        {"resourceType": "Patient", "id": f"p{number}", "birthDate": f"19{40 + number}-01-01", "gender": "female",
         "name": [{"family": f"Family{number}", "given": ["Ann", "Élise"]}],
         "identifier": [{"system": NHS, "value": value}]}
        for number, value in enumerate(("9434765919", "9434765870", "9434765870"))
    ]  # fmt: skip
    observations = [
        {"resourceType": "Observation", "id": f"o{number}", "status": "final", "code": {"text": "weight"},
         "effectiveDateTime": "2020-07-01", "subject": {"reference": f"Patient/p{number % 4}"},
         "valueQuantity": {"value": number + (version if number % 3 else 0), "unit": "kg"}}
        for number in range(12)
    ]  # fmt: skip
    by_number = {
        "resourceType": "Condition",
        "id": "c",
        "subject": {"identifier": {"system": NHS, "value": "9434765919"}},
    }
    return [*patients, *observations, by_number, {"resourceType": "Observation", "id": "bad", "status": "nonsense"}]


async def rows(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    named = "SELECT r.type, r.id, s.* FROM {} s JOIN resource r ON r.key = s.key"
    queries = {
        "resource": "SELECT type, id, version, deleted, patient, author, custodian, received_from FROM resource",
        "log": "SELECT kind, type, resource_id, version, patient, author, granted, correlation FROM log",
        "current": "SELECT r.type, r.id, l.version FROM resource r JOIN log l ON l.id = r.log_id",
        "outbox": "SELECT l.type, l.resource_id, l.version FROM outbox o JOIN log l ON l.id = o.log_id",
        "audit": "SELECT organisation, action, type, resource_id, patient, request_id, status FROM audit",
        "access": "SELECT patient, organisation, reason FROM access",
        "patient": "SELECT id, nhs_number, practice FROM patient",
    }
    found: dict[str, list[tuple[Any, ...]]] = {}
    async with database.read() as connection:
        for name, sql in queries.items():
            found[name] = sorted((tuple(row) for row in await connection.fetch(sql)), key=repr)
        for table in ("search_token", "search_date", "search_string", "search_number"):
            listed = await connection.fetch(named.format(table))
            found[table] = sorted(((*tuple(row)[:2], *tuple(row)[3:]) for row in listed), key=repr)
    return found


@pytest.mark.parametrize("caller", [
    Caller("X26", scopes={"*": ALL_LETTERS}, operator=True), Caller("A81001", scopes={"*": ALL_LETTERS}),
], ids=["operator", "practice"])  # fmt: skip
async def test_many_at_once_is_the_same_as_one_by_one(
    databases: list[Database], caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    together, alone = databases
    answers: list[list[list[dict[str, Any]]]] = [[], []]
    for version in (0, 1, 1):
        answers[0].append(await send(together, records(version), caller))
    monkeypatch.setattr(loading, "_write_together", _refuses)
    for version in (0, 1, 1):
        answers[1].append(await send(alone, records(version), caller))
    assert answers[0] == answers[1]
    statuses = [[answer["status"] for answer in sent] for sent in answers[0]]
    assert statuses[0][:3] == ["created", "created", "rejected"]
    assert statuses[1][3:15].count("updated") == statuses[0][3:15].count("created") * 2 // 3
    assert {"updated", "created"}.isdisjoint(statuses[2])
    first, second = await rows(together), await rows(alone)
    for table in first:
        assert first[table] == second[table], table
    assert first["search_token"]
    assert first["audit"]


async def _refuses(*_: Any) -> Any:
    from tandem.database.connection import SerializationConflict

    raise SerializationConflict("always")


async def test_a_lost_race_is_written_one_by_one(databases: list[Database], monkeypatch: pytest.MonkeyPatch) -> None:
    database = databases[0]
    caller = Caller("X26", scopes={"*": ALL_LETTERS}, operator=True)
    organisations = [{"resourceType": "Location", "id": f"l{number}", "name": "Room"} for number in range(5)]

    async def nothing_held(*_: Any) -> dict[Any, Any]:
        return {}

    await send(database, organisations[2:3], caller)
    # What the chunk takes for new is there: as when another writer came between.
    monkeypatch.setattr(loading, "lock_many", nothing_held)
    changed = [{**each, "name": "Large room"} for each in organisations]
    assert [answer["status"] for answer in await send(database, changed, caller)] == [
        "created", "created", "updated", "created", "created",
    ]  # fmt: skip
