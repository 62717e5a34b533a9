"""A run as Parameters: what it was asked, by which definitions it counted, and what it counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from cohort_service.runs import run_counts
from cohort_service.runs.people_counted import people_counted
from cohort_service.runs.run_rows import Run
from tandem.clock import from_micros, to_instant
from tandem.fhir.parameters_answer import Parameter, parts
from tandem.london_days import date_of


def run_parameters(
    run: Run, counts: Mapping[str, int], practices: Sequence[str] | None, *, brief: bool = False
) -> list[Parameter]:
    """The parameters of one run, with what was chosen for these practices (None is all) and for no others.

    `brief` is as a commissioner sees it: without who asked for it, and without small numbers of people.
    """
    found: list[Parameter] = [
        {"name": "run", "valueId": run.id},
        {"name": "asOf", "valueDate": date_of(run.as_of).isoformat()},
        {"name": "dryRun", "valueBoolean": run.dry_run},
        {"name": "imported", "valueBoolean": run.imported},
        {"name": "started", "valueInstant": to_instant(from_micros(run.started))},
        {"name": "finished", "valueInstant": to_instant(from_micros(run.finished))},
        {"name": "knownTo", "valueDecimal": run.known_to},
    ]
    if not brief:
        found.append({"name": "askedBy", "valueString": run.asked_by})
    found += [
        {"name": name, "valueString": value}
        for name, value in (
            ("service", run.service), ("organisation", run.organisation), ("tool", run.tool),
            ("toolVersion", run.tool_version), ("approach", run.approach),
        )
        if value is not None
    ]  # fmt: skip
    if run.data_day is not None:
        found.append({"name": "dataDate", "valueDate": date_of(run.data_day).isoformat()})
    found += [{"name": "parameter", "valueString": f"{name}={value}"} for name, value in run.parameters.items()]
    for name, counted in (("population", run_counts.POPULATION), ("people", run_counts.DISTINCT)):
        found.append(people_counted(name, counts.get(counted, 0), exact=not brief))
    return found + list(_cohorts(run, counts, practices, brief)) + list(_stages(counts, brief))


def _cohorts(
    run: Run, counts: Mapping[str, int], practices: Sequence[str] | None, brief: bool
) -> Iterable[Parameter]:
    # Every cohort that was considered is told, with nought where nobody is in it (SMR-031).
    for cohort in sorted(run.definitions):
        yield parts("cohort", [
            {"name": "cohort", "valueCode": cohort},
            {"name": "definition", "valueString": run.definition_for(cohort, practices)},
            people_counted("count", counts.get(cohort, 0), exact=not brief),
        ])  # fmt: skip


def _stages(counts: Mapping[str, int], brief: bool) -> Iterable[Parameter]:
    for name in (run_counts.SEGMENTATION, run_counts.STRATIFICATION):
        if name in counts:
            count = people_counted("count", counts[name], exact=not brief)
            yield parts("stage", [{"name": "stage", "valueCode": name[1:]}, count])
