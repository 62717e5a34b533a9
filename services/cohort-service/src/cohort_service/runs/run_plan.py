"""What a run will look for: the definitions in force, the cohorts, and whether all that must be considered is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cohort_service.catalogue.current import current_selection, selection_with
from cohort_service.domain.identification_duty import is_complete
from cohort_service.domain.identification_stages import Stages, stages_of
from cohort_service.domain.required_cohorts import NoDefinition, check_in_force, cohorts_of_service, omitted
from cohort_service.runs.approach import Approach
from cohort_service.runs.duties import Duty, duties
from cohort_service.runs.run_request import RunRequest
from cohort_service.selection.selection import Selection
from tandem.database.connection import Connection
from tandem.fhir.outcome import FhirError, Issue, Kind


@dataclass(frozen=True, slots=True)
class RunPlan:
    """`applies` says that the lists are brought up to date; `stages` is None where not all of their cohorts are looked
    for. `completes` are the services whose duty the run meets for the practices that it covers."""

    selection: Selection
    cohorts: tuple[str, ...]
    as_of: date
    applies: bool
    stages: Stages | None
    completes: tuple[str, ...]

    @property
    def definitions(self) -> dict[str, str]:
        """Cohort -> the name of its definition."""
        return {cohort: self.selection.definitions[cohort].name for cohort in self.cohorts}

    @property
    def chosen(self) -> dict[str, dict[str, str]]:
        """Cohort -> practice -> the parameters that its network chose otherwise."""
        found: dict[str, dict[str, str]] = {}
        for variant in self.selection.variants:
            if variant.cohort in self.cohorts:
                values = ", ".join(f"{name}={value}" for name, value in sorted(variant.definition.parameters.items()))
                found.setdefault(variant.cohort, {}).update(dict.fromkeys(variant.practices, values))
        return found


async def plan_run(connection: Connection, asked: RunRequest, today: date, approach: Approach) -> RunPlan:
    """The plan.

    Raises FhirError 422 for a day to come, for a cohort or service that no definition is in force for, and for a run
    for a service that omits a cohort it must consider (SMR-031); 400 for a threshold that is not there.
    """
    as_of = asked.as_of or today
    if as_of > today:
        raise FhirError(
            Kind.UNPROCESSABLE, "asOf lies in the future; what is not yet known cannot be counted", expression="asOf"
        )
    selection = await current_selection(connection, as_of)
    if asked.parameters:
        selection = await selection_with(connection, as_of, asked.parameters)
    duty = duties().get(asked.service) if asked.service is not None else None
    stages = _stages(selection, duty, approach)
    cohorts = _cohorts(selection, asked, duty, stages)
    if not asked.dry_run and duty is not None:
        _check_required(selection, duty, cohorts)
    applies = not asked.dry_run and as_of == today
    completes = tuple(
        service for service, each in duties().items() if applies and _completes(selection, each, cohorts, approach)
    )
    whole = stages is not None and set(stages.cohorts) <= set(cohorts)
    return RunPlan(selection, cohorts, as_of, applies, stages if whole else None, completes)


def _cohorts(
    selection: Selection, asked: RunRequest, duty: Duty | None, stages: Stages | None
) -> tuple[str, ...]:
    _check_known(selection, asked.cohorts)
    if asked.cohorts:
        return asked.cohorts
    if asked.service is None:
        return tuple(sorted(selection.definitions))
    of_service = cohorts_of_service(selection.definitions, asked.service)
    if not of_service:
        raise FhirError(
            Kind.UNPROCESSABLE, f"No definition is in force for the service {asked.service[:16]}", expression="service"
        )
    required = [each for each in duty.must_consider if each in selection.definitions] if duty is not None else []
    return tuple(sorted({*of_service, *required, *(stages.cohorts if stages is not None else ())}))


def _check_known(selection: Selection, cohorts: tuple[str, ...]) -> None:
    unknown = [cohort for cohort in cohorts if cohort not in selection.definitions]
    if unknown:
        raise FhirError(Kind.UNPROCESSABLE, issues=[
            Issue(f"No definition is in force for the cohort {cohort[:64]}") for cohort in unknown
        ])  # fmt: skip


def _check_required(selection: Selection, duty: Duty, cohorts: tuple[str, ...]) -> None:
    service = duty.rule.service
    try:
        check_in_force(selection.definitions, duty.must_consider)
    except NoDefinition as error:
        raise FhirError(Kind.UNPROCESSABLE, issues=[
            Issue(f"No definition is in force for {group}, which a run for {service} must consider")
            for group in error.groups
        ]) from None  # fmt: skip
    left_out = omitted(duty.must_consider, cohorts)
    if left_out:
        raise FhirError(Kind.UNPROCESSABLE, issues=[
            Issue(f"A run for {service} must consider the cohort {cohort} ({duty.must_consider[cohort]})")
            for cohort in left_out
        ])  # fmt: skip


def _stages(selection: Selection, duty: Duty | None, approach: Approach) -> Stages | None:
    if duty is None or duty.stages is None:
        return None
    return stages_of(duty.stages, selection.definitions, approach.cohorts)


def _completes(selection: Selection, duty: Duty, cohorts: tuple[str, ...], approach: Approach) -> bool:
    stages = _stages(selection, duty, approach)
    required = [*duty.must_consider, *(stages.cohorts if stages is not None else ())]
    return is_complete(required, cohorts)
