"""First versions: the parts in care that are written with them are those that projection writes, and no agreement that
is signed at the same moment is overlooked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tandem.fhir.create import create_on
from tandem.fhir.request import FhirRequest
from tandem.identity.caller import ALL_LETTERS, Caller
from tandem.identity.projection import project

PRACTICE, PROVIDER, STRANGER = "A81001", "RXX01", "RYY02"
BASE = "http://tandem.test/fhir"
COLUMNS = "patient, organisation_reference, giver, organisation, starts, ends"


async def _parts(server: Any, source: str) -> list[dict[str, Any]]:
    sql = f"SELECT {COLUMNS} FROM part WHERE source = $1 ORDER BY organisation_reference"
    found: list[dict[str, Any]] = await server.fetch(sql, source)
    return found


def _team(server: Any, person: Any, *members: Any) -> dict[str, Any]:
    period = {"start": "2020-01-01", "end": "2021-01-01"}
    participants = [{"member": member, "period": period} for member in members]
    subject = server.about(person)
    return {"resourceType": "CareTeam", "status": "active", "subject": subject, "participant": participants}


@pytest.mark.parametrize("status", ["draft", "requested", "completed", "cancelled"])
async def test_parts_are_those_that_projection_writes(server: Any, neighbourhood: Any, status: str) -> None:
    person = neighbourhood.person
    known = await server.create(server.organisation("RZZ09", "community-provider"), by="operator")
    owners = [
        server.ods(PROVIDER), {"reference": f"Organization/{known['id']}"}, {"reference": "Organization/not-heard-of"},
        {"reference": "Practitioner/p"},
    ]  # fmt: skip
    resources = [server.task(person, status=status, requester=server.ods(PRACTICE), owner=owner) for owner in owners]
    resources += [server.task(person, status=status), _team(server, person, server.ods(PROVIDER), owners[1])]
    written = 0
    for resource in resources:
        stored = await server.create(resource)
        source = f"{stored['resourceType']}/{stored['id']}"
        found = await _parts(server, source)
        async with server.database.transaction() as connection:
            await connection.execute("DELETE FROM part WHERE source = $1", source)
            await project(
                connection, stored["resourceType"], stored["id"], stored, author=PRACTICE, patient=person["id"]
            )
        assert found == await _parts(server, source)
        written += len(found)
    assert written == (2 if status == "draft" else 9)


async def test_a_refused_write_leaves_no_parts(server: Any, neighbourhood: Any) -> None:
    task = server.task(neighbourhood.stranger, requester=server.ods(PRACTICE), owner=server.ods(PROVIDER))
    received = await server.create(task)
    assert await _parts(server, f"Task/{received['id']}") == []
    team = _team(server, neighbourhood.stranger, server.ods(PROVIDER))
    server.refused(await server.send("POST", "CareTeam", team), 403)
    assert await server.fetch("SELECT * FROM part") == []


async def _waits(server: Any) -> None:
    """Return once some transaction waits for another; on SQLite the second begins only when the first has ended."""
    waiting = (
        "SELECT count(*) AS n FROM pg_locks WHERE NOT granted"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    while server.database.dialect == "postgresql" and not (await server.fetch(waiting))[0]["n"]:
        await asyncio.sleep(0)


@pytest.mark.parametrize("agreement_first", [True, False])
async def test_an_agreement_signed_meanwhile_counts(server: Any, neighbourhood: Any, agreement_first: bool) -> None:
    person = neighbourhood.person
    task = server.task(person, requester=server.ods(PRACTICE), owner=server.ods(STRANGER))
    request = FhirRequest("POST", "Task", "", {}, b"", BASE, "r", "c", Caller(PRACTICE, {"*": ALL_LETTERS}))

    async def write(connection: Any) -> None:
        await create_on(server.kernel, connection, request, task)

    async def sign(connection: Any) -> None:
        agreement = {**server.agreement(PRACTICE, STRANGER), "id": "signed-meanwhile"}
        await project(connection, "OrganizationAffiliation", "signed-meanwhile", agreement)

    order: list[Callable[[Any], Awaitable[None]]] = [sign, write] if agreement_first else [write, sign]

    async def second() -> None:
        async with server.database.transaction() as connection:
            await order[1](connection)

    async with server.database.transaction() as connection:
        await order[0](connection)
        running = asyncio.create_task(second())
        watching = asyncio.create_task(_waits(server))
        await asyncio.wait({running, watching}, return_when=asyncio.FIRST_COMPLETED)
        watching.cancel()
    await running
    response = await server.send("GET", f"Patient/{person['id']}", by=STRANGER)
    assert response.status_code == 200, response.text


async def test_the_first_version_of_a_team_opens_to_the_employer_of_its_member(server: Any, neighbourhood: Any) -> None:
    person, body = neighbourhood.person, {"resourceType": "PractitionerRole", "organization": server.ods(STRANGER)}
    role = await server.create(body, by=STRANGER)
    agreement = {**server.agreement(PRACTICE, STRANGER), "id": "of-the-employer"}
    async with server.database.transaction() as connection:
        await project(connection, "OrganizationAffiliation", "of-the-employer", agreement)
    assert (await server.send("GET", f"Patient/{person['id']}", by=STRANGER)).status_code == 404
    team = await server.create(_team(server, person, {"reference": f"PractitionerRole/{role['id']}"}))
    [part] = await _parts(server, f"CareTeam/{team['id']}")
    assert part["organisation_reference"] == f"PractitionerRole/{role['id']}"
    response = await server.send("GET", f"Patient/{person['id']}", by=STRANGER)
    assert response.status_code == 200, response.text
