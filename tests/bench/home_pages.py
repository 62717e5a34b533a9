"""Pages of care homes: the first one of a network, which counts all its homes, and that of the next home."""

from __future__ import annotations

import os
import time
from typing import Any, Final

import asyncpg
import httpx
from dashboard_pages import NETWORK, five_years
from measured_population import START, YEAR
from places import Place, cpu_seconds

from metrics_service.domain.facts.fact import Fact, Told
from metrics_service.facts.fold import fold
from metrics_service.measures.area import Area
from metrics_service.measures.evaluation import figures
from metrics_service.measures.narrowed import Narrowed
from metrics_service.measures.shipped import definitions
from tandem.canonical import CARE_HOME_ALIGNMENT
from tandem.database.connection import Connection, open_database

_HOMES: Final = 15
_RESIDENTS: Final = 40
"""Of each home; every tenth person of the population is on the list of residents, and these live in a home, too."""
_ASKED: Final = {"organisation": NETWORK, "as-of": "2021-03-31"}


async def homes(place: Place, *, people: int) -> dict[str, Any]:
    """Milliseconds of the first page of a home on a day, of the first of another home, and of both again; and the
    processor time of one session of PostgreSQL for the measures of one home, and of all homes together."""
    url = place.database("metrics-service")
    facts = await five_years(url, people)
    await settle(url)
    found: dict[str, Any] = {"people": people, "facts": facts, "homes": _HOMES, "residents": _HOMES * _RESIDENTS}
    found["postgresql_cpu_seconds"] = await _processor_seconds(url)
    service = place.service("metrics-service", url)
    os.sched_setaffinity(service.pid, range(os.cpu_count() or 1))
    # The other services are away: a network itself is refused while nobody can say who its members are.
    headers = {"Authorization": f"Bearer {place.token(NETWORK, operator=True)}"}
    async with httpx.AsyncClient(base_url=service.url, headers=headers, timeout=600) as http:
        for name in ("first", "again"):
            for number in (0, 1):
                started = time.perf_counter()
                (await http.get(f"/dashboard/homes/{home(number)}", params=_ASKED)).raise_for_status()
                found[f"{name}_page_of_home_{number}_ms"] = round((time.perf_counter() - started) * 1e3)
    return found | {"aim_first_ms": 2_000}


def home(number: int) -> str:
    """The code of a home."""
    return f"VH{number:03}"


async def settle(url: str) -> None:
    """Align the homes to the network, let people live in them, and let something happen on rounds."""
    told = []
    for number in range(_HOMES):
        aligned = Fact("affiliation", 0, category=CARE_HOME_ALIGNMENT, organisation=home(number), place=NETWORK)
        told.append(Told(f"OrganizationAffiliation/{number}", 1, START, None, (aligned,)))
        for resident in range(_RESIDENTS):
            patient = f"p{(number * _RESIDENTS + resident) * 10}"
            stay = Fact("care-home-stay", YEAR.first - 2_000, place=home(number))
            seen = Fact(
                "action", YEAR.first + (number * 7 + resident * 3) % 365, status="completed", category="round-review"
            )
            told.append(Told(f"EpisodeOfCare/{patient}", 1, START, patient, (stay,)))
            told.append(Told(f"Task/{patient}", 1, START, patient, (seen,)))
    database = await open_database(url, pool_size=2)
    async with database.transaction() as connection:
        await fold(connection, told)
    await database.close()
    raw = await asyncpg.connect(url, timeout=600)
    for number in range(_HOMES):
        known = "INSERT INTO organisation (id, code, kind, active) VALUES ($1, $1, 'care-home', 1)"
        await raw.execute(known, home(number))
    await raw.execute("VACUUM ANALYZE")
    await raw.close()


async def _processor_seconds(url: str) -> dict[str, float]:
    """For the measures of a home over a year, without parallel workers."""
    database = await open_database(url, pool_size=1)
    async with database.read() as connection:
        await connection.execute("SET max_parallel_workers_per_gather = 0")
        found = {
            "one_home": await _counted(connection, Narrowed(home=home(0))),
            "all_homes": await _counted(connection, Narrowed(homes=tuple(map(home, range(_HOMES))))),
            "network": await _counted(connection, Narrowed()),
        }
    await database.close()
    return found


async def _counted(connection: Connection, narrowed: Narrowed) -> float:
    practices = [row["member"] for row in await connection.fetch("SELECT DISTINCT member FROM membership")]
    organisations = (NETWORK, *practices, *map(home, range(_HOMES)))
    area = Area(NETWORK, "network", tuple(sorted(practices)), organisations, narrowed, (NETWORK,))
    session = await connection.fetchval("SELECT pg_backend_pid()")
    before = cpu_seconds([session])
    await figures(connection, [each for each in definitions().values() if each.of_one_home], area, YEAR)
    return round(cpu_seconds([session]) - before, 2)
