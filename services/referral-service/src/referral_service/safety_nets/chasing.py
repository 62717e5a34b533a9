"""Tasks that chase what is late: asked of mdt-service, ended when the net has what it waited for.

They never carry the state. One that is ended by hand while the net still waits is asked for again, so an overdue action
closes only on attendance, a result acted on, or a documented decision (ECD-006, ECD-007).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from referral_service.domain.safety_nets import safety_net_transitions as states
from referral_service.domain.safety_nets.net_terms import NetTerms
from referral_service.domain.safety_nets.obligations import Obligation
from referral_service.safety_nets.fact_rows import hold_nets
from referral_service.safety_nets.net_events import TASK_ENDED, TASK_REQUESTED
from referral_service.safety_nets.responsible_practice import owner_of
from tandem.clock import to_instant, to_micros
from tandem.events.event import Event
from tandem.identity.audit_event import organisation_reference
from tandem.ids import deterministic_id
from tandem.service import Work

WORDS: Final = {
    states.TO_TELL: "Safety net: tell the person why they are referred",
    states.TO_BOOK: "Safety net: no appointment was made",
    states.TO_ATTEND: "Safety net: find out whether the person attended",
    states.NOT_ATTENDED: "Safety net: the person did not attend; see that they do, or record the decision",
    states.AWAITING_RESULT: "Safety net: a result is overdue",
    states.TO_ACT: "Safety net: act on a received result",
    states.TO_COMMUNICATE: "Safety net: tell the person what came of it",
    states.AWAITING_REVIEW: "Safety net: the review is overdue",
    states.AWAITING_PERSON: "Safety net: the person has not come back; look at it again",
    states.TO_DECIDE: "Safety net: the request was withdrawn; decide what becomes of the person",
    states.TO_CLOSE: "Safety net: everything is answered; close it",
}
_ENDED: Final = frozenset({"completed", "cancelled", "rejected", "failed", "entered-in-error"})


async def chase(work: Work, terms: NetTerms, late: Sequence[Obligation]) -> None:
    """Ask for a Task for each thing that is late, and end the Tasks of what is not waited for any more."""
    rows = await work.connection.fetch(
        "SELECT task, state, due, ended FROM safety_net_chase WHERE request = $1 ORDER BY asked, task", terms.request
    )
    wanted = {(each.state, to_micros(each.due)): each for each in late}
    for row in rows:
        if row["ended"] is None and (row["state"], row["due"]) not in wanted:
            await _end(work, terms, row["task"])
    for (state, due), each in wanted.items():
        asked = [row for row in rows if (row["state"], row["due"]) == (state, due)]
        if all(row["ended"] is not None for row in asked):
            await _ask(work, terms, each, attempt=len(asked))


async def chase_ended(event: Event, work: Work) -> str | None:
    """The request whose chase Task was ended by hand; None for any other Task."""
    status = "cancelled" if event.data is None else str(event.data.get("status"))
    if status not in _ENDED:
        return None
    request = await work.connection.fetchval(
        "SELECT request FROM safety_net_chase WHERE task = $1 AND ended IS NULL", event.resource_id
    )
    if request is None:
        return None
    # The request before the row, as whoever works out its net takes them.
    await hold_nets(work.connection, [request])
    ended = await work.connection.execute(
        "UPDATE safety_net_chase SET ended = $2 WHERE task = $1 AND ended IS NULL",
        event.resource_id, to_micros(event.time),
    )  # fmt: skip
    return str(request) if ended == 1 else None


async def _ask(work: Work, terms: NetTerms, late: Obligation, attempt: int) -> None:
    due = to_micros(late.due)
    task = deterministic_id("Task", "safety-net", terms.request, late.state, str(due), str(attempt))
    owner = organisation_reference(await owner_of(work.connection, terms.request, terms.patient))
    await work.connection.execute(
        "INSERT INTO safety_net_chase (task, request, state, due, asked) VALUES ($1, $2, $3, $4, $5)",
        task, terms.request, late.state, due, to_micros(work.now),
    )  # fmt: skip
    data = {
        "task": task, "request": f"ServiceRequest/{terms.request}", "kind": "chase", "owner": owner,
        "requester": owner, "authoredOn": to_instant(work.now), "due": to_instant(late.due),
        "description": WORDS[late.state],
    }  # fmt: skip
    await work.emit(TASK_REQUESTED, data, key=task, patient=terms.patient)


async def _end(work: Work, terms: NetTerms, task: str) -> None:
    await work.connection.execute("UPDATE safety_net_chase SET ended = $2 WHERE task = $1", task, to_micros(work.now))
    data = {"task": task, "status": "completed", "reason": "The safety net has what it waited for"}
    await work.emit(TASK_ENDED, data, key=task, patient=terms.patient)
