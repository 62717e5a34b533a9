"""Declared operations that run as jobs, with `Prefer: respond-async`."""

from __future__ import annotations

import msgspec

from tandem.fhir.job_requests import OPERATION_JOB, OperationRequest
from tandem.fhir.jobs import JobHandler, JobResult, JobRun
from tandem.fhir.kernel import Kernel
from tandem.fhir.operation import call_operation
from tandem.fhir.request import FhirRequest


def operation_jobs(kernel: Kernel) -> dict[str, JobHandler]:
    """The kinds of job that every service has, for its JobRunner."""

    async def carry_out(run: JobRun) -> JobResult:
        asked = msgspec.msgpack.decode(run.request, type=OperationRequest)
        request = FhirRequest(
            asked.method, asked.path, asked.query, {"content-type": "application/fhir+json"}, asked.body, asked.base,
            asked.request_id, asked.correlation_id, run.caller, job=run,
        )  # fmt: skip
        answer = await call_operation(kernel, request, [segment for segment in asked.path.split("/") if segment])
        return JobResult(answer.status, answer.body, answer.content_type, answer.headers)

    return {OPERATION_JOB: carry_out}
