"""`$load`: a part of a load, sent by the gateway in the name of whoever started it.

Each resource is an update under its own id, checked as any other; a chunk of them is one transaction with few
statements. A refused resource does not undo its neighbours: what can be told beforehand is told before anything is
written, and when the database refuses a chunk its resources are written one by one.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from tandem.database.connection import SerializationConflict, UniqueViolation
from tandem.fhir.body import Resource, decode, encode, parse_again
from tandem.fhir.conditional import match_ids
from tandem.fhir.jobs import unpack_caller
from tandem.fhir.kernel import Kernel, write_context
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.fhir.request import FhirRequest, FhirResponse, parse_pairs
from tandem.fhir.store_many import lock_many
from tandem.fhir.update import update_with_retry
from tandem.fhir.writing import Intent, Written
from tandem.identity.projection import PROJECTED_TYPES

_log = logging.getLogger(__name__)
CHUNK = 100
_BREATH = 20
"""After so many resources checked or written the event loop serves others."""
_MOST_ISSUES = 20


@dataclass(slots=True)
class _Line:
    """One line of the part; once `status` is set it is dealt with."""

    number: int
    resource: Resource = field(default_factory=dict)
    status: str = ""
    issues: list[Issue] = field(default_factory=list)

    @property
    def name(self) -> tuple[str, str]:
        return self.resource["resourceType"], self.resource["id"]

    def refuse(self, error: FhirError) -> None:
        # What is only unavailable just now is sent again.
        self.status = "retry" if error.kind is Kind.UNAVAILABLE else "rejected"
        self.issues = error.issues

    def settle(self, written: Written) -> None:
        self.status = "created" if written.created else "updated" if written.changed else "unchanged"


async def load_part(kernel: Kernel, request: FhirRequest) -> FhirResponse:
    """NDJSON of resources in, for each line `{"n", "status": created|updated|unchanged|rejected|retry, "issues"}` out.

    With the query `match`, instead: `{"criteria": "Type?…"}` in, `{"ids": […]}` (two at most) out, of what the one who
    loads may see. Raises FhirError 403 for anyone but the gateway, 400 for a request it would not send.
    """
    if request.caller.service != "gateway" or request.method != "POST":
        raise FhirError(Kind.FORBIDDEN, "$load is for the gateway alone; send records to $ingest")
    asked = _on_behalf(request)
    if request.query == "match":
        return await _match(kernel, asked)
    lines = [_Line(number) for number in range(1, request.body.count(b"\n") + 2)]
    for place, raw in enumerate(request.body.split(b"\n")):
        _check(kernel, asked, lines[place], raw)
        if place % _BREATH == _BREATH - 1:
            await asyncio.sleep(0)
    for chunk in _chunks(kernel, [line for line in lines if not line.status]):
        await _write(kernel, asked, chunk)
    return FhirResponse(200, b"\n".join(_answer(line) for line in lines), content_type="application/x-ndjson")


def _on_behalf(request: FhirRequest) -> FhirRequest:
    try:
        caller = unpack_caller(base64.b64decode(request.headers.get("x-tandem-caller", ""), validate=True))
    except (binascii.Error, msgspec.MsgspecError):
        raise FhirError(Kind.BAD_REQUEST, "x-tandem-caller does not say who loads") from None
    # Nobody becomes one of our services by way of a load.
    caller = replace(caller, service=None)
    return replace(request, caller=caller, headers={}, practice=request.headers.get("x-tandem-practice"), loading=True)


async def _match(kernel: Kernel, request: FhirRequest) -> FhirResponse:
    kind, _, criteria = str(decode(request.body)["criteria"]).partition("?")
    kernel.check_type(kind)
    async with kernel.database.read() as connection:
        ids = await match_ids(kernel, connection, request, kind, parse_pairs(criteria))
    return FhirResponse(200, encode({"ids": ids}), content_type="application/json")


def _check(kernel: Kernel, request: FhirRequest, line: _Line, raw: bytes) -> None:
    try:
        line.resource = _checked(kernel, request, raw)
    except FhirError as error:
        line.refuse(error)


def _checked(kernel: Kernel, request: FhirRequest, raw: bytes) -> Resource:
    if len(raw) > kernel.max_resource:
        raise FhirError(Kind.TOO_LARGE, f"One resource may take up to {kernel.max_resource} bytes")
    resource = parse_again(raw)
    kind = resource["resourceType"]
    kernel.check_type(kind)
    if not (request.caller.may(kind, "c") and request.caller.may(kind, "u")):
        raise FhirError(Kind.FORBIDDEN, f"The token's scopes do not allow system/{kind[:64]}.cu")
    issues = kernel.validator.validate(resource, raw)
    if issues:
        raise FhirError(Kind.INVALID, issues=issues)
    if "id" not in resource:
        raise FhirError(Kind.INVALID, issues=[Issue("A resource is loaded under its id", f"{kind}.id", "required")])
    return resource


def _chunks(kernel: Kernel, lines: list[_Line]) -> Iterator[list[_Line]]:
    chunk: list[_Line] = []
    names: set[tuple[str, str]] = set()
    for line in lines:
        # A resource twice is two versions; and who may see whom must be known before what hangs on it is written.
        kinds = {line.name[0], chunk[-1].name[0]} if chunk else set()
        apart = len(kinds) == 2 and bool(kinds & PROJECTED_TYPES)
        if apart or line.name in names or len(chunk) == CHUNK:
            yield chunk
            chunk, names = [], set()
        chunk.append(line)
        names.add(line.name)
    if chunk:
        yield chunk


async def _write(kernel: Kernel, request: FhirRequest, chunk: list[_Line]) -> None:
    try:
        results = await _write_together(kernel, request, chunk)
    except (UniqueViolation, SerializationConflict, FhirError, LookupError) as error:
        _log.info("%s loads %d resources one by one after %s", kernel.service.name, len(chunk), type(error).__name__)
        for line in chunk:
            await _write_alone(kernel, request, line)
        return
    for line, result in zip(chunk, results, strict=True):
        if isinstance(result, FhirError):
            line.refuse(result)
        else:
            line.settle(result)


async def _write_together(kernel: Kernel, request: FhirRequest, chunk: list[_Line]) -> list[Written | FhirError]:
    context = write_context(request.caller, request.request_id, request.correlation_id, request.practice)
    async with kernel.database.transaction() as connection:
        held = await lock_many(kernel, connection, request.caller, [line.name for line in chunk])
        results: list[Written | FhirError] = [FhirError(Kind.CONFLICT, "This id cannot be used")] * len(chunk)
        places, intents = [], []
        for place, line in enumerate(chunk):
            before = held.get(line.name)
            if before is None or before.seen:
                places.append(place)
                intents.append(Intent(*line.name, before.stored if before else None, dict(line.resource), "update"))
        written = await kernel.writing.apply_many(connection, intents, context)
        for place, result in zip(places, written, strict=True):
            results[place] = result
    return results


async def _write_alone(kernel: Kernel, request: FhirRequest, line: _Line) -> None:
    try:
        line.settle(await update_with_retry(kernel, request, line.resource, line.name[1]))
    except FhirError as error:
        line.refuse(error)
    except SerializationConflict:
        line.refuse(FhirError(Kind.UNAVAILABLE))
    except UniqueViolation:
        line.refuse(FhirError(Kind.DUPLICATE))
    except LookupError:
        line.refuse(FhirError(Kind.UNPROCESSABLE, "This refers to something that is not known here yet"))


def _answer(line: _Line) -> bytes:
    answer: dict[str, Any] = {"n": line.number, "status": line.status}
    if line.issues:
        answer["issues"] = [_shown(issue) for issue in line.issues[:_MOST_ISSUES]]
    return encode(answer)


def _shown(issue: Issue) -> dict[str, str]:
    return {"text": issue.text, "expression": issue.expression} if issue.expression else {"text": issue.text}
