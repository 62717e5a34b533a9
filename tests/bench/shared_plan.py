"""How long one reader waits for the shared plan: embedded on SQLite, and as services of their own on PostgreSQL."""

from __future__ import annotations

import os
import time
from typing import Any

import httpx
import psutil
from places import SERVER_CORE, Place, cpu_seconds, pin

from tandem.fhir.ownership import SERVICES
from tandem_tests.running import EmbeddedTandem, ServiceTandem
from tandem_tests.whole_plan import WholePlan, enter_whole_plan

GOALS, ACTIONS, MEDICINES = 40, 60, 200
_FIRST = 5
"""Readings that are not counted: they find nothing prepared."""
_FORMS = {"bundle": "json", "page": "html"}


async def shared_plan(place: Place, *, readings: int) -> dict[str, Any]:
    """p50 and p95 in milliseconds of `readings` requests after each other, by a place and a form; the floor's too.

    `cpu_ms` is the processor time of all servers of the system for one reading, which a busy machine does not lengthen.
    """
    found: dict[str, Any] = {"goals": GOALS, "actions": ACTIONS, "medicines": MEDICINES, "readings": readings}
    embedded = EmbeddedTandem(place.folder / "embedded", "--clock", "2020-07-01T09:00+01:00")
    embedded.start()
    place.stack.callback(embedded.stop)
    pin(embedded.process.pid, SERVER_CORE)
    found["embedded"] = await _measured(embedded, readings)
    embedded.stop()

    databases = {name: place.database(name) for name in (*SERVICES, "gateway")}
    services = ServiceTandem(place.folder / "services", databases, place.amqp_url)
    services.start()
    place.stack.callback(services.stop)
    # six processes wait for each other, so each runs where there is room
    for pid in _pids(services):
        for thread in psutil.Process(pid).threads():
            os.sched_setaffinity(thread.id, range(os.cpu_count() or 1))
    found["postgresql"] = await _measured(services, readings, place=place, floor=databases["careplan-service"])
    return found


async def _measured(
    system: EmbeddedTandem | ServiceTandem, readings: int, *, place: Place | None = None, floor: str = ""
) -> dict[str, Any]:
    async with httpx.AsyncClient(timeout=120) as http:
        whole = await enter_whole_plan(http, system, goals=GOALS, actions=ACTIONS, medicines=MEDICINES)
        token = system.token(whole.here.codes["practice"])
        asked = {
            name: (f"{system.url}/fhir/{whole.address('shared-plan')}?_format={form}", token)
            for name, form in _FORMS.items()
        }  # fmt: skip
        if place is not None:
            asked["floor"] = (_floor(place, floor, whole), "")
        times: dict[str, list[float]] = {name: [] for name in asked}
        used = dict.fromkeys(asked, 0.0)
        for number in range(readings + _FIRST):
            for name, (url, bearer) in asked.items():
                before, started = cpu_seconds(_pids(system)), time.perf_counter()
                answer = await http.get(url, headers={"Authorization": f"Bearer {bearer}"} if bearer else {})
                took = (time.perf_counter() - started) * 1e3
                if answer.status_code != 200:
                    raise RuntimeError(f"{name}: {answer.status_code}")
                if number >= _FIRST:
                    times[name].append(took)
                    used[name] += (cpu_seconds(_pids(system)) - before) * 1e3
    return {
        name: _figures(each) | ({} if name == "floor" else {"cpu_ms": round(used[name] / readings, 1)})
        for name, each in times.items()
    }


def _pids(system: EmbeddedTandem | ServiceTandem) -> list[int]:
    if isinstance(system, EmbeddedTandem):
        return [system.process.pid]
    return [process.pid for process in system.processes.values()]


def _floor(place: Place, database: str, whole: WholePlan) -> str:
    url, _ = place.floor("plan", database)
    return f"{url}/?patient={whole.here.person}&organisation={whole.here.codes['practice']}"


def _figures(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {"p50_ms": round(ordered[len(ordered) // 2], 1), "p95_ms": round(ordered[int(len(ordered) * 0.95)], 1)}
