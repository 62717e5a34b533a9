"""A clock as a parameter of an answer."""

from __future__ import annotations

from datetime import datetime

from referral_service.domain.clocks.request_clock import RequestClock
from tandem.clocks.clock_state import State
from tandem.fhir.parameters_answer import Parameter, coded, instant, parts, reference, text, yes


def shown(known: RequestClock, moment: datetime) -> Parameter:
    """`clock` with parts: of which request and person, from when, until when, and where it stands at the moment."""
    return parts("clock", clock_parts(known, moment))


def clock_parts(known: RequestClock, moment: datetime) -> list[Parameter]:
    """The parts of a clock."""
    clock, state = known.clock, known.state(moment)
    inner: list[Parameter] = [
        reference("request", f"ServiceRequest/{clock.request}"), reference("patient", f"Patient/{clock.patient}"),
        coded("kind", clock.kind), text("policy", clock.policy), instant("starts", clock.starts),
        instant("due", clock.due), coded("state", state.value),
    ]  # fmt: skip
    if clock.owner is not None:
        inner.append(text("owner", clock.owner))
    if known.due_soon(moment):
        inner.append(yes("due-soon", True))
    for name, word, ended, ending in (
        ("stopped", "how", State.STOPPED, known.stopped), ("closed", "why", State.CLOSED, known.closed),
    ):  # fmt: skip
        if state is ended and ending is not None:
            inner += [instant(name, ending.at), text(word, ending.said)]
    if (met := known.met(moment)) is not None:
        inner.append(yes("met", met))
    return inner
