"""Why some people stand higher on a list than others: the reasons of a definition's `rank` that hold for them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from cohort_service.lists.in_force import definition_for
from cohort_service.selection.compile import ranked_sql
from cohort_service.selection.selection import Selection
from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection

Reasons = dict[tuple[str, str], list[tuple[str, int]]]
"""(cohort, Patient.id) -> the words and the points of every reason that holds, those with most points first."""


async def rank_reasons(
    connection: Connection, selection: Selection, cohorts: Collection[str], as_of: date, patients: Collection[str]
) -> Reasons:
    """The reasons that hold on the day for those of these people whom the definitions select."""
    ranked = sorted(
        each for each in set(cohorts) if each in selection.definitions and selection.definitions[each].rank
    )
    if not ranked or not patients:
        return {}
    people = await connection.fetch(
        "SELECT p.number, p.patient, k.practice FROM person p JOIN patient k ON k.id = p.patient"
        f" WHERE p.patient {among(connection.dialect, '$1', 'text')}",
        array(connection.dialect, sorted(patients)),
    )
    known = {row["number"]: row for row in people}
    sql = ranked_sql(selection, ranked, as_of, connection.dialect, scope="people")
    found: Reasons = {}
    for row in await connection.fetch(sql, array(connection.dialect, sorted(known))):
        person = known[row["person"]]
        definition = definition_for(selection, row["cohort"], person["practice"], as_of)
        if definition is not None:
            reason = definition.rank[row["reason"]]
            found.setdefault((row["cohort"], person["patient"]), []).append((reason.text, reason.points))
    return {key: sorted(reasons, key=lambda each: (-each[1], each[0])) for key, reasons in found.items()}
