"""Which types and sizes of care homes are in scope is said by a version of the definition (EHCH-089)."""

from __future__ import annotations

import asyncio
from importlib.resources import files
from typing import Any

import httpx
import pytest

from tandem.demo.client import FhirClient
from tandem_tests.listed_people import parameters
from tandem_tests.network_area import Area, new_area

COHORT = "care-home-residents"
TYPES = "https://tandem.example/fhir/CodeSystem/care-home-type"
BEDS = "https://tandem.example/fhir/StructureDefinition/care-home-beds"


async def furnish(client: FhirClient, organization: str, kind: str, beds: int) -> None:
    """The home is of this type and has so many beds."""
    held = await client.read(f"Organization/{organization}")
    kinds = [each for each in held.get("type", []) if each["coding"][0]["system"] != TYPES]
    held["type"] = [*kinds, {"coding": [{"system": TYPES, "code": kind}]}]
    held["extension"] = [{"url": BEDS, "valuePositiveInt": beds}]
    await client.call("PUT", f"Organization/{organization}", held)


async def listed(client: FhirClient) -> set[str]:
    """Patient ids of the practice's residents in scope."""
    await client.caught_up()
    [group] = await client.search(f"Group?code={COHORT}")
    shown = await client.call("GET", f"Group/{group['id']}/$members")
    return {each["entity"]["reference"].removeprefix("Patient/") for each in shown.get("member", [])}


async def why_not(client: FhirClient, person: str) -> list[Any]:
    """The exclusions that `$explain` gives for a person."""
    [group] = await client.search(f"Group?code={COHORT}")
    explained = await client.call("GET", f"Group/{group['id']}/$explain?patient=Patient/{person}")
    return parameters(explained).get("exclusion", [])


async def define(area: Area, text: str) -> None:
    """An operator installs a version, and everybody is evaluated by it."""
    await area.client("operator").call("POST", "Group/$define", {
        "resourceType": "Parameters", "parameter": [{"name": "definition", "valueString": text}],
    })  # fmt: skip
    practice = area.client("northern")
    await practice.caught_up()
    asked = {"resourceType": "Parameters", "parameter": [{"name": "cohort", "valueString": COHORT}]}
    await practice.call("POST", "Group/$identify", asked)


@pytest.mark.requirement("EHCH-089")
async def test_types_and_sizes_of_homes_in_scope_are_read_and_a_changed_version_changes_whose_residents_are(
    new_system: Any, http: httpx.AsyncClient
) -> None:
    area = await new_area(http, await asyncio.to_thread(new_system, "--clock", "2020-07-01T09:00+01:00"))
    operator, practice = area.client("operator"), area.client("northern")
    small, large = [await area.register("northern") for _ in range(2)]
    await area.move_in("northern", small, "elms", "2020-02-01")
    await area.move_in("northern", large, "oaks", "2020-03-01")
    assert await listed(practice) == {small, large}, "a home of which nothing is known keeps nobody off"
    await furnish(operator, area.ids["elms"], "learning-disability", 4)
    await furnish(operator, area.ids["oaks"], "nursing", 40)
    assert await listed(practice) == {small, large}

    read = await practice.call("GET", f"Group/$definitions?id={COHORT}")
    [rules] = [each for each in parameters(read)["definition"] if each["inForce"] == [True]]
    assert rules["version"] == ["3"]
    assert "care-home-types-out-of-scope" in rules["text"][0]
    assert "value: {under: 1}" in rules["text"][0]
    types = await practice.call("GET", "Group/$value-sets?id=care-home-types-out-of-scope")
    assert "care-home-type-extra-care" in str(types)
    assert "care-home-type-learning-disability" not in str(types)

    text = files("cohort_service.definitions").joinpath(f"{COHORT}.yaml").read_text("utf-8")
    sized = text.replace('version: "3"', 'version: "4"').replace("under: 1}", "under: 5}")
    await define(area, sized)
    assert await listed(practice) == {large}
    assert await why_not(practice, small) == ["The home has fewer beds than the smallest in scope"]

    await define(area, text.replace('version: "3"', 'version: "5"'))
    assert await listed(practice) == {small, large}
    await furnish(operator, area.ids["oaks"], "extra-care", 40)
    assert await listed(practice) == {small}
    assert await why_not(practice, large) == ["The home is of a type that is not in scope"]
