"""`$status`: where every process stands, and what is stuck, for an operator. A service that gives no answer is told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import msgspec

from tandem.fhir.body import encode
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirRequest, FhirResponse
from tandem.gateway.backends import Backends
from tandem.gateway.service import GATEWAY
from tandem.identity.caller import service_caller
from tandem.telemetry.problems import Problem, problems_of
from tandem.telemetry.state import State
from tandem.telemetry.state_reader import StateUnreadable

_SECONDS = 15.0
_OLDEST = 1.0
ReadState = Callable[[float], Awaitable[State]]


class Process(msgspec.Struct, frozen=True):
    """One process as it answered; `why` says what is wrong with one that did not."""

    service: str
    up: bool
    why: str = ""
    state: State | None = None


class Status(msgspec.Struct, frozen=True):
    """`status` is `ok`, `attention` when there are problems, `down` when a process gives no answer."""

    status: str
    processes: list[Process]
    problems: list[Problem]


async def status(backends: Backends, own: ReadState, request: FhirRequest) -> FhirResponse:
    """A Status. Raises FhirError 403 for anyone but an operator."""
    if not request.caller.operator:
        raise FhirError(Kind.FORBIDDEN, "How the processes stand is for an operator")
    processes = await asyncio.gather(_own(own), *(_asked(backends, name, request) for name in backends.names))
    problems = [problem for each in processes for problem in _problems(each)]
    down = any(not each.up for each in processes)
    answer = Status("down" if down else "attention" if problems else "ok", list(processes), problems)
    return FhirResponse(200, encode(answer), content_type="application/json")


async def _own(read: ReadState) -> Process:
    try:
        return Process(GATEWAY, True, state=await read(_OLDEST))
    except StateUnreadable as error:
        return Process(GATEWAY, False, f"its database does not answer ({error})")


async def _asked(backends: Backends, name: str, request: FhirRequest) -> Process:
    own = replace(request, method="GET", path="$state", query="", headers={}, body=b"", caller=service_caller(GATEWAY))
    try:
        async with asyncio.timeout(_SECONDS):
            answer = await backends.send(name, own)
    except FhirError:
        return Process(name, False, "it cannot be reached")
    except TimeoutError:
        return Process(name, False, f"it gave no answer within {_SECONDS:.0f} s")
    if answer.status != 200:
        return Process(name, False, f"it answers {answer.status}: its database may be away, or its release too old")
    try:
        return Process(name, True, state=msgspec.json.decode(answer.body, type=State))
    except msgspec.MsgspecError:
        return Process(name, False, "its answer cannot be read: it may be of another release")


def _problems(process: Process) -> list[Problem]:
    if process.state is None:
        return [Problem(process.service, process.why, f"see the log of {process.service}, and its /health/ready")]
    return problems_of(process.state)
