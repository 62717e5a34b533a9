"""How a page is answered: to whoever is signed in, what the API would give them, and a refusal as a page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from metrics_service.dashboard.asking import Asked, asked_of, call_of
from metrics_service.dashboard.export_rows import as_csv
from tandem.clock import to_micros
from tandem.database.connection import DatabaseUnavailable
from tandem.fhir.auditing import audit_reads
from tandem.fhir.body import encode
from tandem.fhir.outcome import FhirError, Kind, outcome_of
from tandem.fhir.request import JSON
from tandem.pages.surroundings import PageSurroundings
from tandem.pages.templating import Pages
from tandem.sign_in.first import sign_in_first

HOME: Final = "/dashboard"
ACTION: Final = "$dashboard"
Answer = Callable[[Asked, Request], Awaitable[Response]]
_HEADINGS: Final = {
    400: "This address cannot be read", 403: "You may not see this page", 404: "There is no such page",
    503: "This page cannot be made just now",
}  # fmt: skip


class Answering:
    """Makes answers for the people whom `surroundings` knows, with the templates of `pages`."""

    def __init__(self, surroundings: PageSurroundings, pages: Pages) -> None:
        self._surroundings, self._pages = surroundings, pages

    def answering(self, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
        """The answer for whoever is signed in; a refusal as a page, or as an OperationOutcome to a program."""

        async def answered(request: Request) -> Response:
            try:
                caller = await self._surroundings.caller(request)
                if caller is None:
                    return sign_in_first(request)
                kernel = self._surroundings.kernel()
                call = call_of(kernel, request, caller)
                async with kernel.database.read() as connection:
                    asked = await asked_of(call, request, connection)
                return await answer(asked, request)
            except FhirError as error:
                return self._refused(request, error)
            except DatabaseUnavailable:
                return self._refused(request, FhirError(Kind.UNAVAILABLE, headers={"Retry-After": "2"}))

        return answered

    def _refused(self, request: Request, error: FhirError) -> Response:
        status = error.kind.status
        if "text/html" not in request.headers.get("accept", ""):
            return Response(encode(outcome_of(error)), status, error.headers, JSON)
        texts = [issue.text for issue in error.issues]
        heading = _HEADINGS.get(status, "This page cannot be shown")
        answer = self._pages.answer("message.html", status, heading=heading, texts=texts, link=(HOME, "The dashboard"))
        answer.headers.update(error.headers)
        return answer


async def csv_answer(
    asked: Asked, rows: Iterable[Mapping[str, Any]], name: str, columns: Sequence[str]
) -> Response:  # fmt: skip
    """A table to be saved as `name`.csv, its reading in the audit trail."""
    await audited(asked)
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "no-store"}
    return Response(as_csv(rows, columns), 200, headers, "text/csv; charset=utf-8")


async def json_answer(asked: Asked, told: Mapping[str, Any]) -> Response:
    """The same for programs."""
    await audited(asked)
    return Response(encode(dict(told)), 200, {"Cache-Control": "no-store"}, "application/json")


async def audited(asked: Asked, people: set[str | None] | None = None) -> None:
    """Write the page, and everybody on it, into the audit trail."""
    kernel = asked.kernel
    await audit_reads(
        kernel.database, asked.call.request, ACTION, "Measure", people or set(), to_micros(kernel.clock.now())
    )
