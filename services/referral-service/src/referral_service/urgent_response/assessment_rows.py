"""Assessments of eligibility, written once and read as often as somebody asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from referral_service.domain.urgent_response.eligibility import Assessed, Criterion
from tandem.clock import from_micros, to_micros
from tandem.database.connection import Connection, Row
from tandem.fhir.body import decode, encode

_COLUMNS = (
    "id", "patient", "kind", "eligible", "assessed", "organisation", "assessed_by", "assessor", "policy", "found",
    "note", "request",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Assessment:
    """One assessment: whose (Patient.id), by which organisation (a code), what was found and what followed."""

    id: str
    patient: str
    assessed: datetime
    organisation: str
    assessed_by: str
    assessor: str | None
    policy: str
    found: Assessed
    criteria: tuple[Criterion, ...]
    eligible: bool
    note: str | None = None
    request: str | None = None


async def keep_assessment(connection: Connection, held: Assessment) -> None:
    """Write it."""
    found = held.found
    told = {
        "purposes": list(found.purposes), "place": found.place, "needs": list(found.needs), "source": found.source,
        "age": found.age, "criteria": [[each.code, each.met, each.text] for each in held.criteria],
    }  # fmt: skip
    places = ", ".join(f"${number}" for number in range(1, len(_COLUMNS) + 1))
    await connection.execute(
        f"INSERT INTO urgent_assessment ({', '.join(_COLUMNS)}) VALUES ({places})",
        held.id, held.patient, found.referral, int(held.eligible), to_micros(held.assessed), held.organisation,
        held.assessed_by, held.assessor, held.policy, encode(told).decode(), held.note, held.request,
    )  # fmt: skip


async def assessment(connection: Connection, identity: str) -> Assessment | None:
    """The assessment with this id."""
    row = await connection.fetchrow("SELECT * FROM urgent_assessment WHERE id = $1", identity)
    return None if row is None else assessment_of(row)


async def assessments(
    connection: Connection, conditions: Sequence[str], params: list[Any], count: int, offset: int
) -> list[Assessment]:
    """Those on `urgent_assessment m` that meet the conditions, the newest first."""
    rows = await connection.fetch(
        f"SELECT m.* FROM urgent_assessment m WHERE {' AND '.join(conditions)} ORDER BY m.assessed DESC, m.id"
        f" LIMIT ${len(params) + 1} OFFSET ${len(params) + 2}", *params, count, offset,
    )  # fmt: skip
    return [assessment_of(row) for row in rows]


def assessment_of(row: Row) -> Assessment:
    """What a row says."""
    told: dict[str, Any] = decode(row["found"].encode())
    found = Assessed(
        row["kind"], tuple(told["purposes"]), told["place"], tuple(told["needs"]), told["source"], told["age"]
    )
    criteria = tuple(Criterion(code, met, text) for code, met, text in told["criteria"])
    return Assessment(
        row["id"], row["patient"], from_micros(row["assessed"]), row["organisation"], row["assessed_by"],
        row["assessor"], row["policy"], found, criteria, bool(row["eligible"]), row["note"], row["request"],
    )  # fmt: skip
