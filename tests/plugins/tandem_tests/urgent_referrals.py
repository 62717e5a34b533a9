"""Urgent referrals as a practice sends them, and what is asked about their clocks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from tandem.canonical import REFERRAL_KIND
from tandem.demo.client import FhirClient
from tandem.fhir.body import Resource
from tandem_tests.neighbourhood import Neighbourhood
from tandem_tests.network_area import parameters, part, values
from tandem_tests.running import EmbeddedTandem

ASSESS = "ServiceRequest/$assess-urgent-response"
Tandem = Callable[..., Any]


def urgent_request(here: Neighbourhood, kind: str = "crisis-response", **more: Any) -> Resource:
    """A referral of the person to the community provider."""
    return {
        "resourceType": "ServiceRequest", "status": "active", "intent": "order", "priority": "urgent",
        "category": [{"coding": [{"system": REFERRAL_KIND, "code": kind}]}], "subject": here.subject,
        "requester": here.reference("practice"), "performer": [here.reference("community")], **more,
    }  # fmt: skip


def named(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """Parts by their name, the first of each."""
    return {each["name"]: values(parts, each["name"])[0] for each in parts}


async def clock_of(client: FhirClient, request: str, as_of: str | None = None) -> dict[str, Any]:
    """The one clock of a request."""
    await client.caught_up()
    query = f"?as-of={as_of}" if as_of else ""
    [clock] = values(await client.call("GET", f"ServiceRequest/{request}/$clocks{query}"), "clock")
    return named(clock)


async def task_of(client: FhirClient, request: str) -> str:
    """The Task by which the request is fulfilled: `Task/id`."""
    await client.caught_up()
    [task] = await client.search(f"Task?focus=ServiceRequest/{request}")
    return f"Task/{task['id']}"


async def move_task(client: FhirClient, task: str, status: str, began: str | None = None) -> None:
    """The performer says how far it is."""
    operations: list[dict[str, Any]] = [{"op": "replace", "path": "/status", "value": status}]
    if began is not None:
        operations.append({"op": "add", "path": "/executionPeriod", "value": {"start": began}})
    await client.patch(task, operations)
    await client.caught_up()


async def assess(client: FhirClient, here: Neighbourhood, **found: Any) -> Resource:
    """Assess the person; a list gives a parameter several times."""
    sent = [part("patient", valueReference=here.subject)]
    for name, value in found.items():
        for each in value if isinstance(value, list) else [value]:
            sent.append(part(name, **{"valueReference" if isinstance(each, dict) else "valueCode": each}))
    return await client.call("POST", ASSESS, parameters(*sent))


async def pass_minutes(tandem: Tandem, system: EmbeddedTandem, start: datetime, minutes: int) -> None:
    """Move the domain clock to so many minutes after a moment, as an operator does."""
    moment = (start + timedelta(minutes=minutes)).isoformat()
    moved = await asyncio.to_thread(tandem, "clock", "set", moment, "--data", system.data)
    assert moved.returncode == 0, moved.stderr
