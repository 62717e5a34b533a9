"""The rows of members: read and written for many people at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from cohort_service.domain.membership import Ending, Standing, Wanted
from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection, Row
from tandem.fhir.body import encode
from tandem.ids import deterministic_id
from tandem.london_days import beginning_of, date_of, day_number

Evidence = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A row without an end. `revision` is what events last gave."""

    id: str
    cohort: str
    patient: str
    revision: int
    standing: Standing


@dataclass(frozen=True, slots=True)
class NewMember:
    """A row to be written; `since` is a day."""

    id: str
    cohort: str
    patient: str
    number: int
    since: int
    wanted: Wanted
    evidence: Evidence


async def standing_rows(
    connection: Connection, patients: Collection[str], cohorts: Collection[str] | None
) -> list[MemberRow]:
    """The current memberships of these people; with `cohorts` only of these."""
    rows = await connection.fetch(
        "SELECT id, cohort, patient, since_date, definition, origin, rank, priority, revision FROM group_member"
        f" WHERE until IS NULL AND patient {among(connection.dialect, '$1', 'text')}",
        array(connection.dialect, patients),
    )
    return [_row(row) for row in rows if cohorts is None or row["cohort"] in cohorts]


async def stays_before(connection: Connection, patients: Collection[str]) -> dict[tuple[str, str], int]:
    """How many memberships each of these people has had of each cohort, by (cohort, patient)."""
    rows = await connection.fetch(
        "SELECT cohort, patient, COUNT(*) AS stays FROM group_member"
        f" WHERE patient {among(connection.dialect, '$1', 'text')} GROUP BY cohort, patient",
        array(connection.dialect, patients),
    )
    return {(row["cohort"], row["patient"]): row["stays"] for row in rows}


def member_id(cohort: str, patient: str, number: int) -> str:
    """The id of a person's membership of this number."""
    return deterministic_id("member", cohort, patient, str(number))


async def enter(connection: Connection, members: Iterable[NewMember]) -> None:
    """Write new memberships, of revision 1."""
    await connection.executemany(
        "INSERT INTO group_member (id, cohort, patient, number, since, since_date, definition, evidence, revision,"
        " origin, rank, priority) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $10, $11)",
        [
            (
                new.id, new.cohort, new.patient, new.number, beginning_of(new.since), date_of(new.since).isoformat(),
                new.wanted.definition, encode(new.evidence), new.wanted.origin, new.wanted.rank, new.wanted.priority,
            )
            for new in members
        ],
    )  # fmt: skip


async def leave(connection: Connection, endings: Iterable[tuple[MemberRow, Ending]]) -> None:
    """End memberships; each is a further revision."""
    await connection.executemany(
        "UPDATE group_member SET until = $2, ended_by = $3, revision = $4 WHERE id = $1",
        [(row.id, beginning_of(end.until), end.by, row.revision + 1) for row, end in endings],
    )


async def keep(connection: Connection, kept: Iterable[tuple[MemberRow, Wanted]]) -> None:
    """Bring rank, priority, origin and definition of standing memberships up to date, which is no news."""
    await connection.executemany(
        "UPDATE group_member SET definition = $2, origin = $3, rank = $4, priority = $5 WHERE id = $1",
        [(row.id, want.definition, want.origin, want.rank, want.priority) for row, want in kept],
    )


async def move(connection: Connection, moved: Sequence[tuple[MemberRow, int]]) -> None:
    """Let memberships begin on another day; each is a further revision."""
    await connection.executemany(
        "UPDATE group_member SET since = $2, since_date = $3, revision = $4 WHERE id = $1",
        [(row.id, beginning_of(since), date_of(since).isoformat(), row.revision + 1) for row, since in moved],
    )


async def give_evidence(connection: Connection, evidence: Iterable[tuple[MemberRow, Evidence]]) -> None:
    """Keep this evidence with standing memberships that began anew."""
    await connection.executemany(
        "UPDATE group_member SET evidence = $2 WHERE id = $1 AND evidence <> $2",
        [(row.id, encode(given)) for row, given in evidence],
    )


def _row(row: Row) -> MemberRow:
    since = day_number(date.fromisoformat(row["since_date"]))
    standing = Standing(row["origin"], row["definition"], since, row["rank"], row["priority"])
    return MemberRow(row["id"], row["cohort"], row["patient"], row["revision"], standing)
