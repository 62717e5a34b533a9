"""`Patient/{id}/$erase`: erases a person everywhere, or counts what that would remove."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cohort_service.erasure.grounds import Held, held, refuse_open_care, refuse_unless_allowed
from cohort_service.erasure.named_in_text import names_the_person
from cohort_service.erasure.operators import operator_of
from cohort_service.erasure.order_rows import Order, insert_order, order_of
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_entry
from tandem.fhir.operation_parameters import flag, one_of, only, required_short_text
from tandem.fhir.operation_work import work_of
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.ownership import SERVICES
from tandem.fhir.parameters_answer import answer, coded, number, parts, yes
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record
from tandem.retention.erasing import erase
from tandem.retention.erasure_feed import ORDERED, carry_out
from tandem.retention.erasure_preview import open_care
from tandem.retention.holding_off import hold_others_off
from tandem.retention.policy import policy
from tandem.retention.tombstones import digest_of

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_NAMES: Final = frozenset(("grounds", "reason", "approver", "dry-run"))
_GROUNDS: Final = ("retention-ended", "order")


class _Undone(Exception):
    """Ends the transaction of a dry run."""


async def erase_patient(call: OperationCall) -> FhirResponse:
    """Parameters: `order`, and `removed` with `service` and `rows` of this service; the others follow by the event.

    `grounds` (retention-ended unless given), `reason` and `approver`, who is another than the caller. With `dry-run` it
    changes nothing and counts for all services. Raises FhirError 400, 403, 404, 409 (legal hold, ongoing care),
    422, 503 when a service cannot say whether care is ongoing there.
    """
    only(call, _NAMES)
    by = operator_of(call)
    grounds = one_of(call, "grounds", _GROUNDS, _GROUNDS[0])
    reason, approver = required_short_text(call, "reason"), required_short_text(call, "approver")
    if approver.casefold() in (by.casefold(), (call.request.caller.user or "").casefold()):
        raise FhirError(Kind.UNPROCESSABLE, "Somebody else than the caller approves", expression="approver")
    patient = str(call.id)
    async with call.kernel.database.read() as connection:
        person = await held(connection, patient)
        await refuse_unless_allowed(connection, patient, person, grounds, call.kernel.clock.now())
        care = await open_care(connection, patient)
    _refuse_names(person, patient, reason, approver)
    counted = await _asked_of_others(call, patient)
    for said in counted.values():
        care = {kind: care.get(kind, 0) + said["open"].get(kind, 0) for kind in {*care, *said["open"]}}
    refuse_open_care(person, care)
    if flag(call, "dry-run"):
        rows = {"cohort-service": await _counted_here(call, patient)}
        rows |= {service: said["removed"] for service, said in counted.items()}
        return answer([yes("dry-run", True), *(_removed(service, rows[service]) for service in sorted(rows))])
    return await _carried_out(call, patient, Order(
        call.kernel.ids.new(), digest_of(patient), grounds, reason, approver, by, policy().version,
        to_micros(call.kernel.clock.now()),
    ))  # fmt: skip


async def _carried_out(call: OperationCall, patient: str, order: Order) -> FhirResponse:
    kernel, now = call.kernel, call.kernel.clock.now()
    async with kernel.database.transaction() as connection:
        work = work_of(call, connection, now)
        # Asked again under the transaction, in which nobody else places a hold on the person or gives the same order.
        # The erasure's own locks, in their order: the Patient alone and first, and a write of their records, which
        # takes that last, would wait in a circle.
        await hold_others_off(connection, patient)
        person = await held(connection, patient)
        await refuse_unless_allowed(connection, patient, person, order.grounds, now)
        if await order_of(connection, order.digest) is None:
            await insert_order(connection, order)
        await work.emit(ORDERED, {"digest": order.digest, "order": order.id}, key=order.digest)
        removed = await carry_out(kernel.service, order.digest, work)
        # Without the person: that is what is being erased.
        await record(connection, [audit_entry(call.request, "$erase", order.at, resource_type="Patient")])
    return answer([{"name": "order", "valueId": order.id}, _removed(kernel.service.name, removed)])


async def _asked_of_others(call: OperationCall, patient: str) -> dict[str, Any]:
    return {
        service: await call.kernel.neighbours.answer_as_service(
            service, f"$erasure-preview?patient={patient}", call.request
        )
        for service in SERVICES
        if service != call.kernel.service.name
    }


async def _counted_here(call: OperationCall, patient: str) -> dict[str, int]:
    rows: dict[str, int] = {}
    try:
        async with call.kernel.database.transaction() as connection:
            rows = (await erase(connection, call.kernel.service, patient, for_good=False)).rows
            raise _Undone
    except _Undone:
        return rows


def _removed(service: str, rows: dict[str, int]) -> dict[str, Any]:
    tables = [parts("table", [coded("name", name), number("rows", count)]) for name, count in sorted(rows.items())]
    return parts("removed", [coded("service", service), number("rows", sum(rows.values())), *tables])


def _refuse_names(person: Held, patient: str, *texts: str) -> None:
    if any(names_the_person(person.resource, patient, text) for text in texts):
        raise FhirError(Kind.UNPROCESSABLE, "reason and approver are kept: leave out who the person is")
