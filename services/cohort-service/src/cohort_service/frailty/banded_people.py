"""A page of the people in some bands of the frailty index: from the lists, and computed where no list is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cohort_service.catalogue.current import current_selection
from cohort_service.domain.frailty_index import band_cohort
from cohort_service.lists.group_access import seen_people
from cohort_service.lists.selected_now import selected_now
from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection, Row
from tandem.fhir.operation_parameters import page
from tandem.london_days import london_date

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_CHUNK = 2_000
"""People who are looked at in one statement, until the page is full."""
_OF_PRACTICE = "(CAST($1 AS TEXT) = '' OR p.practice = $1)"


async def people_with_a_band(
    call: OperationCall, connection: Connection, bands: Sequence[str], practice: str | None
) -> list[str]:
    """The Patient.ids of the page (`_count`, `_offset`), in order, of those whom the caller may see."""
    count, offset = page(call)
    as_of = london_date(call.kernel.clock.now())
    selection = await current_selection(connection, as_of)
    cohorts = [band_cohort(each) for each in bands]
    unlisted = [each for each in cohorts if each in selection.definitions and not selection.definitions[each].listed]
    listed = [each for each in cohorts if each not in unlisted]
    if not unlisted:
        return await _on_lists(call, connection, listed, practice, f" LIMIT {count} OFFSET {offset}")
    on_lists = set(await _on_lists(call, connection, listed, practice))
    found: list[str] = []
    after = ""
    while len(found) < offset + count and (people := await _people(call, connection, practice, after)):
        numbers = {row["number"] for row in people}
        selected = await selected_now(connection, selection, unlisted, as_of, numbers)
        found += [row["id"] for row in people if row["id"] in on_lists or row["number"] in selected]
        after = people[-1]["id"]
    return found[offset : offset + count]


async def _on_lists(
    call: OperationCall, connection: Connection, cohorts: Sequence[str], practice: str | None, page_of: str = ""
) -> list[str]:
    params: list[Any] = [practice or "", array(connection.dialect, cohorts)]
    rows = await connection.fetch(
        "SELECT DISTINCT m.patient FROM group_member m JOIN patient p ON p.id = m.patient AND p.deleted = 0"
        f" WHERE {_OF_PRACTICE} AND m.until IS NULL AND m.cohort {among(connection.dialect, '$2', 'text')}"
        f" AND {seen_people(call, 'm', params)} ORDER BY m.patient{page_of}", *params,
    )  # fmt: skip
    return [row["patient"] for row in rows]


async def _people(call: OperationCall, connection: Connection, practice: str | None, after: str) -> Sequence[Row]:
    params: list[Any] = [practice or "", after]
    return await connection.fetch(
        "SELECT p.id, q.number FROM patient p JOIN person q ON q.patient = p.id"
        f" WHERE p.deleted = 0 AND {_OF_PRACTICE} AND p.id > $2 AND {seen_people(call, 'q', params)}"
        f" ORDER BY p.id LIMIT {_CHUNK}", *params,
    )  # fmt: skip
