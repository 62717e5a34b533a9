"""Filters of a list: conditions of SQL over `group_member m` (AC-002, AC-016)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from cohort_service.lists.selected_now import selected_now
from cohort_service.selection.selection import Selection
from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection, Dialect
from tandem.fhir.operation_parameters import texts, whole_number
from tandem.fhir.outcome import FhirError, Kind
from tandem.london_days import day_number

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

FILTERS = ("need", "segment", "risk", "intervention")


async def narrow(
    call: OperationCall, connection: Connection, selection: Selection, as_of: date, where: list[str], params: list[Any]
) -> None:
    """Append to `where` a condition for each filter that is given, and its values to `params`; all of them must hold.

    `need`: another cohort, or a value set of which a code is current in the record. `segment`: another cohort. `risk`:
    at least so many points of rank. `intervention`: the person is in a cohort that suggests something of this text.
    Raises FhirError 400 for a need or segment that nothing is called.
    """
    dialect, cohorts = connection.dialect, list[str]()
    for need in texts(call, "need"):
        if need in selection.definitions:
            cohorts.append(need)
        elif need in selection.value_sets:
            where.append(_recorded(selection.value_sets[need], as_of, dialect, params))
        else:
            raise FhirError(
                Kind.BAD_REQUEST, "need is the id of a cohort or of a value set that is installed", expression="need"
            )
    for segment in texts(call, "segment"):
        if segment not in selection.definitions:
            raise FhirError(Kind.BAD_REQUEST, "segment is the id of a cohort that is installed", expression="segment")
        cohorts.append(segment)
    if call.one("risk") is not None:
        params.append(whole_number(call, "risk", 0))
        where.append(f"m.rank >= ${len(params)}")
    for wanted in texts(call, "intervention"):
        where.append(_member_of(_suggesting(selection, wanted), dialect, params))
    # Those of which no list is kept come last: they are computed of the people whom the others leave.
    for cohort in sorted(cohorts, key=lambda each: not selection.definitions[each].listed):
        if selection.definitions[cohort].listed:
            where.append(_member_of([cohort], dialect, params))
        else:
            where.append(await _selected(connection, selection, cohort, as_of, where, params))


async def _selected(
    connection: Connection, selection: Selection, cohort: str, as_of: date, where: list[str], params: list[Any]
) -> str:
    rows = await connection.fetch(
        "SELECT DISTINCT q.number FROM group_member m JOIN patient p ON p.id = m.patient"
        f" JOIN person q ON q.patient = m.patient WHERE {' AND '.join(where)}", *params,
    )  # fmt: skip
    selected = await selected_now(connection, selection, [cohort], as_of, [row["number"] for row in rows])
    params.append(array(connection.dialect, sorted(selected)))
    numbers = among(connection.dialect, f"${len(params)}", "bigint")
    return f"m.patient IN (SELECT q.patient FROM person q WHERE q.number {numbers})"


def _suggesting(selection: Selection, wanted: str) -> list[str]:
    definitions = [*selection.definitions.values(), *(variant.definition for variant in selection.variants)]
    sought = wanted.casefold()
    return sorted({each.id for each in definitions if any(sought in one.casefold() for one in each.suggests)})


def _member_of(cohorts: list[str], dialect: Dialect, params: list[Any]) -> str:
    params.append(array(dialect, cohorts))
    return (
        "EXISTS (SELECT 1 FROM group_member n WHERE n.patient = m.patient AND n.until IS NULL"
        f" AND n.cohort {among(dialect, f'${len(params)}', 'text')})"
    )


def _recorded(concepts: tuple[int, ...], as_of: date, dialect: Dialect, params: list[Any]) -> str:
    params += (array(dialect, concepts), day_number(as_of))
    codes, today = f"${len(params) - 1}", f"${len(params)}"
    return (
        "EXISTS (SELECT 1 FROM person q JOIN fact f ON f.person = q.number WHERE q.patient = m.patient"
        f" AND f.concept {among(dialect, codes, 'bigint')} AND f.starts <= {today}"
        f" AND (f.ends IS NULL OR f.ends > {today}))"
    )
