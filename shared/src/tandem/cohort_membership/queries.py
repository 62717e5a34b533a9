"""Questions about who is on which list. `patient` is Patient.id; a day is one in London."""

from __future__ import annotations

from datetime import date
from typing import Any

from tandem.database.connection import Connection


async def on_list(connection: Connection, cohort: str, patient: str, day: date) -> bool:
    """Whether the person is on the list on this day."""
    params: list[Any] = [patient]
    condition = members_of("m", params, cohort, day)
    found = await connection.fetchval(
        f"SELECT 1 FROM cohort_member m WHERE m.patient = $1 AND {condition} LIMIT 1", *params
    )
    return found is not None


async def lists_of(connection: Connection, patient: str, day: date) -> set[str]:
    """The cohorts on whose lists the person is on this day."""
    params: list[Any] = [patient]
    condition = _on_day("m", params, day)
    rows = await connection.fetch(f"SELECT m.cohort FROM cohort_member m WHERE m.patient = $1 AND {condition}", *params)
    return {row["cohort"] for row in rows}


def members_of(alias: str, params: list[Any], cohort: str, day: date) -> str:
    """A boolean SQL expression over table `cohort_member` under `alias`: whether the row is on the list on this day.

    Values are appended to `params` and stand in the text as `$n`, as in `tandem.identity.access.visible_of_person`,
    which goes with it in one statement: `patient` of the table is the person.
    """
    params.append(cohort)
    return f"{alias}.cohort = ${len(params)} AND {_on_day(alias, params, day)}"


def _on_day(alias: str, params: list[Any], day: date) -> str:
    # A leaving without its entering has no `since`, so the person is on no list until that is heard.
    params.append(day.isoformat())
    return (
        f"{alias}.since <= ${len(params)} AND ({alias}.until IS NULL OR {alias}.until > ${len(params)})"
    )  # fmt: skip
