"""Twenty organisations edit one plan at once: by `$contribute`, and by reading it and storing it with If-Match."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import asyncpg
import httpx
from places import Place

from tandem.canonical import SNOMED_CT
from tandem.demo.client import FhirClient
from tandem.fhir.body import Resource, decode
from tandem.identity.periods import BEGINNING, FOREVER

ORGANISATIONS = 20
_CODES = ["A81001", *(f"RX{number:03}" for number in range(1, ORGANISATIONS))]
_PERSON = "00000000-0000-4000-8000-000000000001"


async def contributions(place: Place, *, each: int) -> dict[str, Any]:
    """Each organisation makes so many contributions (a goal, an activity and a note) one after another.

    Then so many writes of the whole plan, each tried again until no other came between. `lost` counts what was answered
    with success and is not in the plan, `failed` every other answer.
    """
    database = place.database("careplan-service")
    await _open(database)
    service = place.service("careplan-service", database)
    limits = httpx.Limits(max_connections=ORGANISATIONS, max_keepalive_connections=ORGANISATIONS)
    async with httpx.AsyncClient(timeout=120, limits=limits) as http:
        clients = [FhirClient(http, service.url, place.token(code)) for code in _CODES]
        plan = await _draft(clients[0])
        merged = await _spell(clients, plan, each, _contribute)
        again = await _draft(clients[0])
        stored = await _spell(clients, again, each, _store)
    return {"organisations": ORGANISATIONS, "each": each, "contribute": merged, "read_and_put": stored}


async def _open(database: str) -> None:
    connection = await asyncpg.connect(database)
    await connection.execute("INSERT INTO patient (id, practice) VALUES ($1, $2)", _PERSON, _CODES[0])
    await connection.execute(
        "INSERT INTO access (patient, organisation, reason, starts, ends)"
        " SELECT $1, u, 'registered', $3, $4 FROM unnest($2::text[]) u", _PERSON, _CODES, BEGINNING, FOREVER,
    )  # fmt: skip
    await connection.close()


async def _draft(client: FhirClient) -> str:
    made = await client.create({
        "resourceType": "CarePlan", "status": "draft", "intent": "plan",
        "category": [{"coding": [{"system": SNOMED_CT, "code": "2181441000000107"}]}],
        "subject": {"reference": f"Patient/{_PERSON}"},
    })  # fmt: skip
    return f"CarePlan/{made['id']}"


async def _spell(clients: list[FhirClient], plan: str, each: int, write: Any) -> dict[str, Any]:
    taken: list[float] = []
    refused: list[int] = []

    async def run(number: int, client: FhirClient) -> None:
        for count in range(each):
            started = time.perf_counter()
            refused.extend(await write(client, plan, f"{number}.{count}"))
            taken.append(time.perf_counter() - started)

    started = time.perf_counter()
    await asyncio.gather(*(run(number, client) for number, client in enumerate(clients)))
    elapsed = time.perf_counter() - started
    held = await clients[0].read(plan)
    found = {one["text"] for one in held["note"]}
    wanted = {f"{number}.{count}" for number in range(len(clients)) for count in range(each)}
    ordered = sorted(taken)
    return {
        "per_second": round(len(taken) / elapsed, 1), "p50_ms": _at(ordered, 0.5), "p95_ms": _at(ordered, 0.95),
        "lost": len(wanted - found), "stale": refused.count(412), "failed": len(refused) - refused.count(412),
        "entries": len(held["note"]) + len(held.get("goal", ())) + len(held.get("activity", ())),
    }  # fmt: skip


def _at(ordered: list[float], share: float) -> float:
    return round(ordered[int(len(ordered) * share)] * 1000, 1)


async def _contribute(client: FhirClient, plan: str, text: str) -> list[int]:
    goal = {"resourceType": "Goal", "lifecycleStatus": "active", "description": {"text": text}}
    body = {"resourceType": "Parameters", "parameter": [
        {"name": "goal", "resource": goal}, {"name": "note", "valueString": text},
        {"name": "activity", "part": [{"name": "description", "valueString": text}]},
    ]}  # fmt: skip
    answer = await client.request("POST", f"{plan}/$contribute", body)
    return [] if answer.status_code == 200 else [answer.status_code]


async def _store(client: FhirClient, plan: str, text: str) -> list[int]:
    refused: list[int] = []
    while True:
        read = await client.request("GET", plan)
        held: Resource = decode(read.content)
        body = {**held, "note": [*held.get("note", ()), {"text": text}]}
        answer = await client.request("PUT", plan, body, If_Match=read.headers["etag"])
        if answer.status_code == 200:
            return refused
        refused.append(answer.status_code)
        if answer.status_code != 412:
            return refused
