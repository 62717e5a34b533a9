"""The rows of entries: who is proposed, on the register, or kept off it, and what brought each person there.

An entry counts while the person is registered with the practice, alive, and, on the register, also on the list of the
cohort: a clinician who takes somebody off that list takes them off the register too.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cohort_service.domain.case_register.entry import Status
from cohort_service.domain.case_register.sources import COHORTS, JUDGEMENT, REGISTER
from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection, Row
from tandem.fhir.body import encode

_HERE = (
    "p.practice = {practice} AND p.deleted = 0 AND NOT EXISTS (SELECT 1 FROM person gone"
    " WHERE gone.patient = p.id AND (gone.died <= {day} OR gone.left_on <= {day}))"
)
LISTED = f"""(
  SELECT e.patient, e.status, e.since_day, e.reason, e.meeting, COALESCE(g.priority, 0) AS priority,
         COALESCE(g.rank, 0) AS rank,
         (SELECT COUNT(*) FROM register_source s WHERE s.practice = e.practice AND s.patient = e.patient) AS sources
  FROM register_entry e JOIN patient p ON p.id = e.patient
  LEFT JOIN group_member g ON g.patient = e.patient AND g.cohort = '{REGISTER}' AND g.until IS NULL
  WHERE e.practice = $1 AND {_HERE.format(practice="$1", day="$2")}
    AND (e.status <> 'on-register' OR g.id IS NOT NULL)
  UNION ALL
  SELECT g.patient, 'candidate', NULL, NULL, NULL, g.priority, g.rank, 0
  FROM group_member g JOIN patient p ON p.id = g.patient
  WHERE g.cohort = '{REGISTER}' AND g.until IS NULL AND {_HERE.format(practice="$1", day="$2")}
    AND NOT EXISTS (SELECT 1 FROM register_entry e WHERE e.practice = $1 AND e.patient = g.patient)
)"""
"""Everybody with an entry, and who is on the cohort's list without one yet: of practice `$1` on day `$2`."""


