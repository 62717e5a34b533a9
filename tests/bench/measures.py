"""Measures: the figures of a network and of an area beside statements by hand, and how soon a change is in one."""

from __future__ import annotations

import resource
import time
from collections.abc import Sequence
from statistics import median
from typing import Any, Final

import asyncpg
import httpx
import psutil
from measured_population import YEAR, fill, practices_of
from places import Place, cpu_seconds

from metrics_service.domain.measures.definition import Definition
from metrics_service.facts.fold import FOREVER
from metrics_service.measures.area import Area
from metrics_service.measures.evaluation import figures
from metrics_service.measures.shipped import definitions
from tandem.canonical import SNOMED_CT
from tandem.database.connection import Connection, open_database
from tandem.demo.client import FhirClient
from tandem.identity.organisations import COMMISSIONER, NETWORK
from tandem.synth import generate
from tandem_tests.running import EmbeddedTandem


async def measures_figures(place: Place, *, people: int, rounds: int) -> dict[str, Any]:
    """Seconds for all measures over a year for so many people, and five of them beside statements by hand."""
    url = place.database("metrics-service")
    raw = await asyncpg.connect(url)
    database = await open_database(url, pool_size=2)
    practices = practices_of(people)
    filled = time.perf_counter()
    facts = await fill(database, people)
    filled = time.perf_counter() - filled
    # What autovacuum does by and by: statistics, and which pages an index may answer for.
    await raw.execute("VACUUM ANALYZE")
    kind = NETWORK if people <= 100_000 else COMMISSIONER
    area = Area("U1", kind, practices, ("U1", *practices))
    shipped = list(definitions().values())
    seconds, each_one = [], {}
    async with database.read() as connection:
        for _ in range(rounds):
            started = time.perf_counter()
            await figures(connection, shipped, area, YEAR)
            seconds.append(time.perf_counter() - started)
        used = await _processor_seconds(connection, shipped, area)
        for definition in shipped:
            one = time.perf_counter()
            await figures(connection, [definition], area, YEAR)
            each_one[definition.id] = time.perf_counter() - one
        compared = {
            name: await _beside(connection, raw, area, name, by_hand, rounds) for name, by_hand in _BY_HAND.items()
        }
    slowest = sorted(each_one, key=lambda name: each_one[name], reverse=True)[:8]
    await raw.close()
    await database.close()
    return {
        "people": people, "practices": len(practices), "facts": facts, "filled_per_second": round(facts / filled),
        "measures": len(shipped), "seconds": round(median(seconds), 3), "postgresql_cpu_seconds": used,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "aim_seconds": 2 if people <= 100_000 else 60, "aim_ratio": 1.5, "beside": compared,
        "slowest": {name: round(each_one[name], 4) for name in slowest},
    }  # fmt: skip


async def _processor_seconds(connection: Connection, shipped: Sequence[Definition], area: Area) -> float | None:
    """What one session of PostgreSQL computes for all of them without help: a busy machine lengthens that less than
    the clock. None where the server is not on this machine."""
    session = await connection.fetchval("SELECT pg_backend_pid()")
    if not psutil.pid_exists(session):
        return None
    await connection.execute("SET max_parallel_workers_per_gather = 0")
    before = cpu_seconds([session])
    await figures(connection, shipped, area, YEAR)
    used = cpu_seconds([session]) - before
    await connection.execute("RESET max_parallel_workers_per_gather")
    return round(used, 2)


async def measures_lag(place: Place, *, changes: int) -> dict[str, Any]:
    """Milliseconds from the answer of a write to the first figure that includes it, asked for again and again, in the
    embedded system. The aim is a second at the 95th percentile."""
    generate(300, 2, 7, place.folder / "network")
    system = EmbeddedTandem(place.folder / "data", "--clock", "2020-07-01T09:00+01:00")
    system.start()
    place.stack.callback(system.stop)
    ndjson = b"".join(path.read_bytes() for path in sorted((place.folder / "network").glob("*.ndjson")))
    async with httpx.AsyncClient(timeout=60) as http:
        client = FhirClient(http, system.url, system.token("T0001", operator=True))
        await client.ingest(ndjson)
        [network] = {each["identifier"][0]["value"] for each in await client.search("Organization?type=network")}
        [patient, *_] = await client.search("Patient?_count=1")
        path = f"Measure/smr-people-reviewed/$evaluate-measure?{_JUNE}&organisation={network}"
        lags, number = [], await _appointments(client, path)
        for _ in range(changes):
            await client.create({
                "resourceType": "Procedure", "status": "completed",
                "subject": {"reference": f"Patient/{patient['id']}"},
                "code": {"coding": [{"system": SNOMED_CT, "code": "1239511000000100"}]},
                "performedDateTime": "2020-06-10",
            })  # fmt: skip
            started = time.perf_counter()
            while await _appointments(client, path) <= number:
                pass
            lags.append((time.perf_counter() - started) * 1e3)
            number += 1
    ordered = sorted(lags)
    return {
        "changes": changes, "p50_ms": round(median(ordered), 1), "p95_ms": round(ordered[int(changes * 0.95)], 1),
        "aim_p95_ms": 1000,
    }  # fmt: skip


