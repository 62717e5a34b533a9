"""`GET ServiceRequest/{id}/$social-prescribing`: the whole of one social prescribing case, from offer to closing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from referral_service.domain.offers.offer import answer_of, is_offer, referral_id
from referral_service.domain.social_prescribing.activation_change import Activation, activation_of, before_and_after
from referral_service.domain.social_prescribing.link_worker_record import LinkWorkerRecord, link_worker_record
from tandem.canonical import QUESTIONNAIRE
from tandem.clock import from_micros, to_micros
from tandem.database.connection import Connection
from tandem.directory.queries import names_of, organisation_named
from tandem.fhir.asked_resource import asked_about_person
from tandem.fhir.auditing import audit_reads
from tandem.fhir.body import Resource, decode
from tandem.fhir.literal_reference import target_ids
from tandem.fhir.neighbours import if_it_answers
from tandem.fhir.operation_parameters import only
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import Parameter, answer, coded, instant, number, parts, reference, text
from tandem.fhir.request import FhirResponse
from tandem.fhir.visibility import visible_resource
from tandem.identity.organisations import reference_code
from tandem.identity.periods import bounds
from tandem.nhs.referral_source import source_of
from tandem.nhs.shipped_referral_kinds import kind_of

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

SOCIAL_PRESCRIBING = "social-prescribing"
_PAM = f"{QUESTIONNAIRE}/patient-activation-measure"


@dataclass(frozen=True, slots=True)
class _Case:
    """An offer that was not taken up has no referral."""

    referral: Resource | None
    offer: Resource | None
    patient: str
    source: str


async def social_prescribing(call: OperationCall) -> FhirResponse:
    """`source`, `offer` with its `answer`, `referral` with its `status`, what the link worker recorded (`contact`,
    `community-asset`, `outcome`, `case-closed`), and `activation-before` and `activation-after`.

    Of an offer or of a referral; what another service cannot tell just now is named as `unavailable`. Raises FhirError
    404, and 422 for a request of another kind.
    """
    only(call, ())
    async with call.kernel.database.read() as connection:
        case = await _case(call, connection)
    now = call.kernel.clock.now()
    await audit_reads(
        call.kernel.database, call.request, "$social-prescribing", "ServiceRequest", {case.patient}, to_micros(now),
        resource_id=call.id,
    )  # fmt: skip
    told = [coded("source", case.source), *_offered(case.offer), *_referred(case.referral)]
    if case.referral is not None:
        told += await _done(call, case, case.referral, now)
    return answer(told)


async def _case(call: OperationCall, connection: Connection) -> _Case:
    asked, patient = await asked_about_person(call, connection)
    kind = kind_of(asked)
    if kind is None or kind.code != SOCIAL_PRESCRIBING:
        rule = "This is no social prescribing referral or offer (docs/social-prescribing.md)"
        raise FhirError(Kind.BUSINESS_RULE, rule, expression="ServiceRequest.category")
    requester = reference_code(asked.get("requester"))
    organisation = await organisation_named(connection, requester) if requester is not None else None
    source = source_of(asked, organisation.kind if organisation is not None else None)
    if is_offer(asked):
        return _Case(await _seen(call, connection, referral_id(asked["id"])), asked, patient, source)
    offers = [await _seen(call, connection, each) for each in target_ids(asked.get("basedOn"), "ServiceRequest")]
    return _Case(asked, next((each for each in offers if each is not None and is_offer(each)), None), patient, source)


async def _seen(call: OperationCall, connection: Connection, request: str) -> Resource | None:
    held = await visible_resource(call.kernel, connection, call.request, "ServiceRequest", request)
    return decode(held.body) if held is not None and held.body is not None else None


def _offered(offer: Resource | None) -> Iterator[Parameter]:
    if offer is None:
        return
    said = answer_of(offer) or {}
    inner = [reference("reference", f"ServiceRequest/{offer['id']}"), coded("status", str(offer["status"]))]
    inner += [coded("answer", str(said["answer"]))] if said.get("answer") else []
    inner += [text("on", str(said["on"]))] if said.get("on") else []
    inner += [text("reason", str(said["reason"]))] if said.get("reason") else []
    yield parts("offer", inner)


def _referred(referral: Resource | None) -> Iterator[Parameter]:
    if referral is not None:
        name = reference("reference", f"ServiceRequest/{referral['id']}")
        yield parts("referral", [name, coded("status", str(referral["status"]))])


async def _done(call: OperationCall, case: _Case, referral: Resource, now: datetime) -> list[Parameter]:
    """What the link worker did, and how active the person was before and after."""
    neighbours, person = call.kernel.neighbours, quote(f"Patient/{case.patient}", safe="")
    tasks = await if_it_answers(
        neighbours.searchset("mdt-service", f"Task?focus=ServiceRequest/{referral['id']}", call.request)
    )
    pam = f"QuestionnaireResponse?patient={person}&questionnaire={quote(_PAM, safe='')}"
    responses = await if_it_answers(neighbours.searchset("careplan-service", pam, call.request))
    away = [name for name, found in (("mdt-service", tasks), ("careplan-service", responses)) if found is None]
    record = _merged(link_worker_record(each) for each in tasks or ())
    results = [each for each in map(activation_of, responses or ()) if each is not None]
    asked = from_micros(bounds(str(referral["authoredOn"]))[0]) if referral.get("authoredOn") else now
    begun = from_micros(bounds(record.contacts[0])[0]) if record.contacts else None
    before, after = before_and_after(results, asked, begun)
    async with call.kernel.database.read() as connection:
        names = await names_of(connection, record.assets)
    return [
        *_recorded(record, names),
        *(_activation(name, each) for name, each in (("before", before), ("after", after)) if each is not None),
        *(text("unavailable", each) for each in away),
    ]


def _merged(records: Iterable[LinkWorkerRecord]) -> LinkWorkerRecord:
    """One record of all Tasks of the referral: a request that was put on hold had several."""
    whole = LinkWorkerRecord()
    for each in records:
        whole.contacts = sorted({*whole.contacts, *each.contacts})
        whole.assets = list(dict.fromkeys((*whole.assets, *each.assets)))
        whole.outcomes = list(dict.fromkeys((*whole.outcomes, *each.outcomes)))
        whole.closed = each.closed or whole.closed
    return whole


def _recorded(record: LinkWorkerRecord, names: Mapping[str, str]) -> Iterator[Parameter]:
    yield number("contacts", len(record.contacts))
    yield from (text("contact", each) for each in record.contacts)
    for each in record.assets:
        yield parts("community-asset", [text("reference", each), text("name", names.get(each, each))])
    yield from (text("outcome", each) for each in record.outcomes)
    if record.closed is not None:
        yield text("case-closed", record.closed)


def _activation(name: str, result: Activation) -> Parameter:
    score: Parameter = {"name": "score", "valueDecimal": result.score}
    response = reference("response", f"QuestionnaireResponse/{result.response}")
    return parts(f"activation-{name}", [score, number("level", result.level), instant("at", result.at), response])
