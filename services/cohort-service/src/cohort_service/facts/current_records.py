"""Records of this service as they stand now, whatever version an event was about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection, Row
from tandem.fhir.body import Resource, decode


@dataclass(frozen=True, slots=True)
class CurrentRecord:
    """`body` is None when the record is deleted, `patient` the id of the person it is (or was last) about.

    `written` is when the current version was written, in microseconds.
    """

    patient: str | None
    written: int
    body: Resource | None


async def current_records(connection: Connection, names: Iterable[tuple[str, str]]) -> dict[str, CurrentRecord]:
    """The records of these types and ids by reference (`Type/id`), in the order given; unknown ones are left out."""
    ordered = list(dict.fromkeys(names))
    by_type: dict[str, list[str]] = {}
    for kind, identity in ordered:
        by_type.setdefault(kind, []).append(identity)
    rows: dict[str, Row] = {}
    for kind, ids in by_type.items():
        found = await connection.fetch(
            "SELECT r.id, r.patient, r.deleted, r.updated, l.body FROM resource r JOIN log l ON l.id = r.log_id"
            f" WHERE r.type = $1 AND r.id {among(connection.dialect, '$2', 'text')}",
            kind, array(connection.dialect, ids),
        )  # fmt: skip
        rows |= {f"{kind}/{row['id']}": row for row in found}
    references = (f"{kind}/{identity}" for kind, identity in ordered)
    return {reference: _record(rows[reference]) for reference in references if reference in rows}


def _record(row: Row) -> CurrentRecord:
    gone = row["deleted"] or row["body"] is None
    return CurrentRecord(row["patient"], row["updated"], None if gone else decode(bytes(row["body"])))
