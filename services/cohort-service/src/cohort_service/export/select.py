"""Selecting over exported files: how many each cohort has, or who they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from cohort_service.export.engines import Engine
from cohort_service.selection.compile import members_sql
from cohort_service.selection.selection import Selection
from tandem.london_days import date_of


def counts(engine: Engine, selection: Selection, cohorts: Sequence[str], as_of: date) -> dict[str, int]:
    """Cohort -> members; a cohort without members is there with 0."""
    selected = members_sql(selection, cohorts, as_of, engine.dialect, scope="everybody")
    found = dict(engine.rows(f"SELECT cohort, COUNT(*) AS members FROM ({selected}) AS m GROUP BY cohort"))
    return {cohort: int(found.get(cohort, 0)) for cohort in cohorts}


def members(
    engine: Engine, selection: Selection, cohorts: Sequence[str], as_of: date
) -> Iterator[tuple[str, str, date | None, int]]:
    """Rows (cohort, id of the patient, since, rank), by cohort and patient."""
    selected = members_sql(selection, cohorts, as_of, engine.dialect, scope="everybody")
    rows = engine.rows(
        f"SELECT m.cohort, p.patient, m.since, m.rank FROM ({selected}) AS m JOIN person p ON p.number = m.person"
        " ORDER BY m.cohort, p.patient"
    )
    for cohort, patient, since, rank in rows:
        yield cohort, patient, date_of(since) if since is not None else None, int(rank)
