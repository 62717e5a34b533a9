"""A safety net as a parameter of an answer: the same steps, next date and owner for everybody (ECD-048)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from referral_service.domain.safety_nets.divergence import Divergence, divergences
from referral_service.domain.safety_nets.fact import Fact
from referral_service.domain.safety_nets.monitoring_steps import MonitoringStep, monitoring_steps
from referral_service.domain.safety_nets.net_terms import NetTerms
from referral_service.domain.safety_nets.spans import Span
from tandem.fhir.parameters_answer import Parameter, coded, instant, number, on_day, parts, reference, text, yes
from tandem.identity.audit_event import organisation_reference


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the network asks for now: days by step, and the version that says so."""

    days: Mapping[str, int]
    named: str


def net_parts(
    terms: NetTerms, known: Sequence[Fact], span: Span, owner: str, wanted: Wanted, moment: datetime
) -> list[Parameter]:
    """The parts of a net at a moment."""
    steps = monitoring_steps(terms, known)
    inner: list[Parameter] = [
        reference("request", f"ServiceRequest/{terms.request}"), reference("patient", f"Patient/{terms.patient}"),
        coded("kind", terms.kind), on_day("referred", terms.day), coded("state", span.state),
        yes("overdue", span.late(moment)), instant("since", span.since),
    ]  # fmt: skip
    if span.due is not None:
        inner.append(instant("due", span.due))
    inner += [
        {"name": "owner", "valueReference": organisation_reference(owner)}, text("policy", terms.policy),
        *([text("protocol", terms.protocol)] if terms.protocol is not None else []),
        *(_step(each) for each in steps),
        *(_divergence(each) for each in divergences(terms, steps, wanted.days, wanted.named)),
    ]  # fmt: skip
    return inner


def _step(step: MonitoringStep) -> Parameter:
    inner = [coded("name", step.name), number("days", step.days)]
    if step.due is not None:
        inner.append(instant("due", step.due))
    if step.done is not None:
        inner.append(instant("done", step.done))
    return parts("step", [*inner, *([yes("skipped", True)] if step.skipped else [])])


def _divergence(divergence: Divergence) -> Parameter:
    return parts(
        "divergence", [coded("kind", divergence.kind), coded("step", divergence.step), text("text", divergence.text)]
    )
