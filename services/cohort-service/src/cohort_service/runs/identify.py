"""`POST Group/$identify`: looks through everybody registered, brings the lists up to date, and tells the numbers.

A run takes people in chunks, each in a transaction of its own, and keeps with its job how far it has come. A chunk
that is done twice, because a process or the database went away in between, gives the same lists and the same numbers.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cohort_service.lists.evaluation import evaluate_people
from cohort_service.runs.approach import Approach, approach_of
from cohort_service.runs.coverage import cover
from cohort_service.runs.known import known_to
from cohort_service.runs.run_answer import run_parameters
from cohort_service.runs.run_counts import (
    DISTINCT,
    POPULATION,
    SEGMENTATION,
    STRATIFICATION,
    add,
    counted,
    forget_priority_list,
    in_all,
    keep_priority_list,
    people_after,
    people_in_all,
)
from cohort_service.runs.run_plan import RunPlan, plan_run
from cohort_service.runs.run_progress import Progress, keep, resumed
from cohort_service.runs.run_request import RunRequest, run_request
from cohort_service.runs.run_rows import Run, keep_run
from cohort_service.runs.scope import Scope, scope_to_run
from cohort_service.runs.tools import check_registered
from cohort_service.selection.people_scope import scope_of
from tandem.clock import from_micros, to_micros
from tandem.database.connection import Connection, StatementTimedOut
from tandem.fhir.auditing import audit_reads
from tandem.fhir.jobs import JobCancelled
from tandem.fhir.operation_work import work_of
from tandem.fhir.parameters_answer import answer
from tandem.fhir.request import FhirResponse
from tandem.london_days import day_number, london_date

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

CHUNK = 5_000
"""People in one transaction."""
COUNTED_AT_ONCE = 100_000
"""People next to each other in one statement of a dry run, which writes nothing: some nine seconds, where smaller
shares of many people cost more for each. Those who are asked for by a list cost several times as much each: of them no
more than `CHUNK`, for the time limit's sake."""
FEWEST = 100
"""People at once below which nothing is gained by fewer: the statement waits for somebody else."""
_LOOKED_AT = {POPULATION: 1, DISTINCT: 0}
_NOBODY_YET = {SEGMENTATION: 0, STRATIFICATION: 0}


async def identify(call: OperationCall) -> FhirResponse:
    """Parameters with the run: id, day, definitions, a count for each cohort, distinct people, what it knew of.

    Raises FhirError 400 and 422 (see run_request and plan_run), 403 for somebody else's people.
    """
    asked = run_request(call)
    now = call.kernel.clock.now()
    async with call.kernel.database.read() as connection:
        scope = await scope_to_run(connection, call.request.caller, asked.practice, asked.network, to_micros(now))
        if asked.tool is not None and asked.tool_version is not None:
            tool = await check_registered(connection, scope, asked.tool, asked.tool_version, to_micros(now))
            asked = replace(asked, tool=tool.code)
        held = resumed(call.request.job)
        # A run that goes on after midnight stays one of the day on which it began.
        day = london_date(now if held is None else from_micros(held.started))
        approach = await approach_of(connection, asked.service, scope, day, to_micros(now))
        plan = await plan_run(connection, asked, day, approach)
        progress = await _begin(call, connection, plan, scope)
    await _look_through(call, plan, scope, progress)
    run = _ended(call, asked, scope, plan, progress, approach)
    async with call.kernel.database.transaction() as connection:
        await keep_run(connection, run, progress.counts)
        if plan.applies:
            work = work_of(call, connection, call.kernel.clock.now())
            await cover(work, run, plan.completes, scope.practices, progress.counts)
    await audit_reads(call.kernel.database, call.request, "$identify", "Group", set(), run.finished)
    return answer(run_parameters(run, in_all(progress.counts), scope.practices))


def _ended(
    call: OperationCall, asked: RunRequest, scope: Scope, plan: RunPlan, progress: Progress, approach: Approach
) -> Run:
    caller = call.request.caller
    return Run(
        progress.run, asked.service, scope.organisation, progress.as_of, asked.dry_run, caller.organisation,
        caller.user, progress.started, to_micros(call.kernel.clock.now()), progress.known_to, progress.definitions,
        asked.parameters, tool=asked.tool, tool_version=asked.tool_version,
        approach=approach.name if plan.stages is not None else None, chosen=progress.chosen,
    )  # fmt: skip


async def _begin(call: OperationCall, connection: Connection, plan: RunPlan, scope: Scope) -> Progress:
    job = call.request.job
    held = resumed(job)
    if held is not None:
        # Numbers of two versions of a definition are not added up.
        same = (held.definitions, held.chosen) == (plan.definitions, plan.chosen)
        return held if same else held.restarted(plan.definitions, plan.chosen)
    return Progress(
        run=job.id.rpartition(".")[2] if job is not None else call.kernel.ids.new(),
        started=to_micros(call.kernel.clock.now()), as_of=day_number(plan.as_of), known_to=await known_to(connection),
        definitions=plan.definitions, chosen=plan.chosen, total=await people_in_all(connection, scope.practices),
        counts={practice: {} for practice in scope.practices or ()},
    )  # fmt: skip


async def _look_through(call: OperationCall, plan: RunPlan, scope: Scope, progress: Progress) -> None:
    job = call.request.job
    size = CHUNK if plan.applies else COUNTED_AT_ONCE
    try:
        await keep(job, progress)
        while size := await _patiently(call, plan, scope, progress, size):
            await keep(job, progress)
    except JobCancelled:
        async with call.kernel.database.transaction() as connection:
            await forget_priority_list(connection, progress.run)
        raise


async def _patiently(call: OperationCall, plan: RunPlan, scope: Scope, progress: Progress, size: int) -> int:
    """Take the next people. Answers how many to take at once from here, 0 when nobody is left.

    They are fewer once the database ended a statement as too long. Raises StatementTimedOut when it does so for the
    fewest, too.
    """
    try:
        return size if await _chunk(call, plan, scope, progress, size) else 0
    except StatementTimedOut:
        if size <= FEWEST:
            raise
        return max(size // 5, FEWEST)


async def _chunk(call: OperationCall, plan: RunPlan, scope: Scope, progress: Progress, size: int) -> bool:
    """Take the next `size` people; False when there are none left."""
    database = call.kernel.database
    async with database.transaction() if plan.applies else database.read() as connection:
        found = await people_after(connection, progress.after, scope.practices, size)
        if scope_of([number for number, _ in found]) == "people":
            found = found[:CHUNK]
        if not found:
            return False
        people = [number for number, _ in found]
        counts = await counted(connection, plan.selection, plan.cohorts, plan.as_of, people, plan.stages)
        if plan.applies:
            await evaluate_people(work_of(call, connection, call.kernel.clock.now()), people)
            if plan.stages is not None:
                await keep_priority_list(connection, plan.selection, plan.stages, plan.as_of, people, progress.run)
    add(progress.counts, counts)
    for _, practice in found:
        add(progress.counts, {practice: _LOOKED_AT if plan.stages is None else {**_LOOKED_AT, **_NOBODY_YET}})
    progress.after = people[-1]
    progress.done += len(people)
    return True
