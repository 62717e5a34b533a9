"""`POST /clock`: moves a settable domain clock; there only when the system was started with `--clock`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tandem.clock import SettableClock
from tandem.fhir.asgi import Verify
from tandem.fhir.body import encode
from tandem.fhir.outcome import FhirError, Kind, outcome_of
from tandem.fhir.request import JSON


def clock_route(clock: SettableClock, verify: Verify, fire_due: Callable[[], Awaitable[int]]) -> Route:
    """The route; it takes `{"now": "2020-07-08T09:00:00+01:00"}` from an operator."""

    async def set_clock(request: Request) -> Response:
        try:
            caller = await verify(request.headers.get("authorization"))
            if not caller.operator:
                raise FhirError(Kind.FORBIDDEN, "Only an operator may move the clock")
            _move(clock, await _moment(request))
        except FhirError as error:
            return Response(encode(outcome_of(error)), error.kind.status, error.headers, JSON)
        fired = await fire_due()
        return JSONResponse({"now": clock.now().isoformat(), "fired": fired})

    return Route("/clock", set_clock, methods=["POST"])


async def _moment(request: Request) -> datetime:
    try:
        moment = datetime.fromisoformat((await request.json())["now"])
    except (ValueError, KeyError, TypeError):
        raise FhirError(Kind.BAD_REQUEST, "now must be an ISO 8601 time with an offset") from None
    if moment.tzinfo is None:
        raise FhirError(Kind.BAD_REQUEST, "now must have an offset")
    return moment


def _move(clock: SettableClock, moment: datetime) -> None:
    try:
        clock.set(moment)
    except ValueError as error:
        raise FhirError(Kind.UNPROCESSABLE, str(error)) from None
