"""The codes by which a medication review is known, and the words its sections and decisions have (decision 0010)."""

from __future__ import annotations

from typing import Any, Final

from tandem.canonical import DMD, MEDICATION_REVIEW, SNOMED_CT
from tandem.fhir.body import Resource

REVIEW_CODE: Final = "1239511000000100"
REVIEW_NAME: Final = "Structured medication review"
REVIEW: Final = {"system": SNOMED_CT, "code": REVIEW_CODE, "display": REVIEW_NAME}
"""Coding of the process (CarePlan.category), of an episode (Composition.type) and of a request for one."""

PROCESS, REQUEST, MEDICINES, SHARED_DECISION = "process", "request", "medicines", "shared-decision"
ONWARD_REFERRAL, SIGNPOSTING, STEPS, FOLLOW_UP = "onward-referral", "signposting", "steps", "follow-up"
TITLES: Final = {
    PROCESS: "Review process and appointment", REQUEST: "Asked for by", MEDICINES: "Medicines",
    SHARED_DECISION: "Decisions made together", ONWARD_REFERRAL: "Onward referrals", SIGNPOSTING: "Signposting",
    STEPS: "Steps of the review", FOLLOW_UP: "Follow-up",
}  # fmt: skip
"""The sections of an episode, by the code of MEDICATION_REVIEW, in their order."""

CONTINUE, STOP, CHANGE, START, SWITCH_INHALER = "continue", "stop", "change", "start", "switch-inhaler"
DECISIONS: Final = (CONTINUE, STOP, CHANGE, START, SWITCH_INHALER)
"""What may be decided about a medicine."""

INITIAL, FOLLOWING = "initial", "follow-up-review"
"""Composition.category: the first episode of a process, and the later ones."""
MODES: Final = ("In-person", "Telephone", "Video")


def codings(concepts: Any) -> list[dict[str, Any]]:
    """All codings of a CodeableConcept or of several."""
    listed = concepts if isinstance(concepts, list) else [concepts]
    return [coding for each in listed if isinstance(each, dict) for coding in each.get("coding") or ()]


def says_review(concepts: Any) -> bool:
    """Whether a CodeableConcept, or one of several, says structured medication review."""
    return any(coding.get("system") == SNOMED_CT and coding.get("code") == REVIEW_CODE for coding in codings(concepts))


def is_process(plan: Resource | None) -> bool:
    """Whether a CarePlan is the process of medication review of a person."""
    return says_review((plan or {}).get("category"))


def is_review(composition: Resource | None) -> bool:
    """Whether a Composition is an episode of medication review."""
    return says_review((composition or {}).get("type"))


def section_code(section: dict[str, Any]) -> str | None:
    """The code of MEDICATION_REVIEW that a section has."""
    return next(
        (str(each["code"]) for each in codings(section.get("code"))
         if each.get("system") == MEDICATION_REVIEW and each.get("code")), None,
    )  # fmt: skip


def coded_reasons(concepts: Any) -> list[dict[str, Any]]:
    """The codings of SNOMED CT among reasons."""
    return [each for each in codings(concepts) if each.get("system") == SNOMED_CT and each.get("code")]


def product_codes(concept: Any) -> set[str]:
    """The codes of dm+d and SNOMED CT, which are one, that a medicine has."""
    return {
        str(each["code"]) for each in codings(concept) if each.get("system") in (DMD, SNOMED_CT) and each.get("code")
    }


def name_of(concept: dict[str, Any]) -> str:
    """What to call a concept: its text, else the display of its first coding, else the code."""
    shown = [each.get("display") or each.get("code") for each in concept.get("coding") or ()]
    return str(concept.get("text") or next((each for each in shown if each), "A medicine without a name"))
