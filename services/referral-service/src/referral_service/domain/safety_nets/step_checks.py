"""Whether a step may be recorded on a net as it stands: all faults at once, each with its rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from referral_service.domain.safety_nets.codes import (
    ACTED,
    COMMUNICATED,
    DECISION,
    DIAGNOSIS,
    REASONS,
    RECORDED,
    REVIEWED,
    SYMPTOMS,
    TRIGGERS,
)
from referral_service.domain.safety_nets.episode import Episode
from referral_service.domain.safety_nets.net_terms import NetTerms
from tandem.fhir.outcome import Issue
from tandem.london_days import london_date
from tandem.nhs.working_days import start_of_london_day


@dataclass(frozen=True, slots=True)
class StepAsked:
    """A step as somebody wants to record it. `when` is its clinical time, `given` as it was written."""

    step: str
    when: datetime
    reason: str | None = None
    note: str | None = None
    result: str | None = None
    next: date | None = None
    patient_initiated: bool = False
    triggers: tuple[str, ...] = ()
    diagnosis: dict[str, Any] | None = None


def step_faults(asked: StepAsked, terms: NetTerms, episode: Episode | None, now: datetime) -> list[Issue]:
    """Why the step may not be recorded; nothing when it may. `episode` is None while the net is closed."""
    return [*_time_faults(asked, terms, now), *_order_faults(asked, episode), *_content_faults(asked, now)]


def _time_faults(asked: StepAsked, terms: NetTerms, now: datetime) -> Iterator[Issue]:
    if asked.step not in (*RECORDED, SYMPTOMS):
        yield Issue(f"step is one of {', '.join(RECORDED)} (000 §6.2 fn13)", "step")
    if asked.when > now:
        yield Issue("when lies in the future: a step is recorded once it was done (000 §6.2 fn13)", "when")
    elif asked.step != DIAGNOSIS and asked.when < start_of_london_day(terms.day):
        yield Issue(f"when lies before the referral of {terms.day}: no step comes first (000 §6.2 fn13)", "when")


def _order_faults(asked: StepAsked, episode: Episode | None) -> Iterator[Issue]:
    if asked.step in (SYMPTOMS, DIAGNOSIS):
        return
    if episode is None:
        text = "The net is closed; a new result or $report-symptoms opens it again (000 §6.11 fn14)"
        yield Issue(text, "step")
        return
    seen = bool(episode.received or episode.attendances)
    if asked.step == ACTED and not seen:
        text = "There is nothing to act on: neither a result was received nor did the person attend (000 §6.2 fn13)"
        yield Issue(text, "step")
    if asked.step == ACTED and asked.result not in {None, *(each.source for each in episode.received)}:
        yield Issue("result names no received DiagnosticReport that is based on this request", "result")
    if asked.step == COMMUNICATED and episode.unacted:
        text = "A received result is acted on before the person is told what follows (000 §6.2 fn13 part 2)"
        yield Issue(text, "step")
    elif asked.step == COMMUNICATED and not episode.answered and episode.decision is None:
        yield Issue("There is nothing to tell yet: no result, attendance, review or decision (000 §6.2 fn13)", "step")


def _content_faults(asked: StepAsked, now: datetime) -> Iterator[Issue]:
    if asked.step == DECISION and asked.reason not in REASONS:
        text = f"A decision not to pursue needs its reason: one of {', '.join(REASONS)} (000 §6.2 fn13 part 1)"
        yield Issue(text, "reason")
    if asked.step == DECISION and asked.reason == "other" and not asked.note:
        yield Issue("A reason 'other' is told in note (000 §6.2 fn13 part 1)", "note")
    if asked.step == ACTED and not asked.note:
        yield Issue("An action on a result is said in note (000 §6.2 fn13 part 2)", "note")
    if asked.step == SYMPTOMS and (not asked.triggers or not set(asked.triggers) <= set(TRIGGERS)):
        yield Issue(f"trigger is one or more of {', '.join(TRIGGERS)} (000 §6.11 fn14)", "trigger")
    if asked.next is not None and asked.step != REVIEWED:
        yield Issue("next is the day of the next review: it goes with the step reviewed", "next")
    elif asked.next is not None and asked.next <= london_date(now):
        yield Issue("next lies after today: it is the day agreed for the next review (000 §6.11 fn14)", "next")
    if asked.step == DIAGNOSIS and asked.diagnosis is None:
        yield Issue("A diagnosis says its route, type and date (000 §6.2)", "step")
