"""How much of the evidence of a membership is not shown with it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from cohort_service.lists.compiled import evidence_among
from cohort_service.lists.evidence import MOST_RECORDS
from cohort_service.selection.selection import Selection
from tandem.database.array_parameters import array
from tandem.database.connection import Connection, Row


async def evidence_left_out(
    connection: Connection, selection: Selection, as_of: date, rows: Iterable[Row], person: int
) -> int:
    """How many entries of evidence there are besides the shown ones, of the person's current memberships by rule.

    Of `rows` of `group_member` cohort, until and origin are read. The others show what was kept when they began.
    """
    left_out = 0
    for row in rows:
        if row["until"] is None and row["origin"] == "rule" and row["cohort"] in selection.definitions:
            evidence = evidence_among(selection, row["cohort"], as_of, connection.dialect)
            count = await connection.fetchval(
                "SELECT COUNT(*) FROM (SELECT DISTINCT e.record, e.concept, e.starts"
                f" FROM ({evidence}) e WHERE e.person = $2) entries",
                array(connection.dialect, [person]), person,
            )  # fmt: skip
            left_out += max(0, count - MOST_RECORDS)
    return left_out
