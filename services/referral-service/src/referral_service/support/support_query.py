"""The support of one person or plan as a caller may see it: rows, bodies and deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from referral_service.domain.loop_state import shown_as
from referral_service.domain.offers.offer import answer_of, is_offer
from referral_service.domain.support.support_state import DELIVERED, OVERDUE, delivery_state, support_state
from referral_service.support.delivery_rows import Delivery, deliveries_of
from tandem.clock import to_micros
from tandem.database.connection import Connection, Row
from tandem.fhir.body import Resource, decode
from tandem.fhir.literal_reference import target_ids
from tandem.identity.access import visible_of_person

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

KINDS: Final = ("support-offer", "social-prescribing", "carer-support", "medication-review")
"""The kinds of referral that are support offers of the specification (000 §3.16 r8, §4.12 r6)."""


@dataclass(frozen=True, slots=True)
class Support:
    """One request for support: its row, body, deliveries with their states, and what has become of it."""

    row: Row
    request: Resource
    plans: tuple[str, ...]
    deliveries: tuple[tuple[Delivery, str], ...]
    state: str


async def support_of(
    call: OperationCall, connection: Connection, patient: str, plan: str | None, at: int
) -> Sequence[Support]:  # fmt: skip
    """What was asked for of a person, the first first: support offers, or all that is based on a plan (an id)."""
    now, params = to_micros(call.kernel.clock.now()), list[Any]([patient])
    visible = visible_of_person(
        call.request.caller, "l", params, now, resource_type="ServiceRequest",
        registered_only=call.kernel.registered_only(),
    )  # fmt: skip
    rows = await connection.fetch(
        "SELECT l.*, g.body FROM referral_loop l JOIN resource r ON r.type = 'ServiceRequest' AND r.id = l.request"
        f" AND r.deleted = 0 JOIN log g ON g.id = r.log_id WHERE l.patient = $1 AND {visible}"
        " ORDER BY l.opened, l.request", *params,
    )  # fmt: skip
    asked = [(row, decode(bytes(row["body"]))) for row in rows]
    return [
        await _support(connection, row, request, at) for row, request in asked
        if (row["kind"] in KINDS if plan is None else plan in _plans(request)) and not _taken_up(request)
    ]  # fmt: skip


async def _support(connection: Connection, row: Row, request: Resource, at: int) -> Support:
    asked = await deliveries_of(connection, row["request"])
    deliveries = tuple((each, delivery_state(each.task_status, each.due, at)) for each in asked)
    said = answer_of(request) if is_offer(request) else None
    shown = shown_as(row["stands"], row["answer_due"], row["done_due"], at)
    state = support_state(
        shown, row["outcome"], row["task_status"], offer=is_offer(request), choice=(said or {}).get("answer")
    )
    if row["waits"] and any(each == OVERDUE for _, each in deliveries):
        state = OVERDUE
    return Support(row, request, tuple(_plans(request)), deliveries, state)


def _plans(request: Resource) -> list[str]:
    return target_ids(request.get("basedOn"), "CarePlan")


def _taken_up(request: Resource) -> bool:
    """Whether an offer became a referral, which stands in the list itself."""
    return is_offer(request) and request.get("status") == "completed"


def last_delivered(support: Support) -> int | None:
    """When it was delivered, or last delivered so far; microseconds."""
    ends = [each.ended for each, state in support.deliveries if state == DELIVERED and each.ended is not None]
    if support.state == DELIVERED:
        ends += [each for each in (support.row["ended"], support.row["closed"]) if each is not None][:1]
    return max(ends, default=None)
