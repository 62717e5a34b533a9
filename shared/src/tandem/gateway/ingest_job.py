"""The job behind `$ingest`: take apart, name, plan, send to the owners, and keep how far it came after every chunk.

Everything but the answers of the owners follows from what was sent and from what criteria were found to mean, and that
is kept in the checkpoint: a job that is resumed makes the same plan and goes on with the first chunk not yet answered.
A chunk that was stored but not yet noted is sent again, and found unchanged.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from tandem.database.connection import Database
from tandem.events.realtime import backoff
from tandem.fhir.body import decode, encode
from tandem.fhir.jobs import JobResult, JobRun, pack_caller
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.fhir.ownership import OWNER
from tandem.fhir.request import FhirRequest, FhirResponse
from tandem.gateway.backends import Backends
from tandem.gateway.ingest import PRACTICE_HEADER, IngestRequest
from tandem.gateway.ingest_report import Report
from tandem.gateway.intake_entries import Entry, read_entries
from tandem.gateway.intake_names import (
    MANY,
    NONE,
    Names,
    OwnIdentifiers,
    criteria_of_entries,
    criteria_of_references,
    give_ids,
    own_criteria,
)  # fmt: skip
from tandem.gateway.intake_plan import Chunk, check_right, chunks, unowned
from tandem.gateway.loaded_sources import digest_of, keep_source
from tandem.gateway.service import GATEWAY
from tandem.identity.caller import Caller, service_caller

CALLER_HEADER = "x-tandem-caller"
_ATTEMPTS = 6
Pause = Callable[[float], Awaitable[None]]


class _Checkpoint(msgspec.Struct):
    found: dict[str, str] | None = None
    new: set[str] = set()
    sent: set[int] = set()
    report: Report = msgspec.field(default_factory=Report)


@dataclass(slots=True)
class _Load:
    """One load under way."""

    run: JobRun
    asked: IngestRequest
    state: _Checkpoint
    total: int
    saving: asyncio.Lock

    async def save(self) -> None:
        async with self.saving:
            await self.run.save(msgspec.msgpack.encode(self.state), self.state.report.done, self.total)


class IngestJob:
    """Carries out loads."""

    def __init__(
        self, backends: Backends, base: str, database: Database, *, pause: Pause = asyncio.sleep
    ) -> None:
        self._database = database
        self._backends = backends
        self._base = base
        self._pause = pause

    async def run(self, run: JobRun) -> JobResult:
        """Load; the result is the report. Raises FhirError(UNAVAILABLE) when an owner stays away: it resumes later."""
        asked = msgspec.msgpack.decode(run.request, type=IngestRequest)
        state = msgspec.msgpack.decode(run.checkpoint, type=_Checkpoint) if run.checkpoint else _Checkpoint()
        entries = await asyncio.to_thread(read_entries, asked.body, asked.lines)
        load = _Load(run, asked, state, len(entries), asyncio.Lock())
        resumed = state.found is not None
        if state.found is None:
            state.found = await self._look_up(load, entries)
        plan = await asyncio.to_thread(self._planned, entries, run.caller, state)
        if not resumed:
            _report_what_stays(state.report, entries)
            await load.save()
        for first in (True, False):
            left = [chunk for chunk in plan if chunk.first is first and chunk.number not in state.sent]
            await self._send_all(load, left)
        report = state.report.result()
        if asked.source is not None:
            async with self._database.transaction() as connection:
                await keep_source(
                    connection, run.caller.organisation, asked.practice, asked.source, digest_of(asked.body), report
                )
        return JobResult(200, encode(report), "application/json")

    def _planned(self, entries: list[Entry], caller: Caller, state: _Checkpoint) -> list[Chunk]:
        found = state.found or {}
        give_ids(entries, caller.organisation, found, state.new)
        names = Names(entries)
        kept = [entry for entry in entries if not entry.issues and not entry.settled and not unowned(entry)]
        for entry in kept:
            check_right(entry, caller)
            names.fill_in(entry, found)
        return chunks(kept, self._base)

    async def _look_up(self, load: _Load, entries: list[Entry]) -> dict[str, str]:
        """What all criteria lead to: for entries the store first, for references the load itself first."""
        organisation = load.run.caller.organisation
        await asyncio.to_thread(give_ids, entries, organisation, {})
        found: dict[str, str] = {}
        conditional = criteria_of_entries(entries)
        if conditional:
            plain = OwnIdentifiers(entry for entry in entries if own_criteria(entry) is None)
            for criteria, own_id in conditional.items():
                held = await self._ask(load, criteria) or plain.find(criteria)
                found[criteria] = held or own_id
                if not held:
                    load.state.new.add(criteria)
            await asyncio.to_thread(give_ids, entries, organisation, found, load.state.new)
        used = sorted(await asyncio.to_thread(criteria_of_references, entries) - found.keys())
        own = OwnIdentifiers(entries) if used else None
        for criteria in used:
            mine = own.find(criteria) if own is not None else None
            found[criteria] = mine or await self._ask(load, criteria)
        return found

    async def _ask(self, load: _Load, criteria: str) -> str:
        owner = OWNER.get(criteria.partition("?")[0])
        if owner is None:
            return NONE
        answer = await self._patiently(owner, self._request(load, "$load", b"", criteria))
        if answer.status != 200:
            return NONE
        ids = decode(answer.body)["ids"]
        return str(ids[0]) if len(ids) == 1 else MANY if ids else NONE

    async def _send_all(self, load: _Load, plan: list[Chunk]) -> None:
        by_service: dict[str, list[Chunk]] = {}
        for chunk in plan:
            by_service.setdefault(chunk.service, []).append(chunk)
        try:
            async with asyncio.TaskGroup() as tasks:
                for own in by_service.values():
                    tasks.create_task(self._send_in_order(load, own))
        except BaseExceptionGroup as group:
            # The first failure ended the others; it alone says why.
            raise group.exceptions[0] from group

    async def _send_in_order(self, load: _Load, plan: list[Chunk]) -> None:
        for chunk in plan:
            await self._send(load, chunk)
            load.state.sent.add(chunk.number)
            await load.save()

    async def _send(self, load: _Load, chunk: Chunk) -> None:
        entries, lines = chunk.entries, chunk.lines
        for attempt in range(1, _ATTEMPTS + 1):
            answer = await self._patiently(chunk.service, self._request(load, "$load", b"\n".join(lines), None))
            if answer.status != 200:
                _refuse_all(load.state.report, chunk.service, entries, answer)
                return
            again = _note(load.state.report, entries, answer.body)
            if not again:
                return
            entries, lines = [entries[place] for place in again], [lines[place] for place in again]
            await self._pause(backoff(attempt, first=0.5, longest=10.0))
        raise FhirError(Kind.UNAVAILABLE, f"{chunk.service} cannot take everything just now")

    async def _patiently(self, service: str, request: FhirRequest) -> FhirResponse:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                answer = await self._backends.send(service, request)
            except FhirError as error:
                if error.kind is not Kind.UNAVAILABLE:
                    raise
            else:
                if answer.status != Kind.UNAVAILABLE.status:
                    return answer
            await self._pause(backoff(attempt, first=0.5, longest=10.0))
        raise FhirError(Kind.UNAVAILABLE, f"{service} cannot be reached just now")

    def _request(self, load: _Load, path: str, body: bytes, criteria: str | None) -> FhirRequest:
        asked = load.asked
        caller = base64.b64encode(pack_caller(load.run.caller)).decode()
        headers = {"content-type": "application/fhir+json", CALLER_HEADER: caller}
        if asked.practice is not None:
            headers[PRACTICE_HEADER] = asked.practice
        if criteria is not None:
            body = encode({"criteria": criteria})
            headers["content-type"] = "application/json"
        return FhirRequest(
            "POST", path, "match" if criteria is not None else "", headers, body, asked.base, asked.request_id,
            asked.correlation_id, service_caller(GATEWAY),
        )  # fmt: skip


def _report_what_stays(report: Report, entries: list[Entry]) -> None:
    for entry in entries:
        if entry.issues:
            report.reject(entry, entry.issues)
        elif unowned(entry):
            report.leave_out(entry)
        elif entry.settled:
            report.count(entry.type, "unchanged")


def _note(report: Report, entries: list[Entry], body: bytes) -> list[int]:
    """Count the answers of a chunk; the places of those that are to be sent again."""
    again: list[int] = []
    for line in body.split(b"\n"):
        if not line:
            continue
        answer: dict[str, Any] = decode(line)
        place, status = int(answer["n"]) - 1, str(answer["status"])
        if status == "retry":
            again.append(place)
        elif status == "rejected":
            report.reject(entries[place], [Issue(one["text"], one.get("expression")) for one in answer["issues"]])
        else:
            report.count(entries[place].type, status)
    return again


def _refuse_all(report: Report, service: str, entries: list[Entry], answer: FhirResponse) -> None:
    if answer.status >= 500 or answer.status in (Kind.UNAUTHORIZED.status, Kind.FORBIDDEN.status):
        # No fault of the entries: the load ends as failed, and says so.
        raise FhirError(Kind.INTERNAL, f"{service} refused a part of the load as a whole ({answer.status})")
    try:
        texts = [str(issue["details"]["text"]) for issue in decode(answer.body)["issue"]]
    except (msgspec.DecodeError, KeyError, TypeError):
        texts = [f"{service} answered {answer.status}"]
    for entry in entries:
        report.reject(entry, [Issue(text) for text in texts])