@dataclass(frozen=True, slots=True)
class NewEntry:
    """How a person stands from a day on; `decided_by` is the code of the organisation, None for what a run found."""

    patient: str
    status: Status
    day: int
    reason: str | None = None
    meeting: str | None = None
    decided_by: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A person whom a source finds, in words and by records (`reference`, `system`, `code`, `display`, `date`)."""

    patient: str
    source: str
    detail: str | None = None
    evidence: Sequence[Mapping[str, Any]] = ()


async def standing_of(connection: Connection, practice: str, patients: Collection[str]) -> dict[str, Status]:
    """How these people stand; those without an entry are left out."""
    rows = await connection.fetch(
        f"SELECT patient, status FROM register_entry WHERE practice = $1"
        f" AND patient {among(connection.dialect, '$2', 'text')}",
        practice, array(connection.dialect, patients),
    )  # fmt: skip
    return {row["patient"]: row["status"] for row in rows}


async def days_of_status(connection: Connection, practice: str, patients: Collection[str]) -> dict[str, int]:
    """The day from which each of these people stands as it does."""
    rows = await connection.fetch(
        f"SELECT patient, since_day FROM register_entry WHERE practice = $1"
        f" AND patient {among(connection.dialect, '$2', 'text')}",
        practice, array(connection.dialect, patients),
    )  # fmt: skip
    return {row["patient"]: row["since_day"] for row in rows}


async def keep_entries(connection: Connection, practice: str, entries: Sequence[NewEntry], at: int) -> None:
    """Write how people stand. Who stood so already keeps the day and the meeting; else it is a new decision."""
    await connection.executemany(
        "INSERT INTO register_entry (practice, patient, status, since_day, reason, meeting, decided_by, at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (practice, patient) DO UPDATE SET"
        " since_day = CASE WHEN register_entry.status = excluded.status THEN register_entry.since_day"
        " ELSE excluded.since_day END, status = excluded.status, reason = excluded.reason,"
        " meeting = COALESCE(excluded.meeting, CASE WHEN register_entry.status = excluded.status"
        " THEN register_entry.meeting END), decided_by = excluded.decided_by,"
        " at = excluded.at",
        [(practice, each.patient, each.status, each.day, each.reason, each.meeting, each.decided_by, at)
         for each in entries],
    )  # fmt: skip


async def keep_sources(
    connection: Connection, practice: str, found: Sequence[Found], day: int, named_by: str, run: str | None
) -> None:
    """Write what brought people there. A source that was there keeps its day; what it says is brought up to date."""
    await connection.executemany(
        "INSERT INTO register_source (practice, patient, source, day, detail, evidence_json, run, named_by)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (practice, patient, source) DO UPDATE SET"
        " detail = COALESCE(excluded.detail, register_source.detail),"
        " evidence_json = COALESCE(excluded.evidence_json, register_source.evidence_json),"
        " run = CASE WHEN register_source.run IS NULL THEN NULL ELSE excluded.run END",
        [(practice, each.patient, each.source, day, each.detail, encode(list(each.evidence)) if each.evidence else None,
          run, named_by) for each in found],
    )  # fmt: skip


async def forget_lapsed(connection: Connection, practice: str, sources: Collection[str], run: str) -> None:
    """Candidates whom these sources found before and not in this run are theirs no more; without any they go.

    What brought somebody onto the register stays with the entry.
    """
    these = array(connection.dialect, sources)
    candidates = "SELECT e.patient FROM register_entry e WHERE e.practice = $1 AND e.status = 'candidate'"
    await connection.execute(
        f"DELETE FROM register_source WHERE practice = $1 AND source {among(connection.dialect, '$2', 'text')}"
        f" AND run IS NOT NULL AND run <> $3 AND patient IN ({candidates})",
        practice, these, run,
    )  # fmt: skip
    await connection.execute(
        "DELETE FROM register_entry WHERE practice = $1 AND status = 'candidate' AND NOT EXISTS"
        " (SELECT 1 FROM register_source s WHERE s.practice = $1 AND s.patient = register_entry.patient)",
        practice,
    )


async def listed(
    connection: Connection, practice: str, day: int, statuses: Collection[str], page: tuple[int, int],
    seen: Callable[[list[Any]], str],
) -> list[Row]:  # fmt: skip
    """A page (count, offset) of the people with these statuses: on the register first, then by sources and rank.

    `seen` adds its values to those of the statement and answers a condition over `l`.
    """
    params: list[Any] = [practice, day, array(connection.dialect, statuses)]
    condition = seen(params)
    place = len(params) + 1
    return list(await connection.fetch(
        f"SELECT l.* FROM {LISTED} l WHERE l.status {among(connection.dialect, '$3', 'text')} AND {condition}"
        " ORDER BY CASE WHEN l.status = 'on-register' THEN 0 ELSE 1 END, l.sources DESC, l.priority DESC, l.rank DESC,"
        f" l.patient LIMIT ${place} OFFSET ${place + 1}",
        *params, *page,
    ))  # fmt: skip


async def people_on_register(connection: Connection, practice: str, day: int) -> list[str]:
    """The ids of those on the register, in order."""
    rows = await connection.fetch(
        f"SELECT l.patient FROM {LISTED} l WHERE l.status = 'on-register' ORDER BY l.patient", practice, day
    )
    return [row["patient"] for row in rows]


async def sources_of(connection: Connection, practice: str, patients: Collection[str]) -> dict[str, list[Row]]:
    """What is kept of why each of these people was proposed, by source."""
    rows = await connection.fetch(
        "SELECT * FROM register_source WHERE practice = $1"
        f" AND patient {among(connection.dialect, '$2', 'text')} ORDER BY patient, source",
        practice, array(connection.dialect, patients),
    )  # fmt: skip
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["patient"], []).append(row)
    return found


async def sources_by_lists(connection: Connection, patients: Collection[str]) -> dict[str, dict[str, str]]:
    """What the lists these people are on would say: by patient, source and the first date (`2020-06-01`)."""
    source_of = {cohort: source for source, cohorts in COHORTS.items() for cohort in cohorts} | {REGISTER: JUDGEMENT}
    rows = await connection.fetch(
        "SELECT patient, cohort, origin, since_date FROM group_member WHERE until IS NULL"
        f" AND cohort {among(connection.dialect, '$1', 'text')}"
        f" AND patient {among(connection.dialect, '$2', 'text')} ORDER BY since_date DESC",
        array(connection.dialect, source_of), array(connection.dialect, patients),
    )  # fmt: skip
    found: dict[str, dict[str, str]] = {patient: {} for patient in patients}
    for row in rows:
        if row["cohort"] != REGISTER or row["origin"] == "judgement":
            found[row["patient"]][source_of[row["cohort"]]] = row["since_date"]
    return found


async def members_here(connection: Connection, cohort: str, practice: str, day: int) -> int:
    """How many people of the practice are on a cohort's list."""
    return int(await connection.fetchval(
        "SELECT COUNT(*) FROM group_member g JOIN patient p ON p.id = g.patient WHERE g.cohort = $3"
        f" AND g.until IS NULL AND {_HERE.format(practice='$1', day='$2')}",
        practice, day, cohort,
    ))  # fmt: skip
