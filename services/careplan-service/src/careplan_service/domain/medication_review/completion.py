"""What an episode of medication review lacks before it may be completed; everything at once, each with its source.

No text names a medicine, which is the person's own business: it names the record, and its FHIRPath is the section.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from careplan_service.domain.medication_review.codes import (
    CHANGE,
    CONTINUE,
    DECISIONS,
    START,
    STOP,
    SWITCH_INHALER,
    TITLES,
    coded_reasons,
)
from careplan_service.domain.medication_review.episode import Decision, Episode
from careplan_service.domain.medication_review.guidance import RECORDED, Guidance, Step
from careplan_service.domain.medication_review.medicines import DIFFERENCES, Medicine
from careplan_service.domain.medication_review.products import Products
from tandem.fhir.outcome import Issue

NO_REASON = Issue(
    "A medication review has a reason coded in SNOMED CT: Composition.event.code (000 §2.15, SMR-039)",
    "Composition.event.code", "required",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SharedDecision:
    """A response to Questionnaire/shared-decision for this episode, when it is finished; `tool` or `no_tool_reason`."""

    reference: str
    finished: bool
    tool: str | None
    no_tool_reason: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything by which completion is judged. `kind` is that of the episode."""

    episode: Episode
    kind: str
    medicines: tuple[Medicine, ...]
    shared_decisions: tuple[SharedDecision, ...]
    guidance: Guidance
    inhalers: Products


def completion_faults(standing: Standing) -> Iterator[Issue]:
    """What is missing: medicines and their decisions, the shared decision, the steps, the reason, the follow-up."""
    episode = standing.episode
    if not coded_reasons(list(episode.reasons)):
        yield NO_REASON
    if standing.guidance.asks("medicines", standing.kind):
        yield from _undecided(standing)
    for decision in episode.decisions:
        yield from decision_faults(decision, standing.inhalers)
    yield from _shared_decision_faults(standing)
    for step in standing.guidance.steps:
        if step.shown_by == RECORDED and standing.kind in step.mandatory and step.code not in episode.steps:
            text = f"The step '{step.text}' is mandatory and not recorded: $decide with step {step.code}"
            yield Issue(f"{text} (000 §2.15, SMR-036)", "Composition.section", "required")
    if standing.guidance.asks("follow-up", standing.kind) and episode.follow_up is None and episode.end is None:
        text = "A review sets the day of its follow-up, or says why none is needed: followUp or end of $complete"
        yield Issue(f"{text} (000 §2.12, SMR-026)", "Composition.section", "required")


def decision_faults(decision: Decision, inhalers: Products) -> Iterator[Issue]:
    """What is wrong with one decision. One that is not made yet has no fault of its own."""
    said, what = decision.decision, _record_of(decision.entries)
    if said is None:
        return
    if said not in DECISIONS:
        yield Issue(f"{what}: a decision is one of {', '.join(DECISIONS)}", decision.place, "code-invalid")
        return
    if said != CONTINUE and decision.reason is None:
        yield Issue(f"{what}: '{said}' has a reason (000 §2.11, SMR-024)", decision.place, "required")
    if said == CHANGE and decision.medicine is None and decision.dosage is None:
        yield Issue(f"{what}: a change says the new dosage or medicine", decision.place, "required")
    yield from _inhaler_faults(decision, inhalers)


def is_done(step: Step, standing: Standing) -> bool:
    """Whether a step was done, by what shows it."""
    episode, finished = standing.episode, [each for each in standing.shared_decisions if each.finished]
    shown = {
        RECORDED: step.code in episode.steps,
        "reason": bool(coded_reasons(list(episode.reasons))),
        "medicines": not any(_undecided(standing)),
        "shared-decision": bool(finished),
        "tool": any(each.tool or each.no_tool_reason for each in finished),
        "follow-up": episode.follow_up is not None or episode.end is not None,
    }
    return shown[step.shown_by]


def _undecided(standing: Standing) -> Iterator[Issue]:
    for medicine in standing.medicines:
        said = standing.episode.about(medicine.key)
        if said is None or said.decision is None:
            why = f" ({DIFFERENCES[medicine.difference]}, SMR-045)" if medicine.difference else ""
            what = _record_of([each.reference for each in medicine.records])
            text = f"{what}: not reviewed yet, it needs a decision{why} (000 §2.1, SMR-001)"
            yield Issue(text, said.place if said is not None else "Composition.section", "required")


def _inhaler_faults(decision: Decision, inhalers: Products) -> Iterator[Issue]:
    high, what = inhalers.hold(decision.concept), _record_of(decision.entries)
    if decision.decision == SWITCH_INHALER:
        if decision.medicine is None:
            text = "a switch names the inhaler that is taken instead"
            yield Issue(f"{what}: {text}", decision.place, "required")
        elif inhalers.hold(decision.medicine):
            text = f"{what}: the inhaler that is taken instead has a high carbon footprint too"
            yield Issue(f"{text} (000 §2.13, SMR-027)", decision.place, "value")
        return
    if (decision.decision == START and inhalers.hold(decision.taken)) or (high and decision.decision != STOP):
        replaced = decision.medicine is not None and not inhalers.hold(decision.medicine)
        if not replaced and not coded_reasons(decision.reason):
            text = "an inhaler with a high carbon footprint is switched, or there is a reason for it coded in SNOMED CT"
            yield Issue(f"{what}: {text} (000 §2.13, SMR-027)", decision.place, "required")


def _record_of(references: Sequence[str]) -> str:
    """What stands for a medicine in a text: the newest record about it."""
    kinds = ("MedicationRequest", "MedicationStatement")
    records = [each for each in references if each.partition("/")[0] in kinds]
    return records[-1] if records else "A medicine that was named at the review"


def _shared_decision_faults(standing: Standing) -> Iterator[Issue]:
    place = f"Composition.section.where(title='{TITLES['shared-decision']}')"
    finished = [each for each in standing.shared_decisions if each.finished]
    if standing.guidance.asks("shared-decision", standing.kind) and not finished:
        text = (
            "No decision was made together with the person: complete a response to Questionnaire/shared-decision that"
            " is based on the review process, with options, preferences and the decision"
        )
        yield Issue(f"{text} (000 §2.11, SMR-024)", place, "required")
    elif standing.guidance.asks("tool", standing.kind) and not any(
        each.tool or each.no_tool_reason for each in finished
    ):
        text = "The shared decision names the decision-making tool with its version, or why none was used"
        yield Issue(f"{text} (000 §2.15, SMR-038)", place, "required")
