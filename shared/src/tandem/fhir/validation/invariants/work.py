"""Invariants of tasks, appointments and requests."""

from __future__ import annotations

from tandem.fhir.validation.dates import not_after
from tandem.fhir.validation.invariants.rule import Invariant, Node, has, needs, one_of

_WITHOUT_TIMES = ("proposed", "cancelled", "waitlist")
# The text of app-4 says `no-show`, the code list `noshow`.
_CANCELLED = ("noshow", "no-show", "cancelled")


def _times(node: Node) -> bool:
    return (has(node, "start") and has(node, "end")) or node.get("status") in _WITHOUT_TIMES


INVARIANTS: dict[str, tuple[Invariant, ...]] = {
    "Task": (
        Invariant(
            "inv-1",
            "lastModified must not be before authoredOn",
            lambda node: not_after(node.get("authoredOn"), node.get("lastModified")),
            ("lastModified",),
        ),
    ),
    "Appointment": (
        Invariant("app-2", "Either both start and end or neither", lambda node: has(node, "start") == has(node, "end")),
        Invariant("app-3", "Only a proposed, cancelled or waitlisted appointment can be without start and end", _times),
        Invariant(
            "app-4",
            "A cancelationReason needs the status cancelled or noshow",
            lambda node: not has(node, "cancelationReason") or node.get("status") in _CANCELLED,
            ("cancelationReason",),
        ),
    ),
    "Appointment.participant": (one_of("app-1", "A participant needs a type or an actor", "type", "actor"),),
    "ServiceRequest": (needs("prr-1", "orderDetail", "code"),),
}
