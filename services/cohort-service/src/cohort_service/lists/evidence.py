"""The records that put people on a list, as events and explanations give them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from cohort_service.domain.membership import Stay
from cohort_service.facts.record_displays import Said, displays_said
from cohort_service.lists.compiled import evidence_among
from cohort_service.selection.selection import Selection
from tandem.canonical import SNOMED_CT
from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection, Row
from tandem.london_days import date_of
from tandem.record_facts.codings import DERIVED
from tandem.record_facts.fact import UNDATED

MOST_RECORDS = 20
"""Of the records that put a person into a cohort so many are told and shown with the membership, the newest; `$explain`
shows all that count on the day it is asked."""

_SHOWN = """
SELECT shown.person, r.reference, c.system, c.code, c.display, shown.starts FROM (
  SELECT once.*, ROW_NUMBER() OVER (PARTITION BY once.person ORDER BY once.starts DESC, once.record DESC) AS place
  FROM (SELECT DISTINCT e.person, e.record, e.concept, e.starts FROM ({evidence}) e) once
) shown
JOIN record r ON r.number = shown.record JOIN concept c ON c.number = shown.concept
WHERE shown.place <= {most} ORDER BY shown.person, shown.starts, r.reference, c.code"""


async def evidence_of(
    connection: Connection, selection: Selection, cohort: str, as_of: date, people: Collection[int]
) -> dict[int, list[dict[str, Any]]]:
    """Reference, code, display and date of what put each of these people into the cohort, oldest first, by number."""
    sql = evidence_among(selection, cohort, as_of, connection.dialect)
    rows = await connection.fetch(
        _SHOWN.format(evidence=sql, most=MOST_RECORDS), array(connection.dialect, sorted(people))
    )
    said, called = await _said_of_residency(connection, rows), await _called(connection, rows)
    found: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["person"], []).append(_entry(row, said, called))
    return found


async def dated_by(
    connection: Connection, selection: Selection, value_sets: Collection[str], people: Collection[int]
) -> dict[int, list[tuple[Stay, dict[str, Any]]]]:
    """The facts of these people that date memberships, each with itself as evidence, by number."""
    concepts = sorted({concept for name in value_sets for concept in selection.value_sets.get(name, ())})
    rows = await connection.fetch(
        "SELECT f.person, f.starts, f.ends, r.reference, c.system, c.code, c.display FROM fact f"
        " JOIN record r ON r.number = f.record JOIN concept c ON c.number = f.concept"
        f" WHERE f.person {among(connection.dialect, '$1', 'bigint')}"
        f" AND f.concept {among(connection.dialect, '$2', 'bigint')} ORDER BY f.starts, r.reference",
        array(connection.dialect, sorted(people)), array(connection.dialect, concepts),
    )  # fmt: skip
    said, called = await _said_of_residency(connection, rows), await _called(connection, rows)
    found: dict[int, list[tuple[Stay, dict[str, Any]]]] = {}
    for row in rows:
        found.setdefault(row["person"], []).append((Stay(row["starts"], row["ends"]), _entry(row, said, called)))
    return found


async def _said_of_residency(connection: Connection, rows: Sequence[Row]) -> dict[str, Row]:
    """What the records of a stay in a care home say themselves, by reference: the stay is derived from them."""
    references = sorted({row["reference"] for row in rows if row["system"] == DERIVED})
    if not references:
        return {}
    statements = await connection.fetch(
        "SELECT reference, code, display, recorded FROM residency_statement"
        f" WHERE reference {among(connection.dialect, '$1', 'text')}",
        array(connection.dialect, references),
    )
    return {row["reference"]: row for row in statements}


async def _called(connection: Connection, rows: Iterable[Row]) -> dict[Said, str]:
    """What the records themselves call codes for which no value set has words."""
    return await displays_said(
        connection, ((row["reference"], row["system"], row["code"]) for row in rows if row["display"] is None)
    )


def _entry(row: Row, said: Mapping[str, Row], called: Mapping[Said, str]) -> dict[str, Any]:
    statement = said.get(row["reference"]) if row["system"] == DERIVED else None
    if statement is not None:
        return {
            "reference": row["reference"], "system": SNOMED_CT, "code": statement["code"],
            "display": statement["display"], "date": statement["recorded"],
        }  # fmt: skip
    display = row["display"] or called.get((row["reference"], row["system"], row["code"]))
    return {
        "reference": row["reference"], "system": row["system"], "code": row["code"], "display": display,
        "date": date_of(row["starts"]).isoformat() if row["starts"] > UNDATED else None,
    }  # fmt: skip
