"""Whom the rows of an audit name, among the people of the practices that it is imported for."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from cohort_service.domain.audit_findings import Finding
from cohort_service.runs.scope import Scope
from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection


async def match_people(
    connection: Connection, findings: Sequence[Finding], scope: Scope
) -> tuple[list[tuple[str, Finding]], list[Finding], dict[str, str]]:
    """Rows with the Patient.id they name, rows that name nobody here, and the practice of each person."""
    numbers = {each.nhs_number for each in findings if each.nhs_number is not None}
    named = {each.patient for each in findings if each.patient is not None}
    by_number = await _people(connection, "nhs_number", numbers, scope)
    by_id = await _people(connection, "id", named, scope)
    matched, unmatched = [], []
    for each in findings:
        person = by_number.get(each.nhs_number or "") or by_id.get(each.patient or "")
        if each.fault is None and person is not None:
            matched.append((person[0], each))
        else:
            unmatched.append(each)
    return matched, unmatched, dict([*by_number.values(), *by_id.values()])


async def _people(
    connection: Connection, column: str, values: Collection[str], scope: Scope
) -> dict[str, tuple[str, str]]:
    narrowed, params = "", [array(connection.dialect, sorted(values))]
    if scope.practices is not None:
        narrowed = f" AND practice {among(connection.dialect, '$2', 'text')}"
        params.append(array(connection.dialect, scope.practices))
    rows = await connection.fetch(
        f"SELECT {column} AS named, id, COALESCE(practice, '') AS practice FROM patient"
        f" WHERE {column} {among(connection.dialect, '$1', 'text')} AND deleted = 0{narrowed}", *params,
    )  # fmt: skip
    return {row["named"]: (row["id"], row["practice"]) for row in rows}
