"""An event that a service cannot apply: it stops no other, ends as a dead letter, and is replayed when mended."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from tandem.demo.client import FhirClient, eventually
from tandem_tests.neighbourhood import MARK, register
from tandem_tests.running import EmbeddedTandem

YEAR = "periodStart=2020-01-01&periodEnd=2020-12-31"
FAULT = """
CREATE TRIGGER worn_out BEFORE INSERT ON fact WHEN NEW.kind = 'action' BEGIN SELECT RAISE(ABORT, 'worn out'); END
"""


def on_the_stopped_database(system: EmbeddedTandem, *statements: str) -> None:
    """Change metrics-service's file while no process has it open."""
    with sqlite3.connect(system.data / "metrics-service.sqlite") as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


async def figures(practice: FhirClient) -> tuple[int, int, int]:
    """Actions and referrals opened, and events that wait, as the MeasureReport says."""
    report = await practice.call("GET", f"Measure/shared-care-activity/$evaluate-measure?{YEAR}")
    counted = {each["code"]["coding"][0]["code"]: each["count"] for each in report["group"][0]["population"]}
    waiting = [each["valueUnsignedInt"] for each in report["extension"] if each["url"].endswith("/events-waiting")]
    return counted["actions-opened"], counted["referrals-opened"], waiting[0]


async def test_a_failing_event_becomes_a_dead_letter_that_is_listed_and_replayed(
    new_system: Callable[..., EmbeddedTandem], tandem: Callable[..., Any], http: httpx.AsyncClient, tmp_path: Path
) -> None:
    system = new_system("--clock", "2020-07-01T09:00+01:00")
    practice = FhirClient(http, system.url, system.token("Y98001"))
    operator = FhirClient(http, system.url, system.token("T0001", operator=True))
    home = await operator.create({
        "resourceType": "Organization", "active": True, "name": "A practice",
        "identifier": [{"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "Y98001"}],
    })  # fmt: skip
    person, number = await register(practice, home["id"])
    await practice.caught_up()

    async def dead_letters(*more: str) -> Any:
        return await asyncio.to_thread(tandem, "events", "dead-letters", *more, "--data", system.data)

    async def restarted(*statements: str) -> None:
        await asyncio.to_thread(system.stop)
        on_the_stopped_database(system, *statements)
        await asyncio.to_thread(system.start)

    assert (await dead_letters("list")).stdout == ""
    await restarted(FAULT)
    subject = {"reference": f"Patient/{person}"}
    await practice.create({
        "resourceType": "Task", "status": "requested", "intent": "order", "for": subject, "description": MARK,
    })  # fmt: skip
    await practice.create({"resourceType": "ServiceRequest", "status": "active", "intent": "order", "subject": subject})

    async def only_the_action_waits() -> bool:
        return await figures(practice) == (0, 1, 1)

    async def at_once() -> None:
        await asyncio.sleep(0)

    assert await eventually(only_the_action_waits, at_once), "what came after it was applied"
    assert (await dead_letters("list")).stdout == "", "it is tried again before it is given up"

    # The tries go on for some two minutes; all but the last are taken as made.
    await restarted("UPDATE parked SET attempts = 7, next_at = 0")

    async def listed() -> str:
        return str((await dead_letters("list")).stdout)

    letters = (await eventually(listed, at_once)).splitlines()
    assert len(letters) == 1
    service, identity, kind, attempts, error, _ = letters[0].split("\t")
    assert (service, kind, attempts, error) == ("metrics-service", "fhir.Task.create", "8", "IntegrityError")
    for secret in (number, MARK, person):
        assert secret not in letters[0]
        assert secret not in system.process.log_tail()
    assert (await practice.call("GET", "$caught-up"))["dead"] == {"metrics-service": 1}

    await restarted("DROP TRIGGER worn_out")
    assert await listed(), "a dead letter waits to be replayed, and does not come back by itself"
    assert (await dead_letters("replay")).returncode == 2, "which ones must be said"
    replayed = await dead_letters("replay", identity, "--service", "metrics-service")
    assert (replayed.returncode, replayed.stdout) == (0, "metrics-service: 1 to be tried again\n")

    async def applied() -> bool:
        return await figures(practice) == (1, 1, 0)

    assert await eventually(applied, at_once)
    assert await listed() == ""
