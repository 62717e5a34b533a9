from __future__ import annotations

from typing import Any

import pytest
from fhir.resources.R4B.auditevent import AuditEvent

from tandem.fhir.body import encode
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.audit import AuditEntry, audit_cte, record
from tandem.identity.audit_event import audit_event, row_id_of
from tandem.identity.audit_search import count_audit, find_audit, parse_audit_search
from tandem.identity.caller import Caller, service_caller
from tandem.identity.periods import bounds

OURS, THEIRS, CHARITY = "A81001", "A81002", "https://charity.example|17"
SERVICE = "mdt-service"
START = bounds("2020-09-01T09:00:00Z")[0]
HOUR = 3_600_000_000


def caller(organisation: str, **more: Any) -> Caller:
    return Caller(organisation=organisation, **more)


async def furnish(world: Any) -> None:
    """Seven rows: what our practice, the other practice and a charity did, with people of both practices."""
    async with world.database.transaction() as connection:
        await connection.execute(
            "INSERT INTO access (patient, organisation, reason, starts, ends) VALUES ('p1', $1, 'registered', 0, $2),"
            " ('p2', $3, 'registered', 0, $2), ('p1', $4, 'agreement', 0, $2)", OURS, 2**60, THEIRS, CHARITY,
        )  # fmt: skip
        nurse = caller(OURS, user="Practitioner/7", role="R1", purpose="TREAT", client="supplier-1")
        steps = [
            (nurse, "read", 200, "Task", "t1", "p1"), (nurse, "update", 200, "Task", "t1", "p1"),
            (caller(THEIRS), "read", 404, "Task", "t1", None), (caller(THEIRS), "create", 201, "Task", "t2", "p2"),
            (caller(CHARITY), "search-type", 200, "Task", None, "p1"),
            (caller(CHARITY), "$close", 500, "Task", "t2", None),
            (service_caller(SERVICE), "delete", 204, "Task", "t3", "p1"),
        ]  # fmt: skip
        await record(connection, (
            AuditEntry(who, START + number * HOUR, action, status, kind, name, patient, f"request-{number}")
            for number, (who, action, status, kind, name, patient) in enumerate(steps)
        ))  # fmt: skip


async def found(world: Any, organisation: str, *parameters: tuple[str, str], operator: bool = False) -> list[str]:
    """The requests whose rows are found, oldest first."""
    search = parse_audit_search(parameters, SERVICE)
    who = world.caller(organisation, operator=operator)
    async with world.database.read() as connection:
        page = await find_audit(connection, who, search, world.now)
        assert await count_audit(connection, who, search, world.now) >= len(page.rows)
    return [row["request_id"].removeprefix("request-") for row in reversed(page.rows)]


async def test_an_organisation_sees_its_own_and_the_practice_what_befell_its_people(world: Any) -> None:
    await furnish(world)
    assert await found(world, OURS) == ["0", "1", "4", "6"]
    assert await found(world, THEIRS) == ["2", "3"]
    assert await found(world, CHARITY) == ["4", "5"]
    assert await found(world, "RXS01") == []
    assert await found(world, "RXS01", operator=True) == list("0123456")


NARROWED: list[tuple[list[tuple[str, str]], str]] = [
    ([("patient", "Patient/p1")], "0146"), ([("patient", "p2")], "3"), ([("patient", "p1,p2")], "01346"),
    ([("action", "R")], "02"), ([("action", "E")], "45"), ([("action", "C,U")], "13"), ([("action", "D")], "6"),
    ([("subtype", "read")], "02"), ([("subtype", "operation")], "5"),
    ([("subtype", "http://hl7.org/fhir/restful-interaction|create")], "3"),
    ([("agent", OURS)], "01"), ([("agent", CHARITY)], "45"), ([("agent", "Practitioner/7")], "01"),
    ([("entity", "Task/t2")], "35"), ([("entity", "Patient/p2")], "3"), ([("_id", f"{SERVICE}-3")], "2"),
    ([("_id", "cohort-service-3")], ""), ([("date", "2020-09-01")], "0123456"), ([("date", "2020-09-02")], ""),
    ([("date", "ge2020-09-01T11:00:00Z"), ("date", "lt2020-09-01T13:00:00Z")], "23"),
    ([("date", "gt2020-09-01T11:00:00Z")], "3456"), ([("date", "le2020-09-01T11:00:00Z")], "012"),
    ([("date", "2020-09-01T11:00:00Z")], "2"), ([("date", "ne2020-09-01T11:00:00Z")], "013456"),
    ([("patient", "p1"), ("action", "R")], "0"),
]  # fmt: skip


async def test_parameters_narrow(world: Any) -> None:
    await furnish(world)
    for parameters, rows in NARROWED:
        assert await found(world, "RXS01", *parameters, operator=True) == list(rows), parameters


async def test_a_parameter_never_widens(world: Any) -> None:
    await furnish(world)
    assert await found(world, CHARITY, ("patient", "p1,p2")) == ["4"]
    assert await found(world, CHARITY, ("agent", f"{OURS},{THEIRS}")) == []


