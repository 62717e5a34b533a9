"""`POST $ingest`: takes whatever a supplier sends, answers 202 at once, and works it off as a job."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from tandem.database.connection import Database
from tandem.fhir.body import encode
from tandem.fhir.job_limits import USUAL_LIMITS, JobLimits
from tandem.fhir.job_requests import accept_job
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirRequest, FhirResponse
from tandem.gateway.loaded_sources import SOURCE_HEADER, digest_of, report_of_unchanged
from tandem.gateway.service import GATEWAY
from tandem.identity.caller import Caller
from tandem.identity.organisations import organisation_code
from tandem.ids import IdSource

INGEST_JOB = "ingest"
PRACTICE_HEADER = "x-tandem-practice"


class IngestRequest(msgspec.Struct):
    """What was sent, kept with the job until it has ended. `lines`: the content type says NDJSON."""

    body: bytes
    lines: bool
    practice: str | None
    base: str
    request_id: str
    correlation_id: str
    source: str | None = None


class Ingest:
    """Takes requests in."""

    def __init__(
        self, database: Database, ids: IdSource, wake: Callable[[], None], limits: JobLimits = USUAL_LIMITS
    ) -> None:
        self._database = database
        self._ids = ids
        self._wake = wake
        self._limits = limits

    async def answer(self, request: FhirRequest) -> FhirResponse:
        """202 with Content-Location; or 200 with the report, when this source was loaded with just this content.

        Raises FhirError 400 for an empty body, 403 without the right to load, 429 when too many jobs wait.
        """
        if not request.body.strip():
            raise FhirError(Kind.BAD_REQUEST, "$ingest takes Bundles or NDJSON; the body is empty")
        caller = request.caller
        if not any({"c", "u"} <= letters for letters in caller.scopes.values()):
            raise FhirError(Kind.FORBIDDEN, "$ingest needs scopes with c and u, such as system/*.cu")
        practice, source = practice_named(request, caller), request.headers.get(SOURCE_HEADER)
        if source is not None and (known := await self._unchanged(request, practice, source)) is not None:
            return known
        content = IngestRequest(
            request.body, "ndjson" in request.headers.get("content-type", ""), practice, request.base,
            request.request_id, request.correlation_id, source,
        )  # fmt: skip
        return await accept_job(
            self._database, self._ids, GATEWAY, INGEST_JOB, request, msgspec.msgpack.encode(content), self._wake,
            self._limits,
        )

    async def _unchanged(self, request: FhirRequest, practice: str | None, source: str) -> FhirResponse | None:
        digest = digest_of(request.body)
        async with self._database.read() as connection:
            report = await report_of_unchanged(connection, request.caller.organisation, practice, source, digest)
        return None if report is None else FhirResponse(200, encode(report), content_type="application/json")


def practice_named(request: FhirRequest, caller: Caller) -> str | None:
    """The registered practice of people whose record names none. Raises FhirError 400, 403."""
    given = request.headers.get(PRACTICE_HEADER)
    if not given:
        return None
    try:
        practice = organisation_code(given)
    except ValueError as error:
        raise FhirError(Kind.BAD_REQUEST, f"{PRACTICE_HEADER}: {error}") from error
    if not caller.sees_all and practice != caller.organisation:
        raise FhirError(Kind.FORBIDDEN, "Only an operator names another practice than its own")
    return practice
