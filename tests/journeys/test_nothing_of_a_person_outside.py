"""What is seen from outside holds nothing of a person, whatever fails; and `tandem status` says what is stuck."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tandem.demo.client import FhirClient, eventually
from tandem_tests.neighbourhood import MARK, register
from tandem_tests.running import EmbeddedTandem

FAULTS = {
    "mdt-service": "CREATE TRIGGER broken BEFORE INSERT ON log WHEN NEW.type = 'Appointment'"
    " BEGIN SELECT RAISE(ABORT, '{secret}'); END",
    "metrics-service": "CREATE TRIGGER broken BEFORE INSERT ON fact WHEN NEW.kind = 'action'"
    " BEGIN SELECT RAISE(ABORT, '{secret}'); END",
}  # fmt: skip
"""Errors of the driver whose messages quote the person, as PostgreSQL's quote the values of a statement."""
Tandem = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def system(tmp_path: Path) -> Iterator[EmbeddedTandem]:
    """A system that logs all it can, as JSON."""
    environment = {"TANDEM_LOG_FORMAT": "json", "TANDEM_LOG_LEVEL": "DEBUG"}
    system = EmbeddedTandem(tmp_path / "data", "--clock", "2020-07-01T09:00+01:00", environment=environment)
    system.start()
    yield system
    system.stop()


def on_database(system: EmbeddedTandem, service: str, statement: str) -> int:
    """Change a service's file beside the running process; answers how many rows."""
    with sqlite3.connect(system.data / f"{service}.sqlite", timeout=60) as connection:
        changed = connection.execute(statement).rowcount
    connection.close()
    return changed


def lines(system: EmbeddedTandem) -> list[dict[str, Any]]:
    """The log, which is JSON to the last line."""
    return [json.loads(line) for line in system.process.log().splitlines()]


async def ask_for_everything(http: httpx.AsyncClient, practice: FhirClient, person: str, number: str) -> list[int]:
    """Requests that name the person wherever a client can; answers their statuses."""
    subject = {"reference": f"Patient/{person}"}
    named = {"X_Request_ID": number, "X_Correlation_ID": f"{MARK} {number}"}
    start = {"start": "2020-07-02T09:00:00Z", "end": "2020-07-02T09:10:00Z"}
    booked = {"status": "booked", "participant": [{"actor": subject, "status": "accepted"}], **start}
    asked: tuple[tuple[str, str, Any], ...] = (
        ("GET", f"Patient/{person}", None), ("GET", f"Patient?identifier={number}&name={MARK}", None),
        ("GET", f"Task/{number}/{MARK}", None), ("GET", f"{MARK}/{number}", None), ("GET", f"Patient/${MARK}", None),
        ("PUT", f"Task/{number}", {"resourceType": "Task", "id": MARK, "for": subject}),
        ("POST", "Task", {"resourceType": "Task", "status": MARK, "for": subject, "description": number}),
        ("POST", "Appointment", {"resourceType": "Appointment", "description": MARK, **booked}),
        ("POST", "Task", {
            "resourceType": "Task", "status": "requested", "intent": "order", "for": subject, "description": MARK,
        }),
    )  # fmt: skip
    statuses = [(await practice.request(method, path, body, **named)).status_code for method, path, body in asked]
    for path in (f"/{MARK}/{number}", f"/dashboard/people?patient={number}"):
        await http.get(practice.base.removesuffix("/fhir") + path)
    return statuses


async def test_nothing_of_a_person_is_seen_whatever_fails(
    system: EmbeddedTandem, tandem: Tandem, http: httpx.AsyncClient
) -> None:
    practice = FhirClient(http, system.url, system.token("Y98001"))
    operator_token = system.token("T0001", operator=True)
    operator = FhirClient(http, system.url, operator_token)
    home = await operator.create({
        "resourceType": "Organization", "active": True, "name": "A practice",
        "identifier": [{"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "Y98001"}],
    })  # fmt: skip
    person, number = await register(practice, home["id"])
    await practice.caught_up()

    async def status(*more: str) -> subprocess.CompletedProcess[str]:
        return await asyncio.to_thread(tandem, "status", "--url", system.url, "--token", operator_token, *more)

    well = await status()
    assert (well.returncode, well.stdout.splitlines()[-1]) == (0, "All is well."), well.stdout + well.stderr

    for service, statement in FAULTS.items():
        await asyncio.to_thread(on_database, system, service, statement.format(secret=f"{MARK} {number} {person}"))
    statuses = await ask_for_everything(http, practice, person, number)
    assert {200, 201, 404, 500} <= set(statuses), "what is asked is answered, refused and failed at"

    async def parked() -> list[dict[str, Any]]:
        return [line for line in lines(system) if "parks an event" in line["message"]]

    async def at_once() -> None:
        await asyncio.sleep(0)

    assert await eventually(parked, at_once)
    assert on_database(system, "metrics-service", "UPDATE parked SET state = 'dead'") == 1

    async def troubled() -> subprocess.CompletedProcess[str] | None:
        # What was read before the faults is told for some seconds more.
        found = await status()
        return found if found.returncode else None

    stuck = await eventually(troubled, at_once)
    as_json = await status("--json")
    assert (stuck.returncode, as_json.returncode) == (1, 1)
    assert "metrics-service: 1 dead letters" in stuck.stdout
    assert "tandem events dead-letters list --service metrics-service" in stuck.stdout
    assert json.loads(as_json.stdout)["status"] == "attention"
    other = await asyncio.to_thread(tandem, "status", "--url", system.url, "--token", system.token("Y98001"))
    assert (other.returncode, other.stdout) == (2, "")
    assert "for an operator" in other.stderr

    metrics = (await http.get(f"{system.url}/metrics")).text
    seen = {"log": system.process.log(), "metrics": metrics, "status": stuck.stdout, "json": as_json.stdout}
    for where, text in seen.items():
        for secret in (number, MARK, person):
            assert secret not in text, where
    requests = [line for line in lines(system) if line["logger"] == "tandem.requests"]
    assert {("POST", "/Task", 201, "Y98001"), ("GET", "/Patient/[id]", 200, "Y98001")} <= {
        (line["method"], line["route"], line["status"], line["organisation"]) for line in requests
    }
    assert all(line["traceId"] for line in requests if line["route"].startswith("/Task"))
    failed = [line for line in lines(system) if line["level"] == "ERROR"]
    assert any("IntegrityError" in line["message"] for line in failed), "where it failed is told"

    await asyncio.to_thread(system.stop)
    gone = await status()
    assert (gone.returncode, gone.stdout) == (2, "")
    assert "cannot be reached" in gone.stderr
