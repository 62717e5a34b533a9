"""Selecting over exported files: how many each cohort has, or who they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from cohort_service.export.engines import Engine
from cohort_service.selection.compile import members_query
from cohort_service.selection.selection import Selection
from tandem.london_days import date_of


def counts(engine: Engine, selection: Selection, cohorts: Sequence[str], as_of: date) -> dict[str, int]:
    """Cohort -> members; a cohort without members is there with 0."""
    selected = members_query(selection, cohorts, as_of, engine.dialect, scope="everybody")
    final = f"SELECT cohort, COUNT(*) AS members FROM ({selected.final}) AS m GROUP BY cohort"
    found = dict(engine.rows(replace(selected, final=final)))
    return {cohort: int(found.get(cohort, 0)) for cohort in cohorts}


def members(
    engine: Engine, selection: Selection, cohorts: Sequence[str], as_of: date
) -> Iterator[tuple[str, str, date | None, int]]:
    """Rows (cohort, id of the patient, since, rank), by cohort and patient."""
    selected = members_query(selection, cohorts, as_of, engine.dialect, scope="everybody")
    final = (
        f"SELECT m.cohort, p.patient, m.since, m.rank FROM ({selected.final}) AS m JOIN person p ON p.number = m.person"
        " ORDER BY m.cohort, p.patient"
    )
    for cohort, patient, since, rank in engine.rows(replace(selected, final=final)):
        yield cohort, patient, date_of(since) if since is not None else None, int(rank)