async def _appointments(client: FhirClient, path: str) -> int:
    [group] = (await client.call("GET", path))["group"]
    [found] = [each for each in group["population"] if each["code"]["coding"][0]["code"] == "appointments"]
    return int(found["count"])


_JUNE: Final = "periodStart=2020-06-01&periodEnd=2020-06-30"


async def _beside(
    connection: Connection, raw: asyncpg.Connection, area: Area, name: str, by_hand: str, rounds: int
) -> dict[str, Any]:
    definition = definitions()[name]
    ours, hands = [], []
    for _ in range(max(rounds, 3)):
        started = time.perf_counter()
        figure = (await figures(connection, [definition], area, YEAR))[0]
        ours.append(time.perf_counter() - started)
        started = time.perf_counter()
        counted = await raw.fetchrow(by_hand, list(area.practices))
        hands.append(time.perf_counter() - started)
    whole = (figure.whole.numerator, figure.whole.denominator)
    assert whole[0] == float(counted[0]), (name, whole, tuple(counted))
    return {
        "tandem_ms": round(median(ours) * 1e3, 2), "by_hand_ms": round(median(hands) * 1e3, 2),
        "times": round(median(ours) / median(hands), 3), "counted": whole[0],
    }  # fmt: skip


_STANDING: Final = "p.starts <= {0} AND p.ends > {0}"
_INYEAR: Final = f"f.known_until = {FOREVER} AND f.first BETWEEN {YEAR.first} AND {YEAR.last}"
_PRACTICES: Final = "p.practice = ANY($1::text[])"
_AT_END: Final = _STANDING.format(YEAR.last)
_ON_DAY: Final = _STANDING.format("f.first")


def _stay(cohort: str, condition: str) -> str:
    return (
        f"EXISTS (SELECT 1 FROM told_fact s WHERE s.patient = p.patient AND s.kind = 'list-stay'"
        f" AND s.category = '{cohort}' AND s.known_until = {FOREVER} AND {condition})"
    )


_BY_HAND: Final[dict[str, str]] = {
    "smr-people-reviewed": (
        "SELECT count(DISTINCT f.patient) FROM told_fact f JOIN told_person p ON p.patient = f.patient"
        f" WHERE f.kind = 'medication-review' AND {_INYEAR} AND {_ON_DAY} AND {_PRACTICES}"
    ),
    "social-prescribing-referrals": (
        "SELECT count(*) FROM told_fact f JOIN told_person p ON p.patient = f.patient WHERE f.kind = 'referral'"
        " AND f.category = 'social-prescribing' AND (f.status IS NULL OR f.status <> 'revoked')"
        f" AND {_INYEAR} AND {_ON_DAY} AND {_PRACTICES}"
    ),
    "antimicrobials": (
        "SELECT count(*) FROM told_fact f JOIN told_person p ON p.patient = f.patient JOIN concept c"
        " ON c.number = f.concept WHERE f.kind = 'prescription' AND f.category = 'issue'"
        " AND f.detail IN ('oral', 'unstated') AND c.codings LIKE '%|0501%' AND c.codings NOT LIKE '%|050109%'"
        f" AND c.codings NOT LIKE '%|050110%' AND {_INYEAR} AND {_ON_DAY} AND {_PRACTICES}"
    ),
    "care-home-residents-with-a-plan": (
        f"SELECT count(*) FROM told_person p WHERE {_AT_END} AND {_PRACTICES} AND"
        f" {_stay('care-home-residents', f's.first <= {YEAR.last} AND (s.last IS NULL OR s.last > {YEAR.last})')}"
        " AND EXISTS (SELECT 1 FROM told_fact f WHERE f.patient = p.patient AND f.kind = 'plan' AND f.status = 'active'"
        f" AND f.known_until = {FOREVER} AND f.first <= {YEAR.last} AND (f.last IS NULL OR f.last > {YEAR.last}))"
    ),
    "resident-emergency-admissions": (
        "SELECT count(*) FROM told_fact f JOIN told_person p ON p.patient = f.patient WHERE f.kind = 'encounter'"
        f" AND f.category = 'emergency-admission' AND {_INYEAR} AND {_ON_DAY} AND {_PRACTICES}"
        f" AND {_stay('care-home-residents', 's.first <= f.first AND (s.last IS NULL OR s.last > f.first)')}"
    ),
}
"""Five measures as somebody who knows the tables would write them for one figure: the numerator alone."""
