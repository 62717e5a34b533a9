"""`POST Task/[id]/$evidence`: the organisation that owes a duty shows what meets it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mdt_service.domain.duties.codes import DUTY
from mdt_service.domain.duties.duty_task import is_kind, next_status
from mdt_service.domain.duties.evidence import Evidence, faults, output_of
from mdt_service.duties.duty_rows import duty_row
from mdt_service.duties.shipped_catalogue import catalogue
from tandem.clock import to_instant, to_micros
from tandem.fhir.asked_resource import asked_resource
from tandem.fhir.auditing import audit_entry
from tandem.fhir.body import Resource, encode
from tandem.fhir.operation_parameters import day_or_today, flag, only, optional_day, required_text, short_text, today
from tandem.fhir.operation_work import work_of
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record
from tandem.service import Work

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_PARAMETERS = ("kind", "what", "date", "until", "reference", "by", "complete")
_REFERENCE = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64}")
_LONGEST = 2000


async def show_evidence(call: OperationCall) -> FhirResponse:
    """`kind`, `what` (text), `date` (else today), `until`, `reference`, `by` (else the token's user); the Task.

    With `complete` (true unless given) the duty is met. The same evidence again changes nothing. Raises FhirError 400,
    403 for anybody but the owner, 404, 422 for evidence that does not count and for a duty that has ended.
    """
    only(call, _PARAMETERS)
    kernel, request, now = call.kernel, call.request, call.kernel.clock.now()
    assert call.id is not None, "declared on the instance"
    async with kernel.database.transaction() as connection:
        task, _ = await asked_resource(call, connection, lock=True)
        row = await duty_row(connection, call.id)
        if not is_kind(task, DUTY) or row is None:
            text = "Evidence is shown for a duty: a Task whose code is task-kind duty"
            raise FhirError(Kind.UNPROCESSABLE, text, expression="Task.code")
        if not request.caller.sees_all and request.caller.organisation != row.owner:
            raise FhirError(Kind.FORBIDDEN, "Only the organisation that owes a duty shows evidence for it")
        task = await _shown(call, work_of(call, connection, now), task, now)
        entry = audit_entry(request, "$evidence", to_micros(now), resource_type="Task", resource_id=call.id)
        await record(connection, [entry])
    return FhirResponse(200, encode(task))


async def _shown(call: OperationCall, work: Work, task: Resource, now: datetime) -> Resource:
    evidence = _evidence(call, task)
    duty = catalogue().of_canonical(task.get("instantiatesCanonical"))
    found = list(faults(evidence, duty, catalogue(), today(call)))
    if found:
        raise FhirError(Kind.BUSINESS_RULE, issues=found)
    output, outputs = output_of(evidence), task.get("output") or []
    complete = flag(call, "complete", default=True)
    if output in outputs and (task["status"] == "completed" or not complete):
        return task
    if next_status(task["status"]) is None:
        text = f"The duty has ended ({task['status']}): evidence is shown for one that is still owed"
        raise FhirError(Kind.BUSINESS_RULE, text, expression="Task.status")
    shown = {**task, "output": outputs if output in outputs else [*outputs, output], "lastModified": to_instant(now)}
    wanted = "completed" if complete else "in-progress"
    status = str(task["status"])
    if status == wanted:
        return await work.put(shown)
    # By every status on the way, as the table of transitions asks; the last has the evidence already.
    while status != wanted and (following := next_status(status)) is not None:
        status = following
        shown = await work.put({**shown, "status": status})
    return shown


def _evidence(call: OperationCall, task: Resource) -> Evidence:
    duty = catalogue().of_canonical(task.get("instantiatesCanonical"))
    kind = short_text(call, "kind")
    if kind is None:
        if duty is None or len(duty.evidence) > 1:
            kinds = ", ".join(duty.evidence if duty is not None else catalogue().kinds)
            raise FhirError(Kind.BAD_REQUEST, f"Give the parameter kind: one of {kinds}", expression="kind")
        kind = duty.evidence[0]
    what = required_text(call, "what")
    if len(what) > _LONGEST:
        raise FhirError(Kind.BAD_REQUEST, f"what is a text of 1 to {_LONGEST} characters", expression="what")
    user = call.request.caller.user
    by = _reference(call, "by") or user
    return Evidence(
        kind, what, day_or_today(call, "date"), _reference(call, "reference"), {"reference": by} if by else None,
        optional_day(call, "until"),
    )  # fmt: skip


def _reference(call: OperationCall, name: str) -> str | None:
    value: Any = call.one(name)
    text = value.get("reference") if isinstance(value, dict) else value
    if value is None:
        return None
    if not isinstance(text, str) or _REFERENCE.fullmatch(text) is None:
        raise FhirError(Kind.BAD_REQUEST, f"{name} is a Reference such as DocumentReference/1", expression=name)
    return text
