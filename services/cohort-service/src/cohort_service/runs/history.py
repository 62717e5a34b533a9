"""`GET Group/$runs`: the runs that were made, with the definitions each of them used (AC-010)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cohort_service.runs.run_answer import run_parameters
from cohort_service.runs.run_counts import in_all
from cohort_service.runs.run_rows import counts_of, runs_covering
from cohort_service.runs.scope import scope_to_see, sees_figures_only
from tandem.clock import to_micros
from tandem.fhir.operation_parameters import page, short_text
from tandem.fhir.organisation_parameter import code_parameter
from tandem.fhir.parameters_answer import answer, parts
from tandem.fhir.request import FhirResponse

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def runs(call: OperationCall) -> FhirResponse:
    """Parameters with one `run` each, the latest first, counted as far as the caller may see.

    Parameters `practice` or `network` (else the caller's own), `service`, `_count` and `_offset`. A practice sees its
    own part of a run of its network; a commissioner sees no dry run, not who asked, and no small number of people.
    Raises FhirError 400, 403, 404.
    """
    caller, now = call.request.caller, to_micros(call.kernel.clock.now())
    practice, network = code_parameter(call, "practice"), code_parameter(call, "network")
    count, offset = page(call, 50, largest=200)
    async with call.kernel.database.read() as connection:
        scope = await scope_to_see(connection, caller, practice, network, now)
        brief = await sees_figures_only(connection, caller)
        found = await runs_covering(
            connection, scope.practices, short_text(call, "service"), not brief, count, offset
        )
        told = [
            parts("run", run_parameters(
                run, in_all(await counts_of(connection, run.id, scope.practices)), scope.practices, brief=brief
            ))
            for run in found
        ]
    return answer(told)
