"""Asynchronous requests (http://hl7.org/fhir/R4/async.html): 202 with Content-Location, then `$job?id=` until done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from tandem.database.connection import Database
from tandem.events.realtime import now_micros
from tandem.fhir import job_table
from tandem.fhir.job_limits import USUAL_LIMITS, JobLimits
from tandem.fhir.job_table import Job
from tandem.fhir.jobs import pack_caller, unpack_result
from tandem.fhir.kernel import Kernel
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirRequest, FhirResponse
from tandem.ids import IdSource
from tandem.service import Operation

OPERATION_JOB = "operation"
_ASK_AGAIN = "1"


class OperationRequest(msgspec.Struct):
    """An operation as it was asked for, kept with its job."""

    name: str
    method: str
    path: str
    query: str
    body: bytes
    base: str
    request_id: str
    correlation_id: str


async def start_job(
    kernel: Kernel, request: FhirRequest, operation: Operation, parameters: dict[str, list[Any]],
    resource_type: str | None, resource_id: str | None,
) -> FhirResponse:  # fmt: skip
    """Queue the operation and answer 202. The job reads type, id and parameters from the request again."""
    asked = OperationRequest(
        operation.name, request.method, request.path, request.query, request.body, request.base, request.request_id,
        request.correlation_id,
    )  # fmt: skip
    return await accept_job(
        kernel.database, kernel.ids, kernel.service.name, OPERATION_JOB, request, msgspec.msgpack.encode(asked),
        kernel.wake_jobs, kernel.job_limits,
    )  # fmt: skip


async def accept_job(
    database: Database, ids: IdSource, service: str, kind: str, request: FhirRequest, content: bytes,
    wake: Callable[[], None], limits: JobLimits = USUAL_LIMITS,
) -> FhirResponse:  # fmt: skip
    """Queue a job of this kind for the caller; 202 with the address that tells how it goes.

    Raises FhirError(THROTTLED) when as many as may be are queued or running.
    """
    job_id = f"{service}.{ids.new()}"
    caller = request.caller
    async with database.transaction() as connection:
        await limits.check(connection, caller.organisation)
        await job_table.insert_job(
            connection, job_id, kind, caller.organisation, pack_caller(caller), content, now_micros()
        )
        connection.after_commit(wake)
    address = f"{request.base}/$job?id={job_id}"
    return FhirResponse(202, headers={"Content-Location": address, "Retry-After": _ASK_AGAIN})


async def job_status(kernel: Kernel, request: FhirRequest) -> FhirResponse:
    """`$job?id=`: see `answer_job`."""
    return await answer_job(kernel.database, request)


async def answer_job(database: Database, request: FhirRequest) -> FhirResponse:
    """GET: 202 with X-Progress while it runs, then its result or the OperationOutcome of its failure. DELETE: cancel.

    Raises FhirError 404 for a job that is not there, was cancelled, or was started by another organisation.
    """
    if request.method not in ("GET", "DELETE"):
        raise FhirError(Kind.METHOD_NOT_ALLOWED, "$job takes GET and DELETE", headers={"Allow": "GET, DELETE"})
    wanted = [value for name, value in request.parameters() if name == "id"]
    if len(wanted) != 1:
        raise FhirError(Kind.BAD_REQUEST, "$job needs one id")
    async with database.read() as connection:
        job = await job_table.find_job(connection, wanted[0])
    caller = request.caller
    if job is None or not (caller.sees_all or caller.organisation == job.owner):
        raise FhirError(Kind.NOT_FOUND, "There is no such job that you may see")
    if job.cancelled:
        raise FhirError(Kind.NOT_FOUND, "The job was cancelled")
    if request.method == "DELETE":
        async with database.transaction() as connection:
            await job_table.cancel_job(connection, job.id, now_micros())
        return FhirResponse(202)
    return _answer(job)


def _answer(job: Job) -> FhirResponse:
    if job.state in job_table.ENDED and job.result is not None:
        result = unpack_result(job.result)
        return FhirResponse(result.status, result.body, dict(result.headers), result.content_type)
    progress = job.state
    if job.total is not None:
        progress = f"{job.done} of {job.total}"
    elif job.done:
        progress = f"{job.done} done"
    return FhirResponse(202, headers={"X-Progress": progress, "Retry-After": _ASK_AGAIN})
