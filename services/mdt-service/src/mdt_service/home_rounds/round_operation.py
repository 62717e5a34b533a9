"""`POST Appointment/[id]/$round`: a round is begun, what is done for each resident is recorded, and it is finished."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mdt_service.domain.home_rounds.round_resource import leads, participant, staff_of
from mdt_service.domain.home_rounds.round_transitions import HELD, TRANSITIONS, UNDER_WAY, may_follow
from mdt_service.home_rounds.answers import must_take_part, round_asked
from mdt_service.home_rounds.resident_plan import plan_of_resident
from mdt_service.home_rounds.round_record import record_resident
from mdt_service.home_rounds.round_rows import judged
from mdt_service.home_rounds.round_team import with_presence
from mdt_service.home_rounds.round_warnings import warnings
from mdt_service.home_rounds.series_rows import SeriesRow
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_entry
from tandem.fhir.body import Resource, encode
from tandem.fhir.operation_parameters import one_of, only, required_text
from tandem.fhir.operation_work import work_of
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.fhir.parameters_answer import answer, text, yes
from tandem.fhir.reference_parameter import staff_given
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record
from tandem.service import Work

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_STEPS = ("start", "record", "finish")
_PARAMETERS = (
    "step", "leader", "present", "patient", "note", "close-flags", "action", "action-owner", "action-due",
    "medication-review-by", "medication-review-due",
)  # fmt: skip


async def take_round(call: OperationCall) -> FhirResponse:
    """`step` start (with `leader`, if another one leads), record (see `round_record`) or finish (with who was
    `present`, repeated; everybody else of the staff was not).

    Answers the `appointment`, whether it `counts` and is `gp-led` by which `policy`, and a `warning` for each rule of
    the rhythm that is broken; after record the Task of the resident's review.

    For whoever keeps the series and organisations of the round's staff. Raises FhirError 400, 403, 404, 422.
    """
    only(call, _PARAMETERS)
    required_text(call, "step")
    step, now = one_of(call, "step", _STEPS, ""), call.kernel.clock.now()
    patient: str | None = None
    plan = await plan_of_resident(call) if step == "record" else None
    async with call.kernel.database.transaction() as connection:
        round_, row, series = await round_asked(call, connection, lock=True)
        must_take_part(call, row, series)
        work = work_of(call, connection, now)
        if step == "record":
            written, patient = await record_resident(call, work, row, plan)
            shown = FhirResponse(200, encode(written))
        else:
            following = _started(call, round_) if step == "start" else _finished(call, round_)
            shown = await _told(work, await work.put(following), series)
        entry = audit_entry(
            call.request, "$round", to_micros(now), resource_type="Appointment", resource_id=call.id, patient=patient
        )
        await record(connection, [entry])
    return shown


async def _told(work: Work, round_: Resource, series: SeriesRow) -> FhirResponse:
    now = to_micros(work.now)
    rounds = await judged(work.connection, series, now, (HELD, UNDER_WAY))
    [this] = [each for each in rounds if each.row.appointment == round_["id"]]
    return answer([
        {"name": "appointment", "resource": round_}, yes("counts", this.counts),
        yes("gp-led", this.counts and this.gp_led), text("policy", this.policy.version),
        *(text("warning", each) for each in warnings(series, rounds, [this], this.policy)),
    ])  # fmt: skip


def _started(call: OperationCall, round_: Resource) -> Resource:
    leaders, participants = staff_given(call, "leader"), round_["participant"]
    if len(leaders) > 1:
        raise FhirError(Kind.BAD_REQUEST, "One leads: give leader once", expression="leader")
    if leaders:
        others = []
        for each in participants:
            who = str((each.get("actor") or {}).get("reference") or "")
            if who != leaders[0]:
                others.append({**participant(who, False), "status": each["status"]} if leads(each) else each)
        participants = [participant(leaders[0], True, "accepted"), *others]
    return {**_moved(round_, UNDER_WAY), "participant": participants}


def _finished(call: OperationCall, round_: Resource) -> Resource:
    present, staff = set(staff_given(call, "present")), {who for who, _ in staff_of(round_)}
    if not present:
        wanted = "Give the parameter present: who of the staff was there"
        raise FhirError(Kind.BAD_REQUEST, wanted, expression="present")
    if present - staff:
        wanted = "Who was there is a participant of the round; add them to the Appointment first"
        raise FhirError(Kind.BUSINESS_RULE, wanted, expression="Appointment.participant")
    return {**_moved(round_, HELD), "participant": with_presence(round_["participant"], present, staff - present)}


def _moved(round_: Resource, status: str) -> Resource:
    before = str(round_["status"])
    if before == status or not may_follow(before, status):
        allowed = ", ".join(TRANSITIONS.get(before, ())) or "nothing"
        refusal = f"A home round cannot go from '{before}' to '{status}'; allowed: {allowed}"
        raise FhirError(Kind.BUSINESS_RULE, issues=[Issue(refusal, "Appointment.status")])
    return {**round_, "status": status}
