"""Places, waiting, bodies and lag: what is full says so with 503 and Retry-After, and counts back to nothing."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.caller import Caller, service_caller
from tandem.runtime.overload import Admitted, Overload
from tandem.settings import Settings

PRACTICE, OTHER, SERVICE = Caller("A81001"), Caller("B82002"), service_caller("mdt-service")


def overload(**limits: Any) -> Overload:
    return Overload(replace(Settings(), **limits))


async def under_way(rule: Overload, caller: Caller = PRACTICE) -> Admitted:
    visit = rule.visit()
    visit.admit(caller)
    await visit.begin()
    return visit


def assert_empty(rule: Overload) -> None:
    for lane in (rule.clients, rule.services):
        assert (lane.in_flight, lane.waiting, lane.held) == (0, 0, 0)


def assert_unavailable(error: FhirError) -> None:
    assert error.kind is Kind.UNAVAILABLE
    assert 1 <= int(error.headers["Retry-After"]) <= 4


async def test_who_comes_when_all_places_are_taken_waits_and_is_served_in_order() -> None:
    rule = overload(max_in_flight=1, max_waiting=2)
    first = await under_way(rule)
    order: list[str] = []

    async def one(name: str) -> None:
        visit = await under_way(rule, OTHER)
        order.append(name)
        visit.end()

    waiting = [asyncio.create_task(one("second")), asyncio.create_task(one("third"))]
    while rule.clients.waiting < 2:
        await asyncio.sleep(0)
    with pytest.raises(FhirError) as caught:
        rule.visit().admit(OTHER)
    assert_unavailable(caught.value)
    first.end()
    await asyncio.gather(*waiting)
    assert order == ["second", "third"]
    assert_empty(rule)


async def test_a_service_has_places_that_no_client_takes() -> None:
    rule = overload(max_in_flight=1, max_waiting=0)
    client = await under_way(rule)
    service = await under_way(rule, SERVICE)
    with pytest.raises(FhirError) as caught:
        await under_way(rule, SERVICE)
    assert_unavailable(caught.value)
    client.end()
    service.end()
    assert_empty(rule)


async def test_nobody_waits_for_longer_than_that() -> None:
    rule = overload(max_in_flight=1, max_wait=1)
    first = await under_way(rule)
    with pytest.raises(FhirError) as caught:
        await under_way(rule, OTHER)
    assert_unavailable(caught.value)
    first.end()
    (await under_way(rule)).end()


async def test_whoever_leaves_while_waiting_leaves_no_place_taken() -> None:
    rule = overload(max_in_flight=1)
    first = await under_way(rule)
    waiting = [asyncio.create_task(under_way(rule, OTHER)) for _ in range(2)]
    while rule.clients.waiting < 2:
        await asyncio.sleep(0)
    waiting[0].cancel()
    await asyncio.gather(waiting[0], return_exceptions=True)
    # the place is handed over in the moment in which the other one gives up
    first.end()
    waiting[1].cancel()
    await asyncio.gather(waiting[1], return_exceptions=True)
    assert (rule.clients.in_flight, rule.clients.waiting) == (0, 0)


async def test_bodies_are_counted_until_the_answer_is_taken() -> None:
    rule = overload(max_held=1000)
    visit = rule.visit()
    visit.admit(PRACTICE)
    visit.hold(600)
    other = rule.visit()
    other.admit(OTHER)
    with pytest.raises(FhirError) as caught:
        other.hold(401)
    assert_unavailable(caught.value)
    assert caught.value.headers["Connection"] == "close"
    other.end()
    await visit.begin()
    visit.answered(1200)
    assert rule.clients.held == 1200, "an answer that is made is counted, whatever the limit"
    assert rule.clients.in_flight == 0
    visit.end()
    visit.end()
    assert_empty(rule)


async def test_one_organisation_is_told_of_its_share_before_the_process_is_full() -> None:
    rule = overload(caller_in_flight=1)
    visit = await under_way(rule)
    with pytest.raises(FhirError) as caught:
        rule.visit().admit(PRACTICE)
    assert caught.value.kind is Kind.THROTTLED
    (await under_way(rule, OTHER)).end()
    visit.end()
    (await under_way(rule)).end()


async def test_a_late_loop_refuses_clients_and_no_service() -> None:
    rule = overload(max_lag=1000)
    rule.note_lag(1.5)
    (await under_way(rule)).end()
    rule.note_lag(1.7)
    with pytest.raises(FhirError) as caught:
        rule.visit().admit(PRACTICE)
    assert_unavailable(caught.value)
    (await under_way(rule, SERVICE)).end()
    rule.note_lag(0.0)
    (await under_way(rule)).end()
