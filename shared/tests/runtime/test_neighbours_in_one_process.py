"""Services in one process know who works where, and read each other, as soon as the system runs."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tandem.canonical import ODS_CODE
from tandem.clock import SettableClock
from tandem.directory.queries import staff_member
from tandem.fhir.request import FhirRequest
from tandem.identity.caller import ALL_LETTERS, Caller
from tandem.london_days import london_date
from tandem.runtime.embedded import EmbeddedSystem
from tandem.settings import Settings

OPERATOR = Caller("T0001", scopes={"*": ALL_LETTERS}, operator=True)
MORNING = datetime(2020, 7, 1, 8, tzinfo=UTC)
WRITTEN: tuple[dict[str, Any], ...] = (
    {
        "resourceType": "PractitionerRole", "id": "r", "practitioner": {"reference": "Practitioner/d"},
        "organization": {"reference": "Organization/p"}, "code": [{"coding": [{"code": "R0260"}]}],
    },
    {"resourceType": "Practitioner", "id": "d", "name": [{"family": "King", "given": ["Ada"]}]},
    {
        "resourceType": "Organization", "id": "p", "name": "Riverside Surgery",
        "identifier": [{"system": ODS_CODE, "value": "A81001"}],
    },
)  # fmt: skip


@pytest.fixture
def asked() -> FhirRequest:
    return FhirRequest("GET", "", "", {}, b"", Settings().base, "request", "correlation", OPERATOR)


async def test_a_service_keeps_a_directory_and_reads_its_neighbour(tmp_path: Path, asked: FhirRequest) -> None:
    system = EmbeddedSystem(tmp_path, Settings(), clock=SettableClock(MORNING))
    async with system.running():
        assert system.gateway is not None
        for resource in WRITTEN:
            path, body = f"{resource['resourceType']}/{resource['id']}", json.dumps(resource).encode()
            answer = await system.gateway.routes.answer(replace(asked, method="PUT", path=path, body=body))
            assert answer.status == 201, answer.body
        state: dict[str, Any] = {}
        while not state.get("caughtUp"):
            state = json.loads((await system.gateway.routes.answer(replace(asked, path="$caught-up"))).body)
        for name in ("careplan-service", "mdt-service"):
            service = system.services[name]
            async with service.database.read() as connection:
                found = await staff_member(connection, "PractitionerRole/r", london_date(MORNING))
            assert found is not None
            assert found.name == "Ada King"
            assert [role.organisation and role.organisation.code for role in found.roles] == ["A81001"]
            read = await service.kernel.neighbours.searchset("cohort-service", "Practitioner?_id=d", asked)
            assert [each["id"] for each in read] == ["d"]
