"""Seven days from admission to an agreed plan: met on day seven, breached on day eight, as everybody sees it.

`seven_days_pass` is the story; it begins on 1 July 2020 and ends after midnight on the 9th.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from tandem.demo.client import FhirClient
from tandem_tests.neighbourhood import admit, agree, plan_of, register, settle_in
from tandem_tests.running import EmbeddedTandem, ServiceTandem

AGREED = "agreed-within-seven-days"
DUE = "2020-07-08T22:59:59.999999Z"
"""The end of 8 July in London: seven days after the day of admission."""
JULY = "periodStart=2020-07-01&periodEnd=2020-07-31"


def parts(clock: dict[str, Any]) -> dict[str, Any]:
    """The parts of one `clock` parameter by name."""
    return {part["name"]: next(value for key, value in part.items() if key != "name") for part in clock["part"]}


async def clock_of(client: FhirClient, plan: str) -> dict[str, Any]:
    """The plan's clock that asks for its agreement."""
    shown = await client.call("GET", f"CarePlan/{plan}/$clocks")
    clocks = [parts(each) for each in shown["parameter"] if each["name"] == "clock"]
    return next(clock for clock in clocks if clock["kind"] == AGREED)


async def overdue(client: FhirClient) -> set[str]:
    """The plans whose agreement is overdue, as the practice's list shows them."""
    shown = await client.call("GET", f"CarePlan/$clocks?state=overdue&kind={AGREED}")
    clocks = [parts(each) for each in shown["parameter"] if each["name"] == "clock"]
    return {clock["plan"]["reference"].partition("/")[2] for clock in clocks}


async def figures(client: FhirClient) -> dict[str, int]:
    """What the MeasureReport of July counts about plans and clocks."""
    await client.caught_up()
    report = await client.call("GET", f"Measure/shared-care-activity/$evaluate-measure?{JULY}")
    counted = {each["code"]["coding"][0]["code"]: each["count"] for each in report["group"][0]["population"]}
    return {name: counted[name] for name in ("plans-agreed", "plans-agreed-within-seven-days", "clocks-breached")}


async def seven_days_pass(
    system: EmbeddedTandem | ServiceTandem, http: httpx.AsyncClient, move: Callable[[str], Awaitable[None]]
) -> None:
    """Two plans are opened, one is agreed in time and one late; `move` sets the domain clock."""
    here = await settle_in(http, system)
    practice = here.client(http, "practice")
    plans = []
    for _ in range(2):
        person, _ = await register(practice, here.organizations["practice"])
        await admit(practice, person, "2020-07-01")
        plans.append((await plan_of(practice, person))["id"])
    in_time, late = plans
    for plan in plans:
        clock = await clock_of(practice, plan)
        assert (clock["state"], clock["due"][:19]) == ("running", DUE[:19])

    await move("2020-07-08T23:30")
    await agree(practice, in_time)
    clock = await clock_of(practice, in_time)
    assert (clock["state"], clock["met"]) == ("stopped", True)
    assert (await clock_of(practice, late))["state"] == "running"
    assert await figures(practice) == {
        "plans-agreed": 1, "plans-agreed-within-seven-days": 1, "clocks-breached": 0,
    }  # fmt: skip

    await move("2020-07-09T00:01")
    clock = await clock_of(practice, late)
    assert (clock["state"], clock["met"]) == ("overdue", False)
    assert await overdue(practice) == await overdue(here.client(http, "network")) == {late}
    assert await figures(practice) == {
        "plans-agreed": 1, "plans-agreed-within-seven-days": 1, "clocks-breached": 1,
    }  # fmt: skip

    await agree(practice, late)
    clock = await clock_of(practice, late)
    assert (clock["state"], clock["met"]) == ("stopped", False)
    assert await overdue(practice) == set()
    assert await figures(practice) == {
        "plans-agreed": 2, "plans-agreed-within-seven-days": 1, "clocks-breached": 1,
    }  # fmt: skip
