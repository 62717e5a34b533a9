"""What a round records of one resident: notes, actions, a medication review, and flags that were dealt with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mdt_service.domain.home_rounds.round_tasks import (
    action_task,
    based_on,
    dealt_with,
    medication_review_reason,
    review_task,
    with_note,
)
from mdt_service.domain.home_rounds.round_transitions import HELD, UNDER_WAY
from mdt_service.home_rounds.flag_rows import open_flags
from mdt_service.home_rounds.homes import code_of_home, lives_in
from mdt_service.home_rounds.round_rows import RoundRow
from tandem.clock import to_instant, to_micros
from tandem.fhir.body import Resource
from tandem.fhir.operation_parameters import flag, optional_text, required_day
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.person_parameter import person_named
from tandem.fhir.reference_parameter import literal_given, staff_given
from tandem.identity.access import has_access
from tandem.identity.organisation_reference import reference_to
from tandem.ids import deterministic_id
from tandem.service import Work

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_OWNERS = ("PractitionerRole", "Practitioner", "Organization")


async def record_resident(
    call: OperationCall, work: Work, row: RoundRow, plan: str | None
) -> tuple[Resource, str]:  # fmt: skip
    """`patient`, `note`, `action` with `action-owner` and `action-due`, `medication-review-by` with
    `medication-review-due`; open flags are completed unless `close-flags` is false.

    Actions are based on `plan` (CarePlan.id), if there is one. Answers the Task of the resident's review, and
    Patient.id. Raises FhirError 400, 404, 422.
    """
    patient = await _resident(call, work, row)
    note, leader = optional_text(call, "note"), row.leader
    assert leader is not None, "a round without a leader does not begin"
    at, identity = to_instant(work.now), deterministic_id("round-review", row.appointment, patient)
    review = await work.read("Task", identity) or review_task(identity, row.appointment, patient, leader.who, at)
    if note is not None:
        said = {"authorReference": await _author(call, work), "time": at, "text": note}
        review = with_note(review, said)
    review = await work.put(review)
    for action in _actions(call, review, at):
        await work.put(based_on(action, plan))
    if flag(call, "close-flags", default=True):
        for open_flag in (await open_flags(work.connection, [patient], row.home)).get(patient, ()):
            task = await work.read("Task", open_flag.task)
            for version in dealt_with(task, identity) if task is not None else ():
                await work.put(version)
    return review, patient


async def _author(call: OperationCall, work: Work) -> dict[str, Any]:
    """Who says it: the token's user, else the caller's organisation (an Annotation takes no PractitionerRole)."""
    caller = call.request.caller
    if caller.user is not None and caller.user.startswith("Practitioner/"):
        return {"reference": caller.user}
    return await reference_to(work.connection, caller.organisation)


async def _resident(call: OperationCall, work: Work, row: RoundRow) -> str:
    if row.status not in (UNDER_WAY, HELD):
        text = "What is done for a resident is recorded once the round has begun"
        raise FhirError(Kind.BUSINESS_RULE, text, expression="Appointment.status")
    connection = work.connection
    patient = await person_named(connection, call.one("patient"))
    if patient is None or not await has_access(
        connection, call.request.caller, patient, to_micros(work.now), registered_only=call.kernel.registered_only()
    ):  # fmt: skip
        raise FhirError(Kind.NOT_FOUND, "There is no such Patient")
    home = await code_of_home(connection, row.home)
    if home is None or not await lives_in(connection, patient, home, row.day):
        raise FhirError(
            Kind.BUSINESS_RULE, "A home round sees people who live in its home on its day", expression="patient"
        )
    return patient


def _actions(call: OperationCall, review: Resource, at: str) -> list[Resource]:
    found = []
    what, reviewers = optional_text(call, "action"), staff_given(call, "medication-review-by")
    if what is not None:
        owner, due = literal_given(call.one("action-owner"), "action-owner", _OWNERS), required_day(call, "action-due")
        identity = deterministic_id("round-action", str(review["id"]), what, owner)
        found.append(action_task(identity, review, what, owner, due.isoformat(), at))
    if len(reviewers) > 1:
        raise FhirError(Kind.BAD_REQUEST, "Give medication-review-by once", expression="medication-review-by")
    if reviewers:
        identity = deterministic_id("round-medication-review", str(review["id"]))
        found.append(action_task(
            identity, review, "Structured medication review", reviewers[0],
            required_day(call, "medication-review-due").isoformat(), at, medication_review_reason(),
        ))  # fmt: skip
    return found
