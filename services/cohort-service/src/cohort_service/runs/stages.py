"""`GET Group/$stages`: how many people each stage of a run kept, and what clinicians decided of them (AC-007)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from cohort_service.domain.identification_stages import DECISIONS
from cohort_service.lists.group_access import seen_people
from cohort_service.runs.listed_rows import Listed, listed_people
from cohort_service.runs.people_counted import people_counted
from cohort_service.runs.run_counts import POPULATION, SEGMENTATION, STRATIFICATION, in_all
from cohort_service.runs.scope import sees_figures_only
from cohort_service.runs.seen_runs import seen_run
from tandem.clock import from_micros, to_instant, to_micros
from tandem.fhir.auditing import audit_reads
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import Parameter, answer, parts
from tandem.fhir.request import FhirResponse
from tandem.london_days import day_number, london_date

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def stages(call: OperationCall) -> FhirResponse:
    """Parameters with a `stage` each (population, segmentation, stratification, judgement) and the decisions so far.

    Parameter `run`. The decisions name people, so they are told of those alone whom the caller may see, and to no
    commissioner, who is told no small number either. Raises FhirError 400, 404, and 422 for a run without stages.
    """
    now = call.kernel.clock.now()
    day = day_number(london_date(now))
    async with call.kernel.database.read() as connection:
        run, counts, practices = await seen_run(call, connection)
        together = in_all(counts)
        if SEGMENTATION not in together:
            raise FhirError(Kind.UNPROCESSABLE, "The run had no stages; they belong to a run for AC", expression="run")
        everyone = await listed_people(connection, run.id, practices, run.definitions, day)
        decided: list[Listed] = []
        exact = not await sees_figures_only(connection, call.request.caller)
        if exact:
            params: list[Any] = [None] * 3
            seen = (seen_people(call, "m", params), params[3:])
            shown = await listed_people(connection, run.id, practices, run.definitions, day, seen=seen)
            decided = [each for each in shown if each.decision != "provisional"]
    await audit_reads(
        call.kernel.database, call.request, "$stages", "Group", {each.patient for each in decided}, to_micros(now)
    )
    found = [
        {"name": "run", "valueId": run.id},
        _stage("population", together[POPULATION], exact),
        _stage("segmentation", together[SEGMENTATION], exact),
        _stage("stratification", together[STRATIFICATION], exact),
        _judgement(everyone, exact),
    ]
    return answer([*found, *map(_decision, decided)])


def _stage(name: str, count: int, exact: bool) -> Parameter:
    return parts("stage", [{"name": "stage", "valueCode": name}, people_counted("count", count, exact=exact)])


def _judgement(everyone: list[Listed], exact: bool) -> Parameter:
    decisions = Counter(each.decision for each in everyone)
    counts = [people_counted(name, decisions[name], exact=exact) for name in DECISIONS]
    return parts("stage", [{"name": "stage", "valueCode": "judgement"}, *counts])


def _decision(each: Listed) -> Parameter:
    words = [(cohort, word) for cohort, judged in each.judged.items() for word in judged.all]
    told = [
        parts("judgement", [
            {"name": "cohort", "valueCode": cohort}, {"name": "decision", "valueCode": word.decision},
            {"name": "reason", "valueString": word.reason}, {"name": "author", "valueString": word.author},
            {"name": "at", "valueInstant": to_instant(from_micros(word.at))},
        ])
        for cohort, word in words
    ]  # fmt: skip
    return parts("decision", [
        {"name": "patient", "valueReference": {"reference": f"Patient/{each.patient}"}},
        {"name": "decision", "valueCode": each.decision}, *told,
    ])  # fmt: skip
