"""The care home list follows what is corrected, and so do the clocks of the plan."""

from __future__ import annotations

from typing import Any

import httpx

from tandem.demo.client import FhirClient, eventually
from tandem.fhir.body import Resource
from tandem_tests.neighbourhood import admit, agree, plan_of, settle_in
from tandem_tests.running import EmbeddedTandem

OF_THE_STAY = "kind=agreed-within-seven-days&kind=community-input-within-seven-working-days"


def named(parameters: Resource, name: str) -> list[Any]:
    """The values of the parameters of this name."""
    return [
        next(value for key, value in each.items() if key != "name")
        for each in parameters["parameter"]
        if each["name"] == name
    ]


async def clock_states(client: FhirClient, plan: str) -> set[str]:
    """Where those clocks of a plan stand that a stay starts."""
    shown = await client.call("GET", f"CarePlan/{plan}/$clocks?{OF_THE_STAY}")
    return {part["valueCode"] for each in named(shown, "clock") for part in each if part["name"] == "state"}


async def counted(client: FhirClient, population: str) -> int:
    """What the MeasureReport of June and July counts."""
    await client.caught_up()
    period = "periodStart=2020-06-01&periodEnd=2020-07-31"
    report = await client.call("GET", f"Measure/shared-care-activity/$evaluate-measure?{period}")
    populations = {each["code"]["coding"][0]["code"]: each["count"] for each in report["group"][0]["population"]}
    return int(populations[population])


async def test_a_record_entered_in_error_takes_the_person_off_the_list_and_closes_the_clocks(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    here = await settle_in(http, embedded)
    practice = here.client(http, "practice")
    observation = f"Observation/{await admit(practice, here.person, '2020-06-30')}"
    plan = (await plan_of(practice, here.person))["id"]
    [group] = await practice.search("Group?code=care-home-residents")
    explain = f"Group/{group['id']}/$explain?patient=Patient/{here.person}"

    why = await practice.call("GET", explain)
    assert named(why, "member") == [True]
    [evidence] = named(why, "evidence")
    assert {"name": "reference", "valueReference": {"reference": observation}} in evidence
    assert await clock_states(practice, plan) == {"running"}
    assert await counted(practice, "care-home-residents") == 1

    await practice.patch(observation, [{"op": "replace", "path": "/status", "value": "entered-in-error"}])
    await practice.caught_up()
    why = await practice.call("GET", explain)
    assert (named(why, "member"), named(why, "evidence"), named(why, "since")) == ([False], [], [])
    [member] = (await practice.call("GET", f"Group/{group['id']}/$members?history=true"))["member"]
    assert member["inactive"] is True
    assert member["period"]["end"] == member["period"]["start"] == "2020-06-30"
    assert await clock_states(practice, plan) == {"closed"}
    assert await counted(practice, "care-home-residents") == 0
    assert (await practice.read(f"CarePlan/{plan}"))["status"] == "draft", "what was written of the plan stays"


async def test_an_admission_that_is_moved_and_moved_back_moves_the_clocks_with_it(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    here = await settle_in(http, embedded)
    practice = here.client(http, "practice")
    observation = f"Observation/{await admit(practice, here.person, '2020-06-30')}"
    plan = (await plan_of(practice, here.person))["id"]

    async def begins(day: str) -> bool:
        shown = await practice.call("GET", f"CarePlan/{plan}/$clocks?{OF_THE_STAY}")
        starts = {part["valueInstant"] for each in named(shown, "clock") for part in each if part["name"] == "starts"}
        return starts == {f"{day}T23:00:00.000Z"}

    assert await begins("2020-06-29")
    for day, begun in (("2020-06-20", "2020-06-19"), ("2020-06-30", "2020-06-29")):
        await practice.patch(observation, [{"op": "replace", "path": "/effectiveDateTime", "value": day}])
        assert await eventually(lambda begun=begun: begins(begun), practice.caught_up)
    await agree(practice, plan)
    assert await counted(practice, "plans-agreed-within-seven-days") == 1, "by the day of admission as it is known now"
