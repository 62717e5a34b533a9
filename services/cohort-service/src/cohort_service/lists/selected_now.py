"""Whom definitions select today, computed when it is asked: for those of which no list is kept."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from cohort_service.lists.compiled import members_among
from cohort_service.selection.selection import Selection
from tandem.database.array_parameters import array
from tandem.database.connection import Connection


async def selected_now(
    connection: Connection, selection: Selection, cohorts: Sequence[str], as_of: date, people: Collection[int]
) -> frozenset[int]:
    """Those of these people (by number) whom any of the definitions selects; nobody is judged onto or off them."""
    if not cohorts or not people:
        return frozenset()
    sql = members_among(selection, cohorts, as_of, connection.dialect, scope="people")
    rows = await connection.fetch(sql, array(connection.dialect, sorted(people)))
    return frozenset(row["person"] for row in rows)
