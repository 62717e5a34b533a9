"""A clock as a parameter of an answer."""

from __future__ import annotations

from datetime import datetime

from careplan_service.clocks.clock_rows import Held
from careplan_service.clocks.shipped_policies import policies
from tandem.clocks.clock_state import State
from tandem.fhir.parameters_answer import Parameter, coded, instant, parts, reference, text, yes


def shown(held: Held, moment: datetime) -> Parameter:
    """`clock` with parts: whose and why, from when, until when, and where it stands at the moment."""
    clock, state = held.clock, held.clock.state(moment)
    inner: list[Parameter] = [reference("patient", f"Patient/{held.patient}")]
    if clock.plan is not None:
        inner.append(reference("plan", f"CarePlan/{clock.plan}"))
    inner += [
        coded("kind", clock.kind), text("policy", clock.policy), *_rule(clock.policy),
        text("cause", clock.cause), instant("starts", clock.starts),
        instant("due", clock.due), coded("state", state.value),
    ]  # fmt: skip
    if clock.due_soon(moment):
        inner.append(yes("due-soon", True))
    for name, ended, at in (("stopped", State.STOPPED, clock.stopped), ("closed", State.CLOSED, clock.closed)):
        if state is ended and at is not None:
            inner.append(instant(name, at))
    if (met := clock.met(moment)) is not None:
        inner.append(yes("met", met))
    return parts("clock", [*inner, *([yes("first", True)] if clock.first else [])])


def _rule(policy: str) -> list[Parameter]:
    """The requirements and the source of a policy; nothing for one that the file does not have any more."""
    for each in policies():
        if each.name == policy:
            asked: list[Parameter] = [coded("requirement", name) for name in each.requirements]
            return [*asked, text("source", each.source)]
    return []
