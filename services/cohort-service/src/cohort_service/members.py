"""Who is in a cohort: rows kept in step with what is recorded, and the events that say who came and went."""

from __future__ import annotations

from typing import Any

from cohort_service.domain.care_home_residents import Residency
from cohort_service.domain.definition import Definition
from cohort_service.domain.residency_statements import Statement
from cohort_service.groups import ensure_group, practice_of
from tandem.clock import LONDON, from_micros
from tandem.database.connection import Row
from tandem.fhir.body import encode
from tandem.ids import deterministic_id
from tandem.service import Work

ENTERED = "tandem.cohort.entered"
LEFT = "tandem.cohort.left"


async def keep_member(work: Work, definition: Definition, patient: str, stay: Residency | None) -> None:
    """Bring the person's row in step with the stay that the records show, and say so when anything is new."""
    row = await work.connection.fetchrow(
        "SELECT * FROM group_member WHERE cohort = $1 AND patient = $2 AND until IS NULL", definition.id, patient
    )
    if stay is not None and stay.current:
        if row is None:
            await _enter(work, definition, patient, stay)
        else:
            await _revise(work, definition, row, stay)
    elif row is not None:
        await _leave(work, definition, row, stay)


def evidence_of(statements: tuple[Statement, ...]) -> list[dict[str, Any]]:
    """Statements as evidence: reference, code, display and date of each."""
    return [
        {"reference": each.reference, "code": each.code, "display": each.display, "date": each.recorded}
        for each in statements
    ]


async def _enter(work: Work, definition: Definition, patient: str, stay: Residency) -> None:
    number = 1 + await work.connection.fetchval(
        "SELECT COUNT(*) FROM group_member WHERE cohort = $1 AND patient = $2", definition.id, patient
    )
    identity = deterministic_id("member", definition.id, patient, str(number))
    await work.connection.execute(
        "INSERT INTO group_member (id, cohort, patient, number, since, since_date, definition, evidence, revision)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1)",
        identity, definition.id, patient, number, stay.since.starts, _day(stay.since.starts), definition.name,
        encode(evidence_of(stay.evidence)),
    )  # fmt: skip
    await _say_entered(work, definition, identity, patient, stay, 1)


async def _revise(work: Work, definition: Definition, row: Row, stay: Residency) -> None:
    """Other evidence for the same stay is kept; only another beginning is news to anyone."""
    evidence = encode(evidence_of(stay.evidence))
    moved = row["since"] != stay.since.starts
    if not moved and bytes(row["evidence"]) == evidence and row["definition"] == definition.name:
        return
    revision = row["revision"] + moved
    await work.connection.execute(
        "UPDATE group_member SET since = $2, since_date = $3, definition = $4, evidence = $5, revision = $6"
        " WHERE id = $1",
        row["id"], stay.since.starts, _day(stay.since.starts), definition.name, evidence, revision,
    )  # fmt: skip
    if moved:
        await _say_entered(work, definition, row["id"], row["patient"], stay, revision)


async def _leave(work: Work, definition: Definition, row: Row, stay: Residency | None) -> None:
    """`stay` is None when the evidence was taken back: then the stay ends where it began."""
    until = stay.until if stay is not None and stay.until is not None else row["since"]
    revision = row["revision"] + 1
    await work.connection.execute(
        "UPDATE group_member SET until = $2, revision = $3 WHERE id = $1", row["id"], until, revision
    )
    ended = stay.ended if stay is not None else None
    data = {
        "cohort": definition.id, "patient": f"Patient/{row['patient']}", "residency": row["id"], "revision": revision,
        "until": _day(until), "definition": definition.name, "evidence": evidence_of((ended,)) if ended else [],
        "reason": ended.meaning.value if ended else "evidence-withdrawn",
    }  # fmt: skip
    await work.emit(LEFT, data, key=f"{row['id']}/{revision}", patient=row["patient"])


async def _say_entered(
    work: Work, definition: Definition, identity: str, patient: str, stay: Residency, revision: int
) -> None:
    practice = await practice_of(work.connection, patient)
    group = f"Group/{await ensure_group(work, definition, practice)}" if practice is not None else None
    data = {
        "cohort": definition.id, "group": group, "patient": f"Patient/{patient}", "residency": identity,
        "revision": revision, "since": _day(stay.since.starts), "definition": definition.name,
        "evidence": evidence_of(stay.evidence),
    }  # fmt: skip
    await work.emit(ENTERED, data, key=f"{identity}/{revision}", patient=patient)


def _day(micros: int) -> str:
    """The date in London."""
    return from_micros(micros).astimezone(LONDON).date().isoformat()
