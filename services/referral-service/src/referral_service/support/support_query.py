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
    call: OperationCall, connection: Connection, patient: str | None, plan: str | None, at: int
) -> Sequence[Support]:  # fmt: skip
    """What was asked for, the first first: of a person what is a support offer, of a plan all that is based on it."""
    now, params = to_micros(call.kernel.clock.now()), list[Any]()
    where = []
    if plan is not None:
        params.append(plan)
        where.append("EXISTS (SELECT 1 FROM support_plan p WHERE p.request = l.request AND p.plan = $1)")
    if patient is not None:
        params.append(patient)
        where.append(f"l.patient = ${len(params)}")
    if plan is None:
        where.append(f"l.kind IN ({', '.join(repr(kind) for kind in KINDS)})")
    where.append(
        visible_of_person(
            call.request.caller, "l", params, now, resource_type="ServiceRequest",
            registered_only=call.kernel.registered_only(),
        )
    )  # fmt: skip
    rows = await connection.fetch(
        "SELECT l.*, g.body FROM referral_loop l JOIN resource r ON r.type = 'ServiceRequest' AND r.id = l.request"
        f" AND r.deleted = 0 JOIN log g ON g.id = r.log_id WHERE {' AND '.join(where)} ORDER BY l.opened, l.request",
        *params,
    )  # fmt: skip
    found = [await _support(connection, row, at) for row in rows]
    return [each for each in found if not _taken_up(each.request)]


async def _support(connection: Connection, row: Row, at: int) -> Support:
    request: Resource = decode(bytes(row["body"]))
    asked = await deliveries_of(connection, row["request"])
    deliveries = tuple((each, delivery_state(each.task_status, each.due, at)) for each in asked)
    plans = await connection.fetch("SELECT plan FROM support_plan WHERE request = $1 ORDER BY plan", row["request"])
    said = answer_of(request) if is_offer(request) else None
    shown = shown_as(row["stands"], row["answer_due"], row["done_due"], at)
    state = support_state(
        shown, row["outcome"], row["task_status"], offer=is_offer(request), choice=(said or {}).get("answer")
    )
    if row["waits"] and any(each == OVERDUE for _, each in deliveries):
        state = OVERDUE
    return Support(row, request, tuple(each["plan"] for each in plans), deliveries, state)


def _taken_up(request: Resource) -> bool:
    """Whether an offer became a referral, which stands in the list itself."""
    return is_offer(request) and request.get("status") == "completed"


def last_delivered(support: Support) -> int | None:
    """When it was delivered, or last delivered so far; microseconds."""
    ends = [each.ended for each, state in support.deliveries if state == DELIVERED and each.ended is not None]
    if support.state == DELIVERED:
        ends += [each for each in (support.row["ended"], support.row["closed"]) if each is not None][:1]
    return max(ends, default=None)