async def test_pages_hold_every_row_once_while_more_are_written(world: Any) -> None:
    await furnish(world)
    who = world.caller("RXS01", operator=True)
    search = parse_audit_search([("_count", "3")], SERVICE)
    seen: list[int] = []
    after = None
    for _ in range(3):
        async with world.database.transaction() as connection:
            page = await find_audit(connection, who, search, world.now, after=after)
            seen += [row["id"] for row in page.rows]
            after = page.after
            await record(connection, [AuditEntry(who, START, "read", 200)])
    assert seen == list(range(7, 0, -1))
    assert after is None
    async with world.database.read() as connection:
        none = await find_audit(connection, who, parse_audit_search([("_count", "0")], SERVICE), world.now)
    assert (list(none.rows), none.after) == ([], None)


def test_unknown_parameters_are_named_with_those_there_are() -> None:
    with pytest.raises(FhirError) as refused:
        parse_audit_search([("patient", "p1"), ("source", "x"), ("patient:exact", "y")], SERVICE)
    assert refused.value.kind is Kind.UNSUPPORTED_PARAMETER
    assert len(refused.value.issues) == 2
    assert "'source'" in refused.value.issues[0].text
    assert "date, entity, patient" in refused.value.issues[0].text


@pytest.mark.parametrize(("name", "value"), [
    ("_count", "-1"), ("_count", "x"), ("date", "yesterday"), ("date", "xx2020"), ("date", ""), ("patient", "Task/1"),
    ("patient", "a'b"), ("entity", "t2"), ("action", "X"), ("agent", "no such"),
])  # fmt: skip
def test_values_that_cannot_be_read_are_refused(name: str, value: str) -> None:
    with pytest.raises(FhirError) as refused:
        parse_audit_search([(name, value)], SERVICE)
    assert refused.value.kind is Kind.BAD_REQUEST
    assert name in refused.value.issues[0].text


async def test_rows_are_valid_audit_events(world: Any) -> None:
    await furnish(world)
    async with world.database.read() as connection:
        rows = await connection.fetch("SELECT * FROM audit ORDER BY id")
    events = [audit_event(row, SERVICE) for row in rows]
    for event in events:
        AuditEvent.model_validate_json(encode(event))
    first = events[0]
    assert first["id"] == f"{SERVICE}-1"
    assert row_id_of(SERVICE, first["id"]) == 1
    assert (first["recorded"], first["action"], first["outcome"]) == ("2020-09-01T09:00:00.000Z", "R", "0")
    assert first["subtype"][0]["code"] == "read"
    user, organisation = first["agent"]
    assert user["who"] == {"reference": "Practitioner/7"}
    assert user["requestor"]
    assert organisation["who"]["identifier"]["value"] == OURS
    assert not organisation["requestor"]
    assert user["purposeOfUse"][0]["coding"][0]["code"] == "TREAT"
    references = [entity["what"] for entity in first["entity"]]
    assert references == [{"reference": "Patient/p1"}, {"reference": "Task/t1"}, {"identifier": {"value": "request-0"}}]
    assert [event["outcome"] for event in events] == ["0", "0", "4", "0", "0", "8", "0"]
    assert [event["action"] for event in events] == ["R", "U", "R", "C", "E", "E", "D"]
    assert events[4]["agent"][0]["who"]["identifier"] == {"system": "https://charity.example", "value": "17"}


@pytest.mark.parametrize("name", ["", "7", "mdt-service-", "mdt-service-x", "mdt-service--1", f"mdt-service-{9**30}"])
def test_other_ids_are_no_rows(name: str) -> None:
    assert row_id_of(SERVICE, name) is None


async def test_a_read_and_its_row_are_one_statement_on_postgresql(world: Any) -> None:
    if world.database.dialect != "postgresql":
        entry = AuditEntry(caller(OURS), START, "read", 200)
        async with world.database.transaction() as connection:
            await record(connection, [entry])
            assert tuple(await connection.fetchrow("SELECT * FROM audit"))[1:] == entry.values
        return
    await world.write(OURS, world.patient("p1", OURS))
    for name in ("p1", "nobody"):
        params: list[Any] = ["Patient", name]
        entry = AuditEntry(caller(OURS), START, "read", 200, "Patient", name, None, "request-1")
        audited = audit_cte(entry, params, source="found", patient="found.patient")
        sql = f"WITH found AS (SELECT * FROM resource WHERE type = $1 AND id = $2), {audited} SELECT id FROM found"
        async with world.database.read() as connection:
            row = await connection.fetchrow(sql, *params)
            assert (row is not None) == (name == "p1")
    async with world.database.read() as connection:
        rows = await connection.fetch("SELECT * FROM audit")
    assert [(row["resource_id"], row["patient"], row["at"]) for row in rows] == [("p1", "p1", START)]




async def test_who_was_refused_finds_the_attempt_and_not_whom_it_was_about(world: Any) -> None:
    await furnish(world)
    async with world.database.transaction() as connection:
        entry = AuditEntry(caller(THEIRS), START, "read", 404, "Task", "t9", "p1", "request-9")
        await record(connection, [entry])
    assert await found(world, OURS, ("patient", "p1")) == ["0", "1", "4", "6", "9"]
    assert await found(world, THEIRS, ("entity", "Task/t9")) == ["9"]
    assert await found(world, THEIRS, ("patient", "p1")) == []
    assert await found(world, THEIRS, ("entity", "Patient/p1")) == []
    for who, shown in ((OURS, "p1"), (THEIRS, None)):
        search = parse_audit_search([("entity", "Task/t9")], SERVICE)
        async with world.database.read() as connection:
            [row] = (await find_audit(connection, world.caller(who), search, world.now)).rows
        assert row["patient"] == shown
        assert ("Patient/" in str(audit_event(row, SERVICE))) is (shown is not None)
