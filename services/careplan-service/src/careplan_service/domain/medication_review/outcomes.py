"""What follows from a completed episode: statements of what the person takes from now on, and the coded Procedure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from careplan_service.domain.medication_review.codes import CHANGE, CONTINUE, REVIEW, START, STOP, SWITCH_INHALER
from careplan_service.domain.medication_review.episode import Decision, Episode
from careplan_service.domain.medication_review.medicines import STOPPED, Medicine
from tandem.canonical import SNOMED_CT
from tandem.clock import to_instant
from tandem.fhir.body import Resource
from tandem.ids import deterministic_id
from tandem.london_days import london_date


@dataclass(frozen=True, slots=True)
class Completed:
    """A completed episode. `review` is `Composition/id/_history/version`; `held` the time of it (dateTime)."""

    id: str
    review: str
    process: str
    patient: str
    clinician: dict[str, Any]
    episode: Episode
    held: str
    now: datetime


def statements_of(done: Completed, decision: Decision, medicine: Medicine | None) -> list[Resource]:
    """What is stated because of a decision; nothing when all stays as it was.

    No statement of anybody else is changed: the newest one of a medicine is the one that counts.
    """
    said = decision.decision
    if said == STOP:
        return [_statement(done, decision, decision.concept, False)]
    if said == START:
        return [_statement(done, decision, decision.taken, True)]
    if said in (CHANGE, SWITCH_INHALER):
        if decision.medicine is None:
            return [_statement(done, decision, decision.concept, True)]
        before = _statement(done, decision, decision.concept, False)
        return [before, _statement(done, decision, decision.medicine, True)]
    # The hospital said that it was stopped; it is taken all the same.
    kept = said == CONTINUE and medicine is not None and medicine.difference == STOPPED
    return [_statement(done, decision, decision.concept, True)] if kept else []


def _statement(done: Completed, decision: Decision, concept: dict[str, Any], taken: bool) -> Resource:
    day = london_date(done.now).isoformat()
    identity = deterministic_id("medication-review", done.id, *decision.key, "taken" if taken else "stopped")
    statement: Resource = {
        "resourceType": "MedicationStatement", "id": identity, "basedOn": [{"reference": f"CarePlan/{done.process}"}],
        "status": "active" if taken else "stopped",
        "medicationCodeableConcept": concept, "subject": {"reference": f"Patient/{done.patient}"},
        "effectivePeriod": {"start": day} if taken else {"end": day}, "dateAsserted": to_instant(done.now),
        "informationSource": done.clinician,
        "derivedFrom": [{"reference": f"Composition/{done.id}"}, *({"reference": each} for each in _records(decision))],
    }  # fmt: skip
    if decision.reason is not None:
        statement["statusReason"] = [decision.reason]
    if taken and decision.dosage is not None:
        statement["dosage"] = [{"text": decision.dosage}]
    return statement


def _records(decision: Decision) -> list[str]:
    return [each for each in decision.entries if each.partition("/")[0] in ("MedicationRequest", "MedicationStatement")]


def procedure_of(done: Completed, role: dict[str, Any] | None, status: str) -> Resource:
    """The Procedure in the practice's record: the code of the review, and the code by who did it."""
    codings = [REVIEW, {"system": SNOMED_CT, **role}] if role is not None else [REVIEW]
    return {
        "resourceType": "Procedure", "id": procedure_id(done.id), "status": status,
        "basedOn": [{"reference": f"CarePlan/{done.process}"}], "code": {"coding": codings},
        "subject": {"reference": f"Patient/{done.patient}"}, "performedDateTime": done.held,
        "performer": [{"actor": done.clinician}], "reasonCode": list(done.episode.reasons),
        "report": [{"reference": done.review}],
    }  # fmt: skip


def procedure_id(episode: str) -> str:
    """The id of the Procedure of an episode."""
    return deterministic_id("medication-review-procedure", episode)


def told(done: Completed, kind: str, procedure: Resource, referrals: Sequence[str]) -> dict[str, Any]:
    """The data of tandem.medication-review.completed: what a GP system needs to file the review, and of which kind
    it was: INITIAL or FOLLOWING."""
    episode = done.episode
    return {
        "review": done.review, "process": f"CarePlan/{done.process}", "procedure": f"Procedure/{procedure['id']}",
        "kind": kind, "held": done.held, "at": to_instant(done.now), "code": procedure["code"],
        "reasons": list(episode.reasons), "clinician": done.clinician,
        "medicines": [
            {name: value for name, value in (
                ("medicine", each.concept), ("decision", each.decision), ("reason", each.reason),
                ("taken", each.medicine), ("dosage", each.dosage),
            ) if value is not None}
            for each in episode.decisions if each.decision is not None
        ],
        "referrals": list(referrals),
        **({"followUp": episode.follow_up.isoformat()} if episode.follow_up is not None else {}),
        **({"end": episode.end} if episode.end is not None else {}),
    }  # fmt: skip
