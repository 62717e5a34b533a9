"""Measures: events folded into facts, and the figures of a network and of an area beside statements by hand."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from statistics import median
from typing import Any, Final

import asyncpg
import httpx
from places import Place

from metrics_service.domain.facts.fact import Fact, Told
from metrics_service.domain.measures.span import Span
from metrics_service.facts.declaration import PART as FACTS
from metrics_service.facts.fold import FOREVER, fold
from metrics_service.measures.area import Area
from metrics_service.measures.evaluation import figures
from metrics_service.measures.shipped import definitions
from tandem.canonical import SNOMED_CT
from tandem.database.connection import Connection, open_database
from tandem.demo.client import FhirClient
from tandem.events.envelope import encode_event, received
from tandem.events.event import Event
from tandem.events.inbox import Inbox
from tandem.identity.organisations import COMMISSIONER, NETWORK
from tandem.synth import generate
from tandem_tests.running import EmbeddedTandem

_TOGETHER: Final = (50, 500)
"""Events a message, as the relay groups them; and a page, as a rebuild reads them."""
_START: Final = datetime(2020, 4, 1, 9, tzinfo=UTC)
_YEAR: Final = Span(date(2020, 4, 1).toordinal(), date(2021, 3, 31).toordinal())
_PRACTICE: Final = 10_000
"""People a practice."""
_BATCH: Final = 2_000


async def measures_fold(place: Place, *, events: int, rounds: int) -> dict[str, Any]:
    """Events a second that are folded, exactly once and durably, by one process; beside it their rows by COPY alone.

    The events are contacts: a row each, with a code. The aim is 5,000 a second.
    """
    url = place.database("metrics-service")
    raw = await asyncpg.connect(url)
    database = await open_database(url, pool_size=2)
    found: dict[str, Any] = {"events": events, "aim_per_second": 5_000}
    listeners = tuple(each for each in FACTS.listeners if each.name == "keep-facts")
    for together in _TOGETHER:
        rates = []
        for number in range(rounds):
            await raw.execute("TRUNCATE told_fact, told_version, inbox, inbox_version")
            envelopes = [encode_event(each) for each in _contacts(number * events, events)]
            inbox = Inbox(database, "metrics-service", listeners, _no_work)
            started = time.perf_counter()
            for start in range(0, events, together):
                await inbox.receive([each for one in envelopes[start : start + together] for each in received(one)])
            rates.append(events / (time.perf_counter() - started))
            held = await raw.fetchval("SELECT count(*) FROM told_fact")
            assert held == events, f"every event, and once: {held} of {events}"
        found[f"{together} together"] = {"per_second": round(median(rates)), "all": [round(each) for each in rates]}
    found["floor, rows by COPY"] = {"per_second": round(await _copied(raw, events))}
    await raw.close()
    await database.close()
    return found


async def measures_figures(place: Place, *, people: int, rounds: int) -> dict[str, Any]:
    """Seconds for all measures over a year for so many people, and five of them beside statements by hand."""
    url = place.database("metrics-service")
    raw = await asyncpg.connect(url)
    database = await open_database(url, pool_size=2)
    practices = tuple(f"A{81_000 + number}" for number in range(max(1, people // _PRACTICE)))
    filled = time.perf_counter()
    async with database.transaction() as connection:
        await _people(connection, people, practices)
    drawn = iter(_histories(people))
    facts = 0
    while batch := list(islice(drawn, _BATCH)):
        async with database.transaction() as connection:
            await fold(connection, batch)
        facts += sum(len(each.facts) for each in batch)
    filled = time.perf_counter() - filled
    await raw.execute("ANALYZE")
    kind = NETWORK if people <= 100_000 else COMMISSIONER
    area = Area("U1", kind, practices, ("U1", *practices))
    shipped = list(definitions().values())
    seconds, each_one = [], {}
    async with database.read() as connection:
        for _ in range(rounds):
            started = time.perf_counter()
            await figures(connection, shipped, area, _YEAR)
            seconds.append(time.perf_counter() - started)
        for definition in shipped:
            one = time.perf_counter()
            await figures(connection, [definition], area, _YEAR)
            each_one[definition.id] = time.perf_counter() - one
        compared = {
            name: await _beside(connection, raw, area, name, by_hand, rounds) for name, by_hand in _BY_HAND.items()
        }
    slowest = sorted(each_one, key=lambda name: each_one[name], reverse=True)[:8]
    await raw.close()
    await database.close()
    return {
        "people": people, "practices": len(practices), "facts": facts, "filled_per_second": round(facts / filled),
        "measures": len(shipped), "seconds": round(median(seconds), 3), "aim_seconds": 2 if people <= 100_000 else 60,
        "slowest": {name: round(each_one[name], 4) for name in slowest}, "beside": compared, "aim_ratio": 1.5,
    }  # fmt: skip


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
        figure = (await figures(connection, [definition], area, _YEAR))[0]
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


def _contacts(start: int, number: int) -> Iterator[Event]:
    for each in range(start, start + number):
        identity = f"bench-{each}"
        at = _START + timedelta(minutes=each % 500_000)
        contact = {
            "resourceType": "Encounter", "id": identity, "status": "finished", "class": {"code": "AMB"},
            "type": [{"coding": [{"system": "http://snomed.info/sct", "code": "185317003"}]}],
            "period": {"start": at.isoformat(), "end": (at + timedelta(minutes=10)).isoformat()},
        }  # fmt: skip
        yield Event(
            f"event-{each}", "fhir.Encounter.create", "cohort-service", at, f"Encounter/{identity}/_history/1",
            "Encounter", identity, 1, f"p{each % 50_000}", "A81000", position=each + 1, data=contact,
        )  # fmt: skip


async def _copied(raw: asyncpg.Connection, number: int) -> float:
    await raw.execute("TRUNCATE told_fact")
    rows = [
        (f"Encounter/{each}", 1, 0, "encounter", f"p{each % 50_000}", None, 737_500, 1, *[None] * 9, 0, FOREVER)
        for each in range(number)
    ]  # fmt: skip
    started = time.perf_counter()
    await raw.copy_records_to_table("told_fact", records=rows)
    return number / (time.perf_counter() - started)


async def _people(connection: Connection, people: int, practices: Sequence[str]) -> None:
    draw = random.Random(7)
    rows = [
        (f"p{number}", 1, practices[number % len(practices)], date(2020, 1, 1).toordinal() - draw.randrange(36_000),
         draw.choice(("male", "female")), 0, 4_000_000, 0, FOREVER)
        for number in range(people)
    ]  # fmt: skip
    columns = ("patient", "version", "practice", "born", "sex", "starts", "ends", "known_from", "known_until")
    await connection.copy_rows("told_person", columns, rows)


def _histories(people: int) -> Iterator[Told]:
    """What a year says of people: contacts, prescriptions, reviews, plans, referrals and stays on lists."""
    draw = random.Random(11)
    for number in range(people):
        told = _sources(f"p{number}", number)
        for _ in range(3):
            yield told("Encounter", _fact(draw, "encounter", category=draw.choice(_CONTACTS)))
        for _ in range(6):
            coding = f"https://www.nhsbsa.nhs.uk/bnf|{draw.choice(_BNF)}"
            issue = _fact(draw, "prescription", category="issue", detail="oral", codings=(coding,), value=28.0)
            yield told("MedicationRequest", issue)
        if number % 10 == 0:
            yield told("list-stay", Fact("list-stay", _YEAR.first, category="care-home-residents"))
            yield told("CarePlan", _fact(draw, "plan", status="active"))
        if number % 5 == 0:
            yield told("list-stay", Fact("list-stay", _YEAR.first, category="anticipatory-care"))
            yield told("medication-review", _fact(draw, "medication-review", status="completed", category="initial"))
        if number % 7 == 0:
            yield told("ServiceRequest", _fact(draw, "referral", category="social-prescribing", detail="gp"))


_CONTACTS: Final = ("consultation", "consultation", "outpatient", "emergency-admission", "urgent-care-attendance")
_BNF: Final = ("0501013B0AAABAB", "0407020Q0AAABAB", "0301011R0AAABAB", "0212000Y0AAABAB", "0601023A0AAABAB")


def _fact(draw: random.Random, kind: str, **words: Any) -> Fact:
    return Fact(kind, _YEAR.first + draw.randrange(365), **words)


def _sources(patient: str, number: int) -> Callable[[str, Fact], Told]:
    count = iter(range(1_000))

    def told(source: str, fact: Fact) -> Told:
        return Told(f"{source}/{number}-{next(count)}", 1, _START, patient, (fact,))

    return told


async def _no_work(*_: Any) -> Any:
    raise AssertionError("facts are folded together")


_STANDING: Final = "p.starts <= {0} AND p.ends > {0}"
_IN_YEAR: Final = f"f.known_until = {FOREVER} AND f.first BETWEEN {_YEAR.first} AND {_YEAR.last}"
_PRACTICES: Final = "p.practice = ANY($1::text[])"
_AT_END: Final = _STANDING.format(_YEAR.last)
_ON_DAY: Final = _STANDING.format("f.first")


def _stay(cohort: str, condition: str) -> str:
    return (
        f"EXISTS (SELECT 1 FROM told_fact s WHERE s.patient = p.patient AND s.kind = 'list-stay'"
        f" AND s.category = '{cohort}' AND s.known_until = {FOREVER} AND {condition})"
    )


_BY_HAND: Final[dict[str, str]] = {
    "smr-people-reviewed": (
        "SELECT count(DISTINCT f.patient) FROM told_fact f JOIN told_person p ON p.patient = f.patient"
        f" WHERE f.kind = 'medication-review' AND {_IN_YEAR} AND {_ON_DAY} AND {_PRACTICES}"
    ),
    "social-prescribing-referrals": (
        "SELECT count(*) FROM told_fact f JOIN told_person p ON p.patient = f.patient WHERE f.kind = 'referral'"
        " AND f.category = 'social-prescribing' AND (f.status IS NULL OR f.status <> 'revoked')"
        f" AND {_IN_YEAR} AND {_ON_DAY} AND {_PRACTICES}"
    ),
    "antimicrobials": (
        "SELECT count(*) FROM told_fact f JOIN told_person p ON p.patient = f.patient JOIN concept c"
        " ON c.number = f.concept WHERE f.kind = 'prescription' AND f.category = 'issue'"
        " AND f.detail IN ('oral', 'unstated') AND c.codings LIKE '%|0501%' AND c.codings NOT LIKE '%|050109%'"
        f" AND c.codings NOT LIKE '%|050110%' AND {_IN_YEAR} AND {_ON_DAY} AND {_PRACTICES}"
    ),
    "care-home-residents-with-a-plan": (
        f"SELECT count(*) FROM told_person p WHERE {_AT_END} AND {_PRACTICES} AND"
        f" {_stay('care-home-residents', f's.first <= {_YEAR.last} AND (s.last IS NULL OR s.last > {_YEAR.last})')}"
        " AND EXISTS (SELECT 1 FROM told_fact f WHERE f.patient = p.patient AND f.kind = 'plan' AND f.status = 'active'"
        f" AND f.known_until = {FOREVER} AND f.first <= {_YEAR.last} AND (f.last IS NULL OR f.last > {_YEAR.last}))"
    ),
    "resident-emergency-admissions": (
        "SELECT count(*) FROM told_fact f JOIN told_person p ON p.patient = f.patient WHERE f.kind = 'encounter'"
        f" AND f.category = 'emergency-admission' AND {_IN_YEAR} AND {_ON_DAY} AND {_PRACTICES}"
        f" AND {_stay('care-home-residents', 's.first <= f.first AND (s.last IS NULL OR s.last > f.first)')}"
    ),
}
"""Five measures as somebody who knows the tables would write them for one figure: the numerator alone."""
