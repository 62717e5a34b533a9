"""Several organisations write one plan in random interleavings: nothing is lost, and nobody waits for ever."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any

import pytest

from tandem_tests.plan_service import PRACTICE, PlanService

ORGANISATIONS = (PRACTICE, "RX001", "RX002", "RX003", "RX004")
STEPS = 5


def parameters(*given: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Parameters", "parameter": list(given)}


class Contributor:
    """One organisation that goes through its own steps; `wrote` holds (element, text) of what was taken."""

    def __init__(self, plans: PlanService, plan: str, organisation: str, random: Random) -> None:
        self._plans, self._plan, self._organisation, self._random = plans, plan, organisation, random
        self.wrote: list[tuple[str, str]] = []
        self.goals: list[str] = []
        self.versions = 0

    async def run(self) -> None:
        for number in range(STEPS):
            for _ in range(self._random.randrange(3)):
                await asyncio.sleep(0)
            step = self._random.choice((self._contributes, self._contributes, self._stores, self._patches))
            await step(f"{self._organisation}.{number}")

    async def _contributes(self, text: str) -> None:
        goal = {"resourceType": "Goal", "lifecycleStatus": "active", "description": {"text": text}, "id": "g"}
        doing = [{"name": "description", "valueString": text}, {"name": "goal", "valueReference": {"reference": "#g"}}]
        body = parameters(
            {"name": "goal", "resource": goal}, {"name": "activity", "part": doing},
            {"name": "note", "valueString": text}, {"name": "identifier", "valueIdentifier": {"value": text}},
        )  # fmt: skip
        # Sent several times, as by a client that has had no answer.
        times = self._random.choice((1, 1, 2, 3))
        path = f"CarePlan/{self._plan}/$contribute"
        answers = await asyncio.gather(
            *(self._plans.call(self._organisation, "POST", path, body) for _ in range(times))
        )
        assert [status for status, _ in answers] == [200] * times, answers
        assert all(said == answers[0][1] for _, said in answers)
        self.wrote += [("goal", text), ("activity", text), ("note", text)]
        self.versions += 1

    async def _stores(self, text: str) -> None:
        """Reads the plan, adds to it and stores it, again and again until nobody came between."""
        while True:
            _, held = await self._plans.call(self._organisation, "GET", f"CarePlan/{self._plan}")
            version = held["meta"]["versionId"]
            detail = {"detail": {"status": "scheduled", "description": text}}
            body = {**held, "activity": [*held.get("activity", []), detail]}
            path, tag = f"CarePlan/{self._plan}", f'W/"{version}"'
            status, said = await self._plans.call(self._organisation, "PUT", path, body, if_match=tag)
            assert status in (200, 412), said
            if status == 200:
                break
            assert len(said["issue"]) > 1, "a stale write is told what changed"
        self.wrote.append(("activity", text))
        self.versions += 1

    async def _patches(self, text: str) -> None:
        _, held = await self._plans.call(self._organisation, "GET", f"CarePlan/{self._plan}")
        path = "/note/-" if held.get("note") else "/note"
        value: Any = {"text": text}
        operation = {"op": "add", "path": path, "value": value if held.get("note") else [value]}
        tag = f'W/"{held["meta"]["versionId"]}"'
        status, said = await self._plans.call(
            self._organisation, "PATCH", f"CarePlan/{self._plan}", [operation], if_match=tag
        )
        assert status in (200, 412), said
        if status == 200:
            self.wrote.append(("note", text))
            self.versions += 1


@pytest.mark.parametrize("seed", range(4))
async def test_nothing_is_lost_and_everything_is_somebodys(plans: PlanService, seed: int) -> None:
    random = Random(seed)
    await plans.settle(*ORGANISATIONS[1:])
    plan = await plans.draft()
    contributors = {each: Contributor(plans, plan, each, Random(random.random())) for each in ORGANISATIONS}
    await asyncio.wait_for(asyncio.gather(*(each.run() for each in contributors.values())), timeout=300)

    _, held = await plans.call(PRACTICE, "GET", f"CarePlan/{plan}")
    assert int(held["meta"]["versionId"]) == 1 + sum(each.versions for each in contributors.values())
    wrote = sorted((code, *entry) for code, each in contributors.items() for entry in each.wrote)
    _, shown = await plans.call(PRACTICE, "GET", f"CarePlan/{plan}/$contributions")
    assert sorted(map(_row, shown.get("parameter", []))) == wrote
    told: list[str] = []
    for code in ORGANISATIONS:
        _, bundle = await plans.call(code, "GET", f"Provenance?target=CarePlan/{plan}&_count=1000")
        told = [each["resource"]["target"][0]["reference"] for each in bundle["entry"]]
        assert sorted(told) == sorted({*told}), "each version is told once"
    assert len(told) == int(held["meta"]["versionId"])


def _row(parameter: dict[str, Any]) -> tuple[str, str, str]:
    said = {part["name"]: part for part in parameter["part"]}
    organisation = said["organisation"]["valueReference"]["identifier"]["value"]
    return organisation, said["element"]["valueCode"], said["text"]["valueString"]
