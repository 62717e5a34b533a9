"""`POST Group/$extract`: a linked extract of people's records under pseudonyms, for population health (AC-032, AC-034).

People are looked at twice: first it is counted what enough of them share, then their rows are written, a thousand in
one part and one transaction. A job that was interrupted goes on after the last part that it kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from cohort_service.domain.extracts.rows import extract_row, shared_by
from cohort_service.domain.extracts.small_numbers import Groups
from cohort_service.domain.pseudonym import pseudonym, working_key
from cohort_service.extracts import extract_rows
from cohort_service.extracts.asked import ExtractRequest, extract_request
from cohort_service.extracts.extract_rows import Extract, ExtractPart
from cohort_service.extracts.kept_setting import refuse_unless_kept
from cohort_service.extracts.key_rows import PseudonymKey, kept_key, key_for
from cohort_service.extracts.people_rows import Wanted, people_after
from cohort_service.extracts.rendering import rendered
from cohort_service.runs.scope import Scope, networks_of, scope_to_run
from tandem.clock import from_micros, to_instant, to_micros
from tandem.database.connection import Connection
from tandem.fhir.auditing import audit_reads
from tandem.fhir.jobs import JobCancelled
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import answer
from tandem.fhir.request import FhirResponse
from tandem.london_days import date_of, day_number, london_date

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

CHUNK = 1_000
"""People in one part."""


@dataclass(frozen=True, slots=True)
class _People:
    """Of whom the extract is, and the network of each practice."""

    scope: Scope
    networks: dict[str, str]


class _Progress(msgspec.Struct):
    """What the job keeps: the extract, the last person number that was taken, and the parts written."""

    extract: str
    after: int = 0
    parts: int = 0
    people: int = 0


async def extract(call: OperationCall) -> FhirResponse:
    """Parameters: extract (its id), recipient, keyNumber, asOf, people, and for each part its address and people.

    Raises FhirError 400 for what is asked wrongly, 403 for somebody else's people, 409 when the recipient's key was
    replaced while the job waited, 503 while consents that came in may not be known yet.
    """
    asked = extract_request(call)
    if call.kernel.registered_only():
        raise FhirError(Kind.UNAVAILABLE, "What people have said of sharing may not all be known; try again soon")
    async with call.kernel.database.read() as connection:
        now = to_micros(call.kernel.clock.now())
        scope = await scope_to_run(connection, call.request.caller, asked.practice, asked.network, now)
        asked_of = _People(scope, await _networks(connection, scope, now))
    progress, made, key = await _begun(call, asked, asked_of)
    try:
        await _write(call, asked_of, made, key, progress)
    except JobCancelled:
        async with call.kernel.database.transaction() as connection:
            await extract_rows.forget(connection, made.id)
        raise
    finished = to_micros(call.kernel.clock.now())
    async with call.kernel.database.transaction() as connection:
        parts = await extract_rows.end(connection, made.id, finished)
    await audit_reads(call.kernel.database, call.request, "$extract", "Group", set(), finished)
    return _answered(call, made, parts)


async def _begun(
    call: OperationCall, asked: ExtractRequest, asked_of: _People
) -> tuple[_Progress, Extract, PseudonymKey]:
    """The extract that the job had begun, or a new one."""
    job, owner = call.request.job, call.request.caller.organisation
    if job is not None and job.checkpoint is not None:
        progress = msgspec.msgpack.decode(job.checkpoint, type=_Progress)
        async with call.kernel.database.read() as connection:
            await refuse_unless_kept(connection, call.kernel)
            made = await extract_rows.find(connection, progress.extract)
            assert made is not None, "it is kept before its job says so"
            key = await kept_key(connection, owner, made.recipient, made.key_number)
        if key is None:
            raise FhirError(Kind.CONFLICT, "The recipient's key was replaced meanwhile; ask for the extract again")
        return progress, made, key
    now = call.kernel.clock.now()
    day, started = day_number(london_date(now)), to_micros(now)
    async with call.kernel.database.transaction() as connection:
        await refuse_unless_kept(connection, call.kernel)
        await extract_rows.forget_old_parts(connection, started)
        key = await key_for(connection, owner, asked.recipient, day, renewed=asked.new_key)
    made = Extract(
        call.kernel.ids.new(), owner, asked.recipient, asked_of.scope.organisation, day, asked.format, asked.smallest,
        key.number, started,
    )  # fmt: skip
    large = (await _counted(call, asked_of, made)).large(asked.smallest)
    progress = _Progress(made.id)
    async with call.kernel.database.transaction() as connection:
        await extract_rows.begin(connection, made, large)
    await _keep(call, progress)
    return progress, made, key


async def _counted(call: OperationCall, asked_of: _People, made: Extract) -> Groups:
    groups, after = Groups(), 0
    while True:
        async with call.kernel.database.read() as connection:
            wanted = _wanted(call, asked_of, made)
            people, last = await people_after(connection, wanted, after, CHUNK)
        if last is None:
            return groups
        after = last
        for person in people:
            groups.count(shared_by(person, made.as_of))
        if call.request.job is not None and call.request.job.cancelled:
            raise JobCancelled(call.request.job.id)


async def _write(
    call: OperationCall, asked_of: _People, made: Extract, key: PseudonymKey, progress: _Progress
) -> None:
    working = working_key(key.key, call.kernel.pseudonym_key)
    async with call.kernel.database.read() as connection:
        large = await extract_rows.large_groups(connection, made.id)
    while True:
        async with call.kernel.database.transaction() as connection:
            wanted = _wanted(call, asked_of, made)
            people, last = await people_after(connection, wanted, progress.after, CHUNK)
            if last is None:
                return
            rows = [extract_row(each, pseudonym(working, each.patient), large, made.as_of) for each in people]
            # By the pseudonym, so that the order of rows tells nothing of when people were entered.
            rows.sort(key=lambda row: str(row["pseudonym"]))
            body = rendered(rows, made.format)
            await extract_rows.keep_part(connection, made.id, progress.parts + 1, len(rows), wanted.now, body)
        progress.after, progress.parts = last, progress.parts + 1
        progress.people += len(rows)
        await _keep(call, progress)


def _wanted(call: OperationCall, asked_of: _People, made: Extract) -> Wanted:
    now = to_micros(call.kernel.clock.now())
    return Wanted(
        call.request.caller, made.recipient, asked_of.scope.practices, asked_of.networks, made.as_of, now
    )


async def _networks(connection: Connection, scope: Scope, now: int) -> dict[str, str]:
    """The network of each practice that has one; of several, the first by code."""
    named = scope.practices
    if named is None:
        rows = await connection.fetch("SELECT DISTINCT practice FROM patient WHERE practice IS NOT NULL")
        named = tuple(row["practice"] for row in rows)
    found = {practice: await networks_of(connection, practice, now) for practice in named}
    return {practice: networks[0] for practice, networks in found.items() if networks}


async def _keep(call: OperationCall, progress: _Progress) -> None:
    if call.request.job is not None:
        await call.request.job.save(msgspec.msgpack.encode(progress), progress.people)


def _answered(call: OperationCall, made: Extract, parts: list[ExtractPart]) -> FhirResponse:
    found: list[dict[str, Any]] = [
        {"name": "extract", "valueId": made.id}, {"name": "recipient", "valueString": made.recipient},
        {"name": "keyNumber", "valueInteger": made.key_number},
        {"name": "asOf", "valueDate": date_of(made.as_of).isoformat()},
        {"name": "started", "valueInstant": to_instant(from_micros(made.started))},
        {"name": "smallestGroup", "valueInteger": made.smallest},
        {"name": "people", "valueInteger": sum(part.people for part in parts)},
    ]  # fmt: skip
    for part in parts:
        url = f"{call.kernel.base}/Group/$extract-part?extract={made.id}&part={part.number}"
        told = [{"name": "url", "valueUrl": url}, {"name": "people", "valueInteger": part.people}]
        found.append({"name": "part", "part": told})
    return answer(found)
