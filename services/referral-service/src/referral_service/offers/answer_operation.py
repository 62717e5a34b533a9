"""`POST ServiceRequest/{id}/$answer-offer`: the person accepts or declines what was offered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from referral_service.domain.offers.offer import ACCEPTED, ANSWERS, answer_of, answered, is_offer, referral_of
from tandem.clock import to_instant, to_micros
from tandem.fhir.asked_resource import asked_about_person
from tandem.fhir.auditing import audit_entry
from tandem.fhir.body import Resource
from tandem.fhir.operation_parameters import day_or_today, one_of, only, optional_text, today
from tandem.fhir.operation_work import put_as_caller
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import Parameter, answer, coded, reference
from tandem.fhir.reference_parameter import literal_given
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record
from tandem.identity.organisation_reference import reference_to
from tandem.identity.organisations import reference_code
from tandem.nhs.shipped_referral_kinds import kind_of

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_PARAMETERS = ("answer", "by", "on", "reason", "performer")
_UNASKED = frozenset({"carer-support"})
"""Kinds that may be accepted without asking an organisation: to be signposted is all that was offered."""


async def answer_offer(call: OperationCall) -> FhirResponse:
    """`answer` (accepted or declined), `by` (Patient/x or RelatedPerson/x; the person unless given), `on` (today),
    `reason`, and for an accepted one `performer` (Reference to the organisation that is asked; the offer's own else).

    Answers `offer`, its `answer`, and the `referral` that was made. Raises FhirError 400, 403, 404, and 422 for what is
    no offer, was answered before, or is accepted with nobody to ask; then nothing is written.
    """
    only(call, _PARAMETERS)
    said, now = one_of(call, "answer", ANSWERS, ""), call.kernel.clock.now()
    if not said:
        raise FhirError(Kind.BAD_REQUEST, "answer is accepted or declined: what the person chose", expression="answer")
    async with call.kernel.database.transaction() as connection:
        offer, patient = await asked_about_person(call, connection, lock=True)
        _check_open(offer)
        by = call.one("by")
        who = literal_given(by, "by", ("Patient", "RelatedPerson")) if by is not None else f"Patient/{patient}"
        if who.startswith("Patient/") and who != f"Patient/{patient}":
            raise FhirError(Kind.UNPROCESSABLE, "by is the person of the offer, or a RelatedPerson", expression="by")
        on = day_or_today(call, "on")
        if on > today(call):
            raise FhirError(Kind.UNPROCESSABLE, "on is the day of the answer and lies in the future", expression="on")
        told: list[Parameter] = [reference("offer", f"ServiceRequest/{offer['id']}"), coded("answer", said)]
        if said == ACCEPTED and (referral := await _referral(call, connection, offer)) is not None:
            made = await put_as_caller(call, connection, referral)
            told.append(reference("referral", f"ServiceRequest/{made['id']}"))
        await put_as_caller(call, connection, answered(offer, said, who, on, optional_text(call, "reason")))
        entry = audit_entry(
            call.request, "$answer-offer", to_micros(now), resource_type="ServiceRequest", resource_id=offer["id"],
            patient=patient,
        )  # fmt: skip
        await record(connection, [entry])
    return answer(told)


def _check_open(offer: Resource) -> None:
    if not is_offer(offer) or kind_of(offer) is None:
        text = "An offer is a ServiceRequest of intent proposal that claims a kind of referral"
        raise FhirError(Kind.BUSINESS_RULE, text, expression="ServiceRequest.intent")
    if offer.get("status") != "active" or answer_of(offer) is not None:
        text = "This offer is not open: an answer is given once; offer it again to ask again"
        raise FhirError(Kind.BUSINESS_RULE, text, expression="ServiceRequest.status")


async def _referral(call: OperationCall, connection: Any, offer: Resource) -> Resource | None:
    given: dict[str, Any] | None = call.one("performer")
    named = [given] if isinstance(given, dict) else list(offer.get("performer") or ())
    performer = next((each for each in named if reference_code(each) is not None), None)
    if performer is None:
        kind = kind_of(offer)
        if kind is not None and kind.code in _UNASKED:
            return None
        text = "Say who is asked now that it is accepted: performer, a Reference to an organisation"
        raise FhirError(Kind.BUSINESS_RULE, text, expression="performer")
    requester = await reference_to(connection, call.request.caller.organisation)
    return referral_of(offer, performer, requester, to_instant(call.kernel.clock.now()))
