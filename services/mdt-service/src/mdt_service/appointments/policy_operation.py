"""`Appointment/$review-appointment-policy`: how long medication reviews are and how they may be held (SMR-057)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mdt_service.appointments.policy_rows import publish, review_policies
from mdt_service.domain.appointments.kinds import MODES
from mdt_service.domain.appointments.review_policy import ReviewPolicy, policy_on
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_entry
from tandem.fhir.operation_parameters import (
    day_or_today,
    only,
    required_day,
    required_short_text,
    texts,
    whole_number,
)
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import Parameter, answer, coded, number, on_day, parts, text, yes
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record
from tandem.identity.derivation import hold

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_LONGEST = 480


async def review_appointment_policy(call: OperationCall) -> FhirResponse:
    """GET answers a `policy` for every version, `inForce` by `date`, to any caller. POST publishes the next.

    POST takes `mode` (In-person, Telephone, Video; repeated), `shortest` and `longest` (minutes), `from` and `source`,
    by an operator. Raises FhirError 400, 403.
    """
    return await (_publish(call) if call.request.method == "POST" else _read(call))


async def _read(call: OperationCall) -> FhirResponse:
    only(call, ("date",))
    day = day_or_today(call, "date")
    async with call.kernel.database.read() as connection:
        found = await review_policies(connection)
    held = policy_on(found, day)
    return answer([on_day("date", day), *(_shown(each, each == held) for each in found)])


async def _publish(call: OperationCall) -> FhirResponse:
    if not call.request.caller.sees_all:
        raise FhirError(Kind.FORBIDDEN, "The policy of review appointments is published by operators")
    only(call, ("mode", "shortest", "longest", "from", "source"))
    modes, source, first = tuple(texts(call, "mode")), required_short_text(call, "source"), required_day(call, "from")
    shortest, longest = whole_number(call, "shortest", 20), whole_number(call, "longest", 120)
    if not modes or not set(modes) <= set(MODES):
        raise FhirError(Kind.BAD_REQUEST, f"mode is one of {', '.join(MODES)}, given at least once", expression="mode")
    if not 1 <= shortest <= longest <= _LONGEST:
        raise FhirError(Kind.BAD_REQUEST, f"shortest and longest are minutes, up to {_LONGEST}", expression="shortest")
    now = to_micros(call.kernel.clock.now())
    async with call.kernel.database.transaction() as connection:
        await hold(connection, ["review-appointment-policy"])
        given = ReviewPolicy(0, first, modes, shortest, longest, source)
        kept = await publish(connection, given, call.request.caller.organisation, now)
        entry = audit_entry(call.request, "$review-appointment-policy", now, resource_type="Appointment")
        await record(connection, [entry])
    return answer([_shown(kept, None)], 201)


def _shown(each: ReviewPolicy, held: bool | None) -> Parameter:
    inner: list[Parameter] = [
        number("version", each.version), on_day("from", each.first),
        *(coded("mode", mode) for mode in each.modes), number("shortest", each.shortest),
        number("longest", each.longest), text("source", each.source),
    ]  # fmt: skip
    return parts("policy", inner if held is None else [*inner, yes("inForce", held)])
