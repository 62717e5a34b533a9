"""Referrals asked for, done and closed by services of their own over RabbitMQ and PostgreSQL, and messages posted."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import asyncpg
import httpx
import psutil
from places import Place

from tandem.canonical import ODS_CODE, REFERRAL_KIND
from tandem.demo.client import FhirClient
from tandem.fhir.ownership import SERVICES
from tandem_tests.neighbourhood import Neighbourhood, register, settle_in
from tandem_tests.referral_messages import headers_of, message
from tandem_tests.running import ServiceTandem

AT_ONCE = (1, 8)
"""Requests, and answers beside them, at a time: one shows how long a loop takes, eight how many there are a second."""
_PAGE = 100
_EACH = 10
"""Referrals of one person."""
_PATIENCE = 1_000
_STEPS = ("accepted", "in-progress", "completed")


async def referral_loops(place: Place, *, loops: int, messages: int) -> dict[str, Any]:
    """For each of AT_ONCE: loops a second, and how long it takes from a request to its Task and from the Task's end to
    the request's. The times are those that the two services kept, so that no reader of them adds anything. `lost` are
    loops that were not closed. `message` is how long a post of a message takes.
    """
    databases = {name: place.database(name) for name in (*SERVICES, "gateway")}
    system = ServiceTandem(place.folder / "services", databases, place.amqp_url)
    # Before the start: one process that does not become ready leaves none of the others behind.
    place.stack.callback(system.stop)
    system.start()
    # six processes wait for each other, so each runs where there is room
    for process in system.processes.values():
        for thread in psutil.Process(process.pid).threads():
            os.sched_setaffinity(thread.id, range(os.cpu_count() or 1))
    async with httpx.AsyncClient(timeout=120) as http:
        here = await settle_in(http, system)
        practice, provider = here.client(http, "practice"), here.client(http, "community")
        spells = {f"at_once_{many}": await _spell(practice, provider, here, loops, many) for many in AT_ONCE}
        posted = await _post(practice, here, messages)
    return {"loops": loops, **spells, "message": _figures(posted)}


async def _spell(
    practice: FhirClient, provider: FhirClient, here: Neighbourhood, loops: int, at_once: int
) -> dict[str, Any]:  # fmt: skip
    """So many loops of people of their own, so that no spell adds to what the next one has to look through."""
    people = [(await register(practice, here.organizations["practice"]))[0] for _ in range(-(-loops // _EACH))]
    await practice.caught_up()
    requests: set[str] = set()
    started = time.perf_counter()
    # A refusal of one ends the other, and is what the run fails with.
    async with asyncio.TaskGroup() as both:
        both.create_task(_ask(practice, here, people, loops, at_once, requests))
        both.create_task(_answer(provider, here, loops, at_once))
    await practice.caught_up()
    elapsed = time.perf_counter() - started
    assert isinstance(here.system, ServiceTandem)
    times = await _times(here.system.databases, requests)
    return {
        "per_second": round(loops / elapsed, 1), "lost": loops - len(times["closed"]),
        "request_to_task": _figures(times["asked"]), "completed_to_closed": _figures(times["closed"]),
    }  # fmt: skip


async def _each(count: int, at_once: int, work: Callable[[int], Awaitable[None]]) -> None:
    """So many pieces of work, `at_once` at a time."""
    numbers = iter(range(count))

    async def run() -> None:
        for number in numbers:
            await work(number)

    await asyncio.gather(*(run() for _ in range(at_once)))


async def _ask(
    client: FhirClient, here: Neighbourhood, people: list[str], loops: int, at_once: int, requests: set[str]
) -> None:  # fmt: skip
    async def ask(number: int) -> None:
        made = await client.create({
            "resourceType": "ServiceRequest", "status": "active", "intent": "order",
            "subject": {"reference": f"Patient/{people[number % len(people)]}"},
            "category": [{"coding": [{"system": REFERRAL_KIND, "code": "community-nursing"}]}],
            "code": {"text": f"Dressing {number}"}, "requester": here.reference("practice"),
            "performer": [here.reference("community")],
        })  # fmt: skip
        requests.add(made["id"])

    await _each(loops, at_once, ask)


async def _answer(client: FhirClient, here: Neighbourhood, loops: int, at_once: int) -> None:
    """The provider takes what its inbox holds, and does it, until all is done."""
    done, idle, owner = 0, 0, here.codes["community"]
    while done < loops:
        tasks = await client.search(f"Task?owner:identifier={ODS_CODE}|{owner}&status=requested&_count={_PAGE}")
        if not tasks:
            idle += 1
            if idle > _PATIENCE:
                raise RuntimeError(f"the provider was given {done} Tasks of {loops}")
            await asyncio.sleep(0.02)
            continue

        async def do(number: int, tasks: list[Any] = tasks) -> None:
            for status in _STEPS:
                change = [{"op": "replace", "path": "/status", "value": status}]
                await client.patch(f"Task/{tasks[number]['id']}", change)

        await _each(len(tasks), at_once, do)
        done += len(tasks)


async def _times(databases: dict[str, str], of: set[str]) -> dict[str, list[float]]:
    """Milliseconds of each loop of these requests, from what both services say of it."""
    requests = await _rows(databases["referral-service"], (
        "SELECT o.request, o.task, a.at AS asked, z.at AS closed FROM referral_loop o"
        " JOIN log a ON a.type = 'ServiceRequest' AND a.resource_id = o.request AND a.version = 1"
        " LEFT JOIN resource r ON r.type = 'ServiceRequest' AND r.id = o.request"
        " LEFT JOIN log z ON z.id = r.log_id AND o.outcome = 'completed'"
    ))  # fmt: skip
    tasks = await _rows(databases["mdt-service"], (
        "SELECT r.id, a.at AS made, z.at AS completed FROM resource r"
        " JOIN log a ON a.type = 'Task' AND a.resource_id = r.id AND a.version = 1 JOIN log z ON z.id = r.log_id"
        " WHERE r.type = 'Task'"
    ))  # fmt: skip
    by_id = {row["id"]: row for row in tasks}
    pairs = [(row, by_id[row["task"]]) for row in requests if row["request"] in of and row["task"] in by_id]
    return {
        "asked": [(task["made"] - row["asked"]) / 1e3 for row, task in pairs],
        "closed": [(row["closed"] - task["completed"]) / 1e3 for row, task in pairs if row["closed"] is not None],
    }


async def _rows(database: str, sql: str) -> list[Any]:
    connection = await asyncpg.connect(database)
    try:
        return list(await connection.fetch(sql))
    finally:
        await connection.close()


async def _post(client: FhirClient, here: Neighbourhood, messages: int) -> list[float]:
    """Milliseconds of each message posted, one after another."""
    sender, receiver = here.reference("practice")["identifier"], here.reference("community")["identifier"]
    taken: list[float] = []
    for _ in range(messages):
        body, headers = message(here.nhs_number, sender, receiver), headers_of(sender, receiver)
        started = time.perf_counter()
        answer = await client.request("POST", "$process-message", body, **headers)
        taken.append((time.perf_counter() - started) * 1e3)
        if answer.status_code != 200:
            raise RuntimeError(f"$process-message: {answer.status_code}")
    return taken


def _figures(times: Iterable[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {f"p{share}_ms": round(ordered[int(len(ordered) * share / 100)], 1) for share in (50, 90, 95)}
