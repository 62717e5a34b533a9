"""`MeasureReport/$assurance-form`: what a practice gives before delivery, and the commissioner approves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from metrics_service.assurance_form.baseline_figures import with_figures
from metrics_service.assurance_form.baseline_listener import newest_return
from metrics_service.assurance_form.form_given import GIVEN, form_given
from metrics_service.assurance_form.form_parts import collaboration_parts, form_parts
from metrics_service.assurance_form.form_rows import (
    Held,
    form_of,
    keep_decision,
    keep_form,
    keep_submission,
    works_with,
)
from metrics_service.domain.assurance_form.document import form_blocks
from metrics_service.domain.assurance_form.form import Baseline, Form, fault_of_approval, gaps_of
from metrics_service.domain.practice_reports.gaps import Gap
from metrics_service.printed import FORMS, printed
from metrics_service.scheme.parties import (
    NOTHING,
    Seen,
    must_be_commissioner,
    must_be_practice,
    party_of,
    practice_seen,
)
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.auditing import audit_entry, audit_reads
from tandem.fhir.media_types import chosen_media_type
from tandem.fhir.operation_parameters import flag, one_of, only, today
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.fhir.parameters_answer import answer
from tandem.fhir.request import FhirResponse
from tandem.fhir.statement_parameter import statement
from tandem.identity.audit import record
from tandem.identity.derivation import hold

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_ACTION = "$assurance-form"
_STATES = {"approve": "approved", "return": "returned"}


@dataclass(frozen=True, slots=True)
class _View:
    held: Held
    baseline: Baseline | None
    gaps: tuple[Gap, ...]


async def assurance_form(call: OperationCall) -> FhirResponse:
    """GET answers the form, as Parameters, HTML or PDF; a practice that it names as working with it gets that entry.

    POST by the practice writes answers and, with `submit`, submits the form: its baseline is kept as it is then. POST
    by the commissioner decides: `decision` approve, or return with a `reason`. Raises FhirError 400, 403, 404, 406,
    409 for a form that is not to be written or decided on as it stands, 413, 422 with every fault and every gap.
    """
    if call.request.method == "GET":
        return await _read(call)
    deciding = call.one("decision") is not None
    only(call, ("practice", "decision", "reason") if deciding else ("practice", "submit", *GIVEN))
    now = to_micros(call.kernel.clock.now())
    async with call.kernel.database.transaction() as connection:
        seen = await practice_seen(call, connection)
        await hold(connection, [f"assurance-form/{seen.practice}"])
        await (_decide(call, connection, seen) if deciding else _write(call, connection, seen, now))
        view = await _view(connection, seen.practice, now)
        await record(connection, [audit_entry(call.request, _ACTION, now, resource_type="MeasureReport")])
    return answer(form_parts(view.held, view.baseline, view.gaps, seen.commissions))


async def _write(call: OperationCall, connection: Connection, seen: Seen, now: int) -> None:
    must_be_practice(call, seen)
    held = await form_of(connection, seen.practice)
    if held.state in ("submitted", "approved"):
        raise FhirError(Kind.CONFLICT, f"The form is {held.state}; only one that was returned is written again")
    form = await form_given(call, connection, held.form, seen.practice)
    await keep_form(connection, seen.practice, form, now)
    if not flag(call, "submit"):
        return
    view = await _view(connection, seen.practice, now)
    if view.gaps or view.baseline is None:
        issues = [Issue(f"{each.text} ({each.source})", each.what) for each in view.gaps]
        raise FhirError(Kind.BUSINESS_RULE, issues=issues)
    by = call.request.caller.organisation
    await keep_submission(connection, seen.practice, view.baseline, today(call), by)


async def _decide(call: OperationCall, connection: Connection, seen: Seen) -> None:
    must_be_commissioner(call, seen)
    state, reason = _STATES[one_of(call, "decision", tuple(_STATES), "")], statement(call, "reason")
    held = await form_of(connection, seen.practice)
    if held.state != "submitted" or held.baseline is None:
        raise FhirError(Kind.CONFLICT, "A form is decided on once it was submitted, and once")
    if state == "returned" and reason is None:
        raise FhirError(Kind.BUSINESS_RULE, "Give the reason why the form is returned", expression="reason")
    fault = fault_of_approval(held.baseline) if state == "approved" else None
    if fault is not None:
        raise FhirError(Kind.BUSINESS_RULE, fault, expression="decision")
    by = call.request.caller.organisation
    await keep_decision(connection, seen.practice, state, today(call), by, reason)


async def _read(call: OperationCall) -> FhirResponse:
    only(call, ("practice",))
    chosen_media_type(call.request, FORMS)
    now, caller = to_micros(call.kernel.clock.now()), call.request.caller
    async with call.kernel.database.read() as connection:
        seen = await party_of(call, connection)
        entry_only = not (seen.own or seen.commissions or caller.sees_all)
        if entry_only and not await works_with(connection, seen.practice, caller.organisation):
            raise FhirError(Kind.NOT_FOUND, NOTHING)
        view = await _view(connection, seen.practice, now)
    await audit_reads(call.kernel.database, call.request, _ACTION, "MeasureReport", set(), now)
    if entry_only:
        return answer(collaboration_parts(view.held, caller.organisation))
    if seen.commissions and view.held.submitted is None:
        # What is still being written is the practice's own.
        view = replace(view, held=replace(view.held, form=Form()))
    title = f"Assurance form of {seen.practice}"
    parameters = form_parts(view.held, view.baseline, view.gaps, seen.commissions)
    held = view.held
    return await printed(
        call, title, lambda: form_blocks(seen.practice, held.state, held.form, view.baseline, view.gaps), parameters
    )


async def _view(connection: Connection, practice: str, now: int) -> _View:
    held = await form_of(connection, practice)
    if held.state in ("submitted", "approved"):
        return _View(held, held.baseline, ())
    newest = await newest_return(connection, practice)
    baseline = await with_figures(connection, newest, practice, now) if newest is not None else None
    return _View(held, baseline, tuple(gaps_of(held.form, baseline)))
