"""The records of a practice that are evidence, from the facts that measures count."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from metrics_service.domain.london_days import Day
from metrics_service.facts.fold import FOREVER
from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection


@dataclass(frozen=True, slots=True)
class Recorded:
    """A record, by the source that told of it (`ServiceRequest/1`), and its day.

    `patient` is the person it is about, as long as they are registered with the practice.
    """

    source: str
    kind: str
    category: str | None
    detail: str | None
    status: str | None
    patient: str | None
    day: Day


async def recorded(
    connection: Connection, kinds: Collection[str], practice: str, networks: Sequence[str], first: Day, last: Day
) -> list[Recorded]:
    """What is said of the practice's people, and what it or its networks did, in these days; by day and source."""
    dialect = connection.dialect
    rows = await connection.fetch(
        "SELECT f.source, f.kind, f.category, f.detail, f.status, f.first,"
        " CASE WHEN k.practice = $4 AND k.deleted = 0 THEN f.patient END AS patient FROM told_fact f"
        " LEFT JOIN patient k ON k.id = f.patient"
        " LEFT JOIN told_person p ON p.patient = f.patient AND p.starts <= f.first AND p.ends > f.first"
        f" WHERE f.kind {among(dialect, '$1', 'text')} AND f.known_until = {FOREVER}"
        " AND f.first BETWEEN $2 AND $3 AND (p.practice = $4 OR f.patient IS NULL AND f.organisation"
        f" {among(dialect, '$5', 'text')}) ORDER BY f.first, f.source",
        array(dialect, sorted(kinds)), first, last, practice, array(dialect, [practice, *networks]),
    )  # fmt: skip
    return [
        Recorded(
            row["source"], row["kind"], row["category"], row["detail"], row["status"], row["patient"], row["first"]
        )
        for row in rows
    ]
