"""The lists of a fresh network, counted again from its files by hand: no definition, value set or fact is used here."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import httpx

from tandem.demo.client import FhirClient
from tandem.fhir.body import Resource
from tandem.synth import generate
from tandem_tests.running import EmbeddedTandem

START = "2020-07-01T09:00+01:00"
TODAY, THREE_MONTHS_AGO = date(2020, 7, 1), date(2020, 4, 1)
AMOXICILLIN = "Amoxicillin"
PAIN_AND_SLEEP = {"Codeine", "Gabapentin", "Temazepam", "Zopiclone"}
FRAILTY = {"925791000000100": "mild", "925831000000107": "moderate", "925861000000102": "severe"}
IN_A_HOME, ELSEWHERE = {"160734000", "394923006", "248171000000108"}, {"160943002", "360875003"}
LONG_TERM = {
    "59621000": "hypertension", "38341003": "hypertension", "414545008": "heart", "53741008": "heart",
    "84114007": "heart failure", "49436004": "atrial fibrillation", "230690007": "stroke", "399957001": "legs",
    "44054006": "diabetes", "46635009": "diabetes", "13645005": "COPD", "195967001": "asthma", "433144002": "kidneys",
    "52448006": "dementia", "35489007": "depression", "84757009": "epilepsy", "49049000": "Parkinson's",
    "396275006": "osteoarthritis", "64859006": "osteoporosis", "110359009": "learning disability",
    "254837009": "cancer", "399068003": "cancer", "363358000": "cancer", "93761005": "cancer",
}  # fmt: skip


@dataclass
class Record:
    """What the files say of one person; an order is its substance, its first day and the day after its last."""

    patient: Resource
    conditions: list[tuple[date, str]] = field(default_factory=list)
    said: list[tuple[date, str]] = field(default_factory=list)
    orders: list[tuple[str, date, date]] = field(default_factory=list)

    @property
    def age(self) -> int:
        born = date.fromisoformat(self.patient["birthDate"])
        return TODAY.year - born.year - ((TODAY.month, TODAY.day) < (born.month, born.day))

    def takes(self, since: date = TODAY) -> set[str]:
        """The substances in use at any time from a day on."""
        return {name for name, first, after in self.orders if first <= TODAY and after > since}

    def screened(self, codes: set[str], since: date) -> bool:
        return any(code in codes and since <= day <= TODAY for day, code in self.said)


def multimorbid(record: Record) -> bool:
    return len({LONG_TERM[code] for _, code in record.conditions if code in LONG_TERM}) >= 2


def polypharmacy(record: Record) -> bool:
    return len(record.takes() - {AMOXICILLIN}) >= 10


def addictive(record: Record) -> bool:
    return len(record.takes() & PAIN_AND_SLEEP) >= 2


def unprotected(record: Record) -> bool:
    """PINCER A."""
    lately = record.takes(since=THREE_MONTHS_AGO)
    return record.age >= 65 and "Ibuprofen" in lately and "Lansoprazole" not in lately


def severely_frail(record: Record) -> bool:
    degrees = [(day, FRAILTY[code]) for day, code in record.conditions if code in FRAILTY]
    newest = max((day for day, _ in degrees), default=None)
    return (newest, "severe") in degrees


def bowel_screening_due(record: Record) -> bool:
    codes = {"384171000000104", "1101361000000103", "1101371000000105"}
    return 60 <= record.age <= 74 and not record.screened(codes, date(2018, 7, 1))


def cervical_screening_due(record: Record) -> bool:
    since = date(2017, 7, 1) if record.age < 50 else date(2015, 7, 1)
    asked = record.patient["gender"] == "female" and 25 <= record.age <= 64
    return asked and not record.screened({"1020451000000104"}, since)


def resident(record: Record) -> bool:
    homes = [(day, code in IN_A_HOME) for day, code in record.said if code in IN_A_HOME | ELSEWHERE]
    return bool(homes) and max(homes)[1]


RULES: dict[str, Callable[[Record], bool]] = {
    "multimorbidity": multimorbid, "smr-polypharmacy": polypharmacy, "smr-addictive-pain-medicines": addictive,
    "pincer-gi-a": unprotected, "frailty-severe": severely_frail, "bowel-screening-overdue": bowel_screening_due,
    "cervical-screening-overdue": cervical_screening_due, "care-home-residents": resident,
}  # fmt: skip


def rows(folder: Path, kind: str) -> list[Resource]:
    """The resources of one file."""
    return [json.loads(line) for line in (folder / f"{kind}.ndjson").read_text("utf-8").splitlines()]


def day(text: str) -> date:
    """A date or the date of a time; the network writes its times in London's."""
    return datetime.fromisoformat(text).date()


def records(folder: Path) -> dict[str, Record]:
    """Everybody of the network who is alive."""
    people = {each["id"]: Record(each) for each in rows(folder, "Patient")}

    def of(resource: Resource) -> Record:
        return people[(resource.get("subject") or resource["patient"])["reference"].removeprefix("Patient/")]

    for each in rows(folder, "Condition"):
        of(each).conditions.append((day(each["onsetDateTime"]), each["code"]["coding"][0]["code"]))
    for each in rows(folder, "Observation"):
        of(each).said.append((day(each["effectiveDateTime"]), each["code"]["coding"][0]["code"]))
    for each in rows(folder, "EpisodeOfCare"):
        of(each).said.append((day(each["period"]["start"]), each["type"][0]["coding"][0]["code"]))
    for each in rows(folder, "MedicationRequest"):
        began = day(each["authoredOn"])
        after = date.max if each["status"] == "active" else began + timedelta(days=28)
        of(each).orders.append((each["medicationCodeableConcept"]["text"].split()[0], began, after))
    return {key: each for key, each in people.items() if "deceasedDateTime" not in each.patient}


async def test_every_list_has_the_people_whom_a_count_by_hand_finds(
    new_system: Callable[..., EmbeddedTandem],
    tandem: Callable[..., subprocess.CompletedProcess[str]],
    http: httpx.AsyncClient,
    tmp_path: Path,
) -> None:
    system = await asyncio.to_thread(new_system, "--clock", START)
    folder = tmp_path / "network"
    summary = generate(patients=400, practices=1, seed=4711, out=folder)
    operator = system.token("T0001", operator=True)
    loaded = await asyncio.to_thread(tandem, "load", folder, "--url", system.url, "--token", operator)
    assert loaded.returncode == 0, loaded.stdout + loaded.stderr

    practice = FhirClient(http, system.url, system.token(summary.practice_codes[0]))
    people = records(folder)
    for cohort, rule in RULES.items():
        counted = {key for key, each in people.items() if rule(each)}
        listed = await practice.call("GET", f"Group/$members?cohort={cohort}&_count=1000")
        members = {each["entity"]["reference"].removeprefix("Patient/") for each in listed.get("member", ())}
        assert counted, f"nobody of the network is in {cohort}: the count shows nothing"
        assert members == counted, cohort
