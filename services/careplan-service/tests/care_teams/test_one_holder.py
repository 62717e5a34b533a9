"""One holder of a role at a time, also when teams are written at once, on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from careplan_service.service import service
from tandem.canonical import CARE_TEAM_ROLE
from tandem.database.connection import open_database
from tandem.fhir.body import Resource
from tandem_tests.plan_service import PERSON, PRACTICE, PlanService
from tandem_tests.prepared_databases import MigratedDatabase


@pytest.fixture
async def teams(migrated_database: MigratedDatabase) -> AsyncIterator[PlanService]:
    database = await open_database(migrated_database(service), pool_size=8)
    plans = PlanService(database)
    await plans.settle()
    yield plans
    await database.close()


def team(lead: str) -> Resource:
    role = {"coding": [{"system": CARE_TEAM_ROLE, "code": "responsible-lead"}]}
    return {
        "resourceType": "CareTeam", "status": "active", "subject": PERSON,
        "participant": [{"role": [role], "member": {"reference": f"PractitionerRole/{lead}"}}],
    }  # fmt: skip


async def test_of_teams_written_at_once_one_names_the_lead(teams: PlanService) -> None:
    answers = await asyncio.gather(*(teams.call(PRACTICE, "POST", "CareTeam", team(f"r{n}")) for n in range(8)))
    assert sorted(status for status, _ in answers) == [201] + [422] * 7
    told = {said["issue"][0]["details"]["text"].partition(":")[0] for status, said in answers if status == 422}
    assert told == {"The person has another responsible lead at that time"}


async def test_of_hand_overs_at_once_each_follows_the_one_before(teams: PlanService) -> None:
    _, held = await teams.call(PRACTICE, "POST", "CareTeam", team("r0"))

    async def hand_over(number: int) -> int:
        to = {"name": "to", "valueReference": {"reference": f"PractitionerRole/r{number}"}}
        body = {"resourceType": "Parameters", "parameter": [
            {"name": "role", "valueCode": "responsible-lead"}, to, {"name": "reason", "valueString": "Leave"},
            {"name": "from", "valueDate": f"2020-08-{number:02}"},
        ]}  # fmt: skip
        status, _ = await teams.call(PRACTICE, "POST", f"CareTeam/{held['id']}/$hand-over", body)
        return status

    statuses = await asyncio.gather(*(hand_over(number) for number in range(2, 8)))
    _, after = await teams.call(PRACTICE, "GET", f"CareTeam/{held['id']}")
    assert set(statuses) <= {200, 422}
    assert len(after["participant"]) == 1 + statuses.count(200)
    periods = sorted((each.get("period", {}).get("start", ""), each["period"].get("end")) for each in
                     after["participant"] if "period" in each)  # fmt: skip
    ends = [end for _, end in periods]
    assert ends.count(None) == 1, "one has it still"
    assert all(end < start for end, (start, _) in zip(ends, periods[1:], strict=False) if end is not None)
