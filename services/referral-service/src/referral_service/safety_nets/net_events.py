"""What is said of safety nets, to whom it may concern."""

from __future__ import annotations

from typing import Any, Final

from referral_service.domain.safety_nets.net_terms import NetTerms
from referral_service.domain.safety_nets.obligations import Obligation
from referral_service.domain.safety_nets.spans import Span
from tandem.clock import to_instant, to_micros
from tandem.service import Work

OPENED: Final = "tandem.safety-net.opened"
REOPENED: Final = "tandem.safety-net.reopened"
CLOSED: Final = "tandem.safety-net.closed"
OVERDUE: Final = "tandem.safety-net.overdue"
DIAGNOSED: Final = "tandem.cancer.diagnosed"
TASK_REQUESTED: Final = "tandem.task.requested"
TASK_ENDED: Final = "tandem.task.ended"

EMITS: Final = {
    OPENED: "A request has a safety net from now on.",
    REOPENED: "Something new opened a closed safety net again.",
    CLOSED: "A safety net was closed.",
    OVERDUE: "What a safety net waits for was not done in time.",
    DIAGNOSED: "A diagnosis of cancer was recorded: route, stage, type, and the days from presentation to treatment.",
    TASK_REQUESTED: "A Task is asked for, under the id that it gives.",
    TASK_ENDED: "A Task that was asked for is not needed any more.",
}


async def say(work: Work, kind: str, terms: NetTerms, span: Span) -> None:
    """Say this of a net; once for the beginning of a span."""
    data: dict[str, Any] = {
        "request": f"ServiceRequest/{terms.request}", "kind": terms.kind, "state": span.state,
        "since": to_instant(span.since), "day": terms.day.isoformat(),
    }  # fmt: skip
    if span.due is not None:
        data["due"] = to_instant(span.due)
    await work.emit(kind, data, key=f"{terms.request}/{to_micros(span.since)}", patient=terms.patient)


async def say_overdue(work: Work, terms: NetTerms, late: Obligation) -> None:
    """Say that this is late; once for its due time."""
    data = {
        "request": f"ServiceRequest/{terms.request}", "kind": terms.kind, "state": late.state,
        "due": to_instant(late.due),
    }  # fmt: skip
    key = f"{terms.request}/{late.state}/{to_micros(late.due)}"
    await work.emit(OVERDUE, data, key=key, patient=terms.patient)
