"""What a shared decision needs before it is complete, and whether it counts as one that is required."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from careplan_service.domain.shared_decisions.situations import Situation
from tandem.fhir.outcome import Issue
from tandem.nhs.staff_kinds import kind_names

TRAINING = "shared-decision-making-training"
"""Code of Practitioner.qualification in CodeSystem/practitioner-qualification."""
WANTS_A_SAY = frozenset({"decide-myself", "decide-together"})
"""Answers to how much a person wants to be involved."""


@dataclass(frozen=True, slots=True)
class Lead:
    """Who led the conversation, as far as it is known on its day: kinds of staff, and whether trained."""

    kinds: frozenset[str]
    trained: bool


@dataclass(frozen=True, slots=True)
class Conversation:
    """What was recorded of one decision. `wanted` is the involvement that the person wants, told here or before."""

    tool: str | None
    persons_view: bool
    wanted: str | None
    lead: Lead | None


def completion_faults(situation: Situation | None, held: Conversation) -> Iterator[Issue]:
    """What keeps a decision from being completed; `situation` is the required one it is about, if it is."""
    if situation is not None and held.tool is None:
        yield Issue(
            f"A decision about {situation.title.lower()} names the decision support tool that was used: answer"
            " 'tool-name' and 'tool-version' (000 §5.3, §5.6)", "QuestionnaireResponse.item",
        )  # fmt: skip
    if situation is not None and _is_untrained(situation, held.lead):
        yield Issue(
            f"Decisions about {situation.title.lower()} are led by trained staff: record the qualification"
            f" '{TRAINING}' of the practitioner (000 §5.7)", "QuestionnaireResponse.item",
        )  # fmt: skip
    if held.wanted in WANTS_A_SAY and not held.persons_view:
        yield Issue(
            "The person wants to take part in decisions: answer 'person-view' with their own view (004 §13)",
            "QuestionnaireResponse.item",
        )  # fmt: skip


def _is_untrained(situation: Situation, lead: Lead | None) -> bool:
    return situation.trained and lead is not None and situation.lead in lead.kinds and not lead.trained


def against_counting(situation: Situation | None, held: Conversation) -> str | None:
    """Why a completed decision does not count as required; None when it counts."""
    if situation is None:
        return "Its situation is not among those required on the day"
    if held.tool is None:
        return "It names no decision support tool"
    if situation.lead is None:
        return None
    wanted = kind_names()[situation.lead].lower()
    if held.lead is None:
        return f"It is not known who led it; it is led by a {wanted}"
    if situation.lead not in held.lead.kinds:
        return f"It was not led by a {wanted}"
    return "The training of who led it is not recorded" if situation.trained and not held.lead.trained else None
