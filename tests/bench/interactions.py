"""Create, read and search, each against its floor."""

from __future__ import annotations

from typing import Any

from http_load import request_bytes
from places import Place
from rounds import Side, compare
from sample import PATIENTS, PRACTICE, TASKS_EACH, patient_id, task
from seeding import seed, task_id

from tandem.fhir.body import encode
from tandem_tests.running import TandemProcess

CLIENTS = 16


async def interactions(place: Place, part: str, *, tasks: int, seconds: float, rounds: int) -> dict[str, Any]:
    """`create`, `read`, or `search` over 1,000 Tasks and over `tasks`, in a database of 1,000."""
    pace: dict[str, Any] = {"clients": CLIENTS, "seconds": seconds, "rounds": rounds}
    database = place.database("mdt-service")
    await seed(database, PATIENTS * TASKS_EACH)
    service = place.service("mdt-service", database)
    if part == "create":
        # A database of its own: the service's relay would otherwise publish what the floor leaves in its outbox.
        beside = place.database("mdt-service")
        await seed(beside, PATIENTS * TASKS_EACH)
        floor = place.floor("write", beside)
        return {part: await compare(_writes(*floor), _writes(service.url, service.pid, place), status=201, **pace)}
    if part == "read":
        floor = place.floor("read", database)
        return {part: await compare(_reads(*floor), _reads(service.url, service.pid, place), status=200, **pace)}
    return await _searched(place, service, database, tasks, pace)


async def _searched(
    place: Place, service: TandemProcess, database: str, tasks: int, pace: dict[str, Any]
) -> dict[str, Any]:
    floor = place.floor("search", database)
    few = _searches(service.url, service.pid, PATIENTS, place)
    found = {"search_1000": await compare(_searches(*floor, PATIENTS), few, status=200, **pace)}
    large = place.database("mdt-service")
    await seed(large, tasks)
    second, patients = place.service("mdt-service", large), tasks // TASKS_EACH
    floor = place.floor("search", large)
    many = _searches(second.url, second.pid, patients, place)
    found[f"search_{tasks}"] = await compare(_searches(*floor, patients), many, status=200, **pace)
    found["search_growth"] = await _growth(place, service, second, patients, pace)
    return found


async def _growth(
    place: Place, service: TandemProcess, second: TandemProcess, patients: int, pace: dict[str, Any]
) -> dict[str, Any]:
    few = _searches(service.url, service.pid, PATIENTS, place)
    many = _searches(second.url, second.pid, patients, place)
    compared = await compare(few, many, status=200, **pace)
    return {"few": compared["floor"], "many": compared["tandem"], "times": round(1 / compared["ratio"], 3),
            "p50_times": round(compared["tandem"]["p50_ms"] / compared["floor"]["p50_ms"], 3)}  # fmt: skip


def _token(place: Place | None) -> str | None:
    return place.token(PRACTICE) if place is not None else None


def _writes(url: str, pid: int, place: Place | None = None) -> Side:
    token = _token(place)
    bodies = [encode(task(patient_id(number))) for number in range(1, PATIENTS + 1)]
    return Side(url, pid, [request_bytes("POST", f"{url}/fhir/Task", token, body) for body in bodies])


def _reads(url: str, pid: int, place: Place | None = None) -> Side:
    token = _token(place)
    ids = [task_id(number) for number in range(1, PATIENTS * TASKS_EACH + 1)]
    return Side(url, pid, [request_bytes("GET", f"{url}/fhir/Task/{each}", token) for each in ids])


def _searches(url: str, pid: int, patients: int, place: Place | None = None) -> Side:
    token = _token(place)
    queries = [f"patient=Patient/{patient_id(number)}&status=requested" for number in range(1, patients + 1)]
    return Side(url, pid, [request_bytes("GET", f"{url}/fhir/Task?{query}", token) for query in queries])
