"""Whom each source finds among the people of a practice, with the records that say so (PCPC-045)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from cohort_service.case_register.entry_rows import Found
from cohort_service.catalogue.current import current_selection
from cohort_service.domain.case_register.sources import (
    ALERT,
    COHORTS,
    CONDITIONS,
    JUDGEMENT,
    PROFILE,
    REGISTER,
    RISK,
)
from cohort_service.domain.definition_language.references import references_of
from cohort_service.domain.judgement import in_force
from cohort_service.lists.current_evidence import evidence_shown
from cohort_service.lists.judgement_rows import judgements_of
from cohort_service.networks.profile_rows import Profile
from tandem.canonical import BASE, SNOMED_CT
from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection, Row
from tandem.london_days import date_of, day_number
from tandem.record_facts.fact import UNDATED

DECISION_SYSTEM = f"{BASE}/CodeSystem/case-register-decision"
"""Reason codes of the judgements by which a decision of the register reaches the list."""
_RECORDS = 5
_PROBABILITY = "http://terminology.hl7.org/CodeSystem/risk-probability"
_HERE = (
    "p.practice = $1 AND p.deleted = 0 AND (n.died IS NULL OR n.died > $2) AND (n.left_on IS NULL OR n.left_on > $2)"
)


@dataclass(frozen=True, slots=True)
class Looking:
    """Among whom is looked, and with what: a practice (a code), its profile, and how many of the characteristics that
    the profile names a person has to have."""

    practice: str
    as_of: date
    profile: Profile | None
    characteristics: int

    @property
    def day(self) -> int:
        return day_number(self.as_of)


async def found_by(connection: Connection, looking: Looking, source: str) -> list[Found]:
    """The people whom a source finds, each once."""
    if source == PROFILE:
        return await _by_profile(connection, looking)
    if source == JUDGEMENT:
        return await _by_judgement(connection, looking)
    found = await _by_cohorts(connection, looking, source)
    if source == ALERT:
        # Being on the register for avoiding unplanned admissions is a source of its own, however it is recorded.
        found += _of_facts(source, await _facts(
            connection, looking, "r.reference LIKE 'Flag/%' AND c.code <> $3", "unplanned-admissions-case-register"
        ))  # fmt: skip
    if source == RISK:
        found += _of_facts(source, await _facts(
            connection, looking, "r.reference LIKE 'RiskAssessment/%' AND c.system = $3 AND c.code IN ($4, $5)",
            _PROBABILITY, "high", "certain",
        ))  # fmt: skip
    return _each_once(found)


async def _by_cohorts(connection: Connection, looking: Looking, source: str) -> list[Found]:
    cohorts = COHORTS.get(source, ())
    if not cohorts:
        return []
    selection = await current_selection(connection, looking.as_of)
    titles = {name: each.title for name, each in selection.definitions.items()}
    rows = await connection.fetch(
        "SELECT m.patient, m.cohort, m.number, m.until, m.origin, m.evidence FROM group_member m"
        " JOIN patient p ON p.id = m.patient"
        f" JOIN person n ON n.patient = m.patient WHERE m.until IS NULL AND {_HERE}"
        f" AND m.cohort {among(connection.dialect, '$3', 'text')} ORDER BY m.patient, m.cohort",
        looking.practice, looking.day, array(connection.dialect, cohorts),
    )  # fmt: skip
    evidence = await evidence_shown(connection, selection, looking.as_of, rows)
    return [
        Found(patient, source, titles.get(cohort, cohort), records)
        for (cohort, patient, _), records in sorted(evidence.items(), key=lambda each: (each[0][1], each[0][0]))
    ]


async def _by_judgement(connection: Connection, looking: Looking) -> list[Found]:
    """Those whom a clinician put on the cohort's list; the register's own decisions about its entries are none."""
    rows = await connection.fetch(
        "SELECT DISTINCT j.patient, e.status FROM judgement j JOIN patient p ON p.id = j.patient"
        " JOIN person n ON n.patient = j.patient"
        " LEFT JOIN register_entry e ON e.practice = p.practice AND e.patient = j.patient"
        f" WHERE j.cohort = '{REGISTER}' AND j.decision = 'add' AND {_HERE} ORDER BY j.patient",
        looking.practice, looking.day,
    )  # fmt: skip
    judged = await judgements_of(connection, [row["patient"] for row in rows])
    found = []
    for row in rows:
        words = in_force(judged.get((REGISTER, row["patient"]), ()), looking.day)
        word = words.membership
        own = word is not None and (word.reason_code or {}).get("system") == DECISION_SYSTEM
        if word is not None and words.adds and not (own and row["status"] is not None):
            found.append(Found(row["patient"], JUDGEMENT, word.reason[:200]))
    return found


async def _by_profile(connection: Connection, looking: Looking) -> list[Found]:
    """Those with a current record of so many of the characteristics that the profile gives a code for."""
    if looking.profile is None:
        return []
    named: dict[str, list[Found]] = {}
    for each in looking.profile.body:
        parts = {part["name"]: part for part in each.get("part", ())}
        coding = parts.get("code", {}).get("valueCoding")
        if coding is None:
            continue
        rows = await _facts(
            connection, looking, f"c.number {among(connection.dialect, '$3', 'bigint')}",
            array(connection.dialect, await _meant_by(connection, looking, coding)),
        )  # fmt: skip
        for found in _of_facts(PROFILE, rows, str(parts["name"]["valueString"])):
            named.setdefault(found.patient, []).append(found)
    return _each_once(each for found in named.values() if len(found) >= looking.characteristics for each in found)


async def _meant_by(connection: Connection, looking: Looking, coding: dict[str, Any]) -> Collection[int]:
    """The concepts a characteristic means: its code, and all of any value set of the eight conditions that holds it."""
    code = await connection.fetchval(
        "SELECT number FROM concept WHERE system = $1 AND code = $2", coding.get("system", SNOMED_CT), coding["code"]
    )
    if code is None:
        return []
    selection = await current_selection(connection, looking.as_of)
    concepts = {int(code)}
    for cohort in COHORTS[CONDITIONS]:
        definition = selection.definitions.get(cohort)
        for name in references_of(definition).value_sets if definition is not None else ():
            members = selection.value_sets.get(name, ())
            if code in members:
                concepts.update(members)
    return sorted(concepts)


async def _facts(connection: Connection, looking: Looking, condition: str, *params: Any) -> Sequence[Row]:
    return await connection.fetch(
        "SELECT n.patient, r.reference, c.system, c.code, c.display, f.starts FROM fact f"
        " JOIN person n ON n.number = f.person JOIN patient p ON p.id = n.patient"
        " JOIN record r ON r.number = f.record JOIN concept c ON c.number = f.concept"
        f" WHERE {_HERE} AND f.starts <= $2 AND (f.ends IS NULL OR f.ends > $2) AND {condition}"
        " ORDER BY n.patient, f.starts DESC, r.reference, c.code",
        looking.practice, looking.day, *params,
    )  # fmt: skip


def _of_facts(source: str, rows: Iterable[Row], title: str | None = None) -> list[Found]:
    """One for each person; in words the title, or else what the newest record says."""
    people: dict[str, list[Row]] = {}
    for row in rows:
        people.setdefault(row["patient"], []).append(row)
    return [
        Found(patient, source, title or these[0]["display"] or these[0]["code"], [_record(row) for row in these])
        for patient, these in people.items()
    ]


def _record(row: Row) -> dict[str, Any]:
    shown = {name: row[name] for name in ("reference", "system", "code", "display") if row[name]}
    return {**shown, "date": date_of(row["starts"]).isoformat()} if row["starts"] > UNDATED else shown


def _each_once(found: Iterable[Found]) -> list[Found]:
    people: dict[str, list[Found]] = {}
    for each in found:
        people.setdefault(each.patient, []).append(each)
    return [
        Found(
            patient, these[0].source, "; ".join(dict.fromkeys(each.detail for each in these if each.detail)),
            [record for each in these for record in each.evidence[:_RECORDS]][: _RECORDS * 2],
        )
        for patient, these in people.items()
    ]  # fmt: skip


