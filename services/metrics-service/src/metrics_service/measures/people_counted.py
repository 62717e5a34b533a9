"""The people behind a figure, each with the records that counted, for those who may see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metrics_service.domain.measures.clause import Clause, Population
from metrics_service.domain.measures.clauses import value_sets_of
from metrics_service.domain.measures.definition import Definition
from metrics_service.domain.measures.span import Span
from metrics_service.measures.area import Area
from metrics_service.measures.statement import Statement
from metrics_service.measures.value_sets import numbers_of
from tandem.database.array_parameters import array
from tandem.database.connection import Connection
from tandem.fhir.visible_people import visible_people

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

Records = dict[str, list[str]]
"""By person: the sources that counted, such as `Encounter/1`."""


async def people_counted(
    call: OperationCall, connection: Connection, definition: Definition, area: Area, span: Span
) -> dict[str, Records]:
    """By population (numerator, denominator, denominator-exclusion): whom it counts, and by what.

    Only people whose records the caller may see are given; the figures are of all.
    """
    numbers = await numbers_of(connection, value_sets_of(definition))
    statement = Statement(connection.dialect, span, numbers, area.narrowed)
    above, below = definition.numerator.clause, definition.denominator
    if isinstance(below, Population):
        denominator = await _found(call, connection, area, statement.rows(below.clause, definition.exclusions))
        numerator = await _found(call, connection, area, statement.rows(above, _own(definition)))
        if definition.is_share:
            numerator = {patient: each for patient, each in numerator.items() if patient in denominator}
        found = {"numerator": numerator, "denominator": denominator}
    else:
        found = {"numerator": await _found(call, connection, area, statement.rows(above, definition.exclusions))}
    if definition.exclusions:
        clause: Clause = below.clause if isinstance(below, Population) else above
        rows = statement.rows(clause, definition.exclusions, excluded=True)
        found["denominator-exclusion"] = await _found(call, connection, area, rows)
    return found


def _own(definition: Definition) -> Any:
    return () if definition.is_share else definition.exclusions


async def _found(call: OperationCall, connection: Connection, area: Area, rows: str) -> Records:
    dialect = connection.dialect
    params: list[Any] = [array(dialect, area.practices), array(dialect, area.organisations)]
    # Both parameters are named in every statement: PostgreSQL has to be told the type of each that it is given.
    named = (
        "$1 IS NOT NULL AND $2 IS NOT NULL"
        if dialect == "sqlite"
        else "$1::text[] IS NOT NULL AND $2::text[] IS NOT NULL"
    )
    conditions = visible_people(call, params, "Patient")
    read = await connection.fetch(
        f"SELECT DISTINCT m.patient, m.source FROM ({rows}) AS m WHERE m.patient IS NOT NULL AND {named}"
        f" AND {' AND '.join(conditions)} ORDER BY m.patient, m.source",
        *params,
    )
    found: Records = {}
    for row in read:
        found.setdefault(row["patient"], []).append(row["source"])
    return found
