"""An urgent response on six processes with PostgreSQL and RabbitMQ: assessed, referred, late, explained."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx

from tandem.demo.client import eventually
from tandem_tests.neighbourhood import settle_in
from tandem_tests.network_area import parameters, part, values
from tandem_tests.services_of_a_test import NewServices
from tandem_tests.urgent_referrals import assess, clock_of, move_task, named, task_of


async def test_an_assessed_person_waits_too_long_and_everybody_sees_whose_breach_it_is(
    new_services: NewServices, tandem: Callable[..., Any], http: httpx.AsyncClient
) -> None:
    system = new_services("--clock", "2020-10-24T23:30+01:00")
    here = await settle_in(http, system)
    practice, community = here.client(http, "practice"), here.client(http, "community")
    answer = named(
        (await assess(practice, here, purpose="avoid-admission", performer=here.reference("community")))["parameter"]
    )
    request = answer["request"]["reference"].removeprefix("ServiceRequest/")
    task = await task_of(community, request)
    assert (await clock_of(practice, request))["due"] == "2020-10-25T00:30:00.000Z"

    async def overdue() -> list[Any]:
        return values(await practice.call("GET", "ServiceRequest/$clocks?state=overdue"), "clock")

    assert await overdue() == []
    urls = [option for process in system.processes.values() for option in ("--url", process.url)]
    # Summer time ends in between: half past one comes twice.
    moment = "2020-10-25T01:31:00+01:00"
    moved = await asyncio.to_thread(tandem, "clock", "set", moment, "--data", system.data, *urls)
    assert moved.returncode == 0, moved.stderr
    [late] = await eventually(overdue, practice.caught_up)
    assert (named(late)["owner"], named(late)["met"]) == (here.codes["community"], False)

    await community.call(
        "POST", f"ServiceRequest/{request}/$record-breach-reason", parameters(part("reason", valueCode="travel"))
    )
    for status in ("accepted", "in-progress"):
        await move_task(community, task, status)
    clock = await clock_of(community, request)
    assert (clock["state"], clock["stopped"], clock["met"]) == ("stopped", "2020-10-25T00:31:00.000Z", False)
    shown = await practice.call("GET", f"ServiceRequest/$urgent-board?practice={here.codes['practice']}")
    [responded] = map(named, values(shown, "responded"))
    assert (responded["minutes"], responded["breach-reason"]) == (121, "travel")
    figures = await here.client(http, "commissioner").call("GET", "ServiceRequest/$urgent-board?hours=48")
    assert here.person not in str(figures)
    listed = await community.call(
        "GET", f"ServiceRequest/$urgent-response-assessments?network={here.codes['network']}&eligible=true"
    )
    [shown_again] = map(named, values(listed, "assessment"))
    assert shown_again["request"] == answer["request"]
