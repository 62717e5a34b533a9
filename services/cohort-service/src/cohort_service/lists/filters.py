"""Filters of a list: conditions of SQL over `group_member m` (AC-002, AC-016)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from cohort_service.lists.array_parameters import among, array
from cohort_service.selection.selection import Selection
from tandem.database.connection import Dialect
from tandem.fhir.operation_parameters import texts, whole_number
from tandem.fhir.outcome import FhirError, Kind
from tandem.london_days import day_number

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

FILTERS = ("need", "segment", "risk", "intervention")


def conditions(
    call: OperationCall, selection: Selection, as_of: date, dialect: Dialect, params: list[Any]
) -> list[str]:
    """One condition for each filter that is given; all of them must hold. Values are appended to `params`.

    `need`: another cohort, or a value set of which a code is current in the record. `segment`: another cohort. `risk`:
    at least so many points of rank. `intervention`: the person is in a cohort that suggests something of this text.
    Raises FhirError 400 for a need or segment that nothing is called.
    """
    found: list[str] = []
    for need in texts(call, "need"):
        if need in selection.definitions:
            found.append(_member_of([need], dialect, params))
        elif need in selection.value_sets:
            found.append(_recorded(selection.value_sets[need], as_of, dialect, params))
        else:
            raise FhirError(Kind.BAD_REQUEST, "need is the id of a cohort or of a value set that is installed")
    for segment in texts(call, "segment"):
        if segment not in selection.definitions:
            raise FhirError(Kind.BAD_REQUEST, "segment is the id of a cohort that is installed")
        found.append(_member_of([segment], dialect, params))
    if call.one("risk") is not None:
        params.append(whole_number(call, "risk", 0))
        found.append(f"m.rank >= ${len(params)}")
    for wanted in texts(call, "intervention"):
        found.append(_member_of(_suggesting(selection, wanted), dialect, params))
    return found


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
