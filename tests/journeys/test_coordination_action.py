"""A coordination action goes to a community provider and comes back done, and the network watches it go."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tandem.demo.client import FhirClient, Refused, eventually
from tandem_tests.neighbourhood import settle_in
from tandem_tests.running import EmbeddedTandem

PRACTITIONER = "Practitioner/community-matron"


@pytest.mark.on_six_processes
@pytest.mark.requirement("AC-028")
async def test_a_community_provider_accepts_updates_and_closes_it_and_the_network_sees_progress(
    embedded: EmbeddedTandem, tandem: Callable[..., Any], http: httpx.AsyncClient
) -> None:
    here = await settle_in(http, embedded)
    practice, network = here.client(http, "practice"), here.client(http, "network")
    token = await asyncio.to_thread(
        tandem, "token", "--data", embedded.data, "--org", here.codes["community"], "--user", PRACTITIONER,
        "--role", "R8000", "--scope", "user/Task.rus",
    )  # fmt: skip
    matron = FhirClient(http, embedded.url, token.stdout.strip())
    task = await practice.create({
        "resourceType": "Task", "status": "requested", "intent": "order", "for": here.subject,
        "code": {"text": "Coordinate the home visits"}, "requester": here.reference("practice"),
        "owner": here.reference("community"),
    })  # fmt: skip
    path = f"Task/{task['id']}"
    worklist = f"Task?owner:identifier=https://fhir.nhs.uk/Id/ods-organization-code|{here.codes['community']}&status="
    found = await eventually(lambda: matron.search(f"{worklist}requested"), practice.caught_up)
    assert [each["id"] for each in found] == [task["id"]]
    assert (await network.read(path))["status"] == "requested"

    async def move(*operations: dict[str, Any]) -> None:
        held = await matron.read(path)
        await matron.patch(path, list(operations), held["meta"]["versionId"])

    await move({"op": "replace", "path": "/status", "value": "accepted"})
    assert (await network.read(path))["status"] == "accepted"
    await move(
        {"op": "replace", "path": "/status", "value": "in-progress"},
        {"op": "add", "path": "/businessStatus", "value": {"text": "First visit made"}},
    )
    seen = await network.read(path)
    assert (seen["status"], seen["businessStatus"]["text"]) == ("in-progress", "First visit made")
    await move({"op": "replace", "path": "/status", "value": "completed"})
    assert (await network.read(path))["status"] == "completed"
    assert [each["id"] for each in await network.search(f"{worklist}completed")] == [task["id"]]
    with pytest.raises(Refused) as refused:
        await move({"op": "replace", "path": "/status", "value": "in-progress"})
    assert refused.value.status == 422

    history = await practice.call("GET", f"{path}/_history")
    assert [entry["resource"]["status"] for entry in history["entry"]] == [
        "completed", "in-progress", "accepted", "requested",
    ]  # fmt: skip
    trail = await practice.call("GET", f"AuditEvent?entity={path}&agent={PRACTITIONER}&action=U")
    assert len(trail["entry"]) == 3, "who did it is on record"
