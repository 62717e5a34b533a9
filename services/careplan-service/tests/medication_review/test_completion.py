"""What an episode lacks, and what follows from its decisions."""

from __future__ import annotations

from typing import Any

import pytest

from careplan_service.domain.medication_review.completion import (
    SharedDecision,
    Standing,
    completion_faults,
    decision_faults,
)
from careplan_service.domain.medication_review.composition import (
    new_composition,
    with_decision,
    with_follow_up,
    with_medicines,
    with_process,
    with_step,
)
from careplan_service.domain.medication_review.episode import Episode, episode_of
from careplan_service.domain.medication_review.guidance import guidance_of
from careplan_service.domain.medication_review.medicines import STOPPED, Medicine
from careplan_service.domain.medication_review.outcomes import Completed, procedure_of, statements_of
from careplan_service.domain.medication_review.process import (
    ended,
    new_process,
    planned_follow_up,
    with_episode,
    with_follow_up_planned,
    with_review_shown,
)
from careplan_service.domain.medication_review.products import products_of
from careplan_service.medication_review.policies import GUIDANCE, INHALERS, shipped
from tandem.canonical import DMD, SNOMED_CT
from tandem.fhir.body import Resource
from tandem.fhir.validation import validator
from tandem_tests.small_work import START

GUIDE, HIGH_CARBON = guidance_of(shipped(GUIDANCE)[0].content), products_of(shipped(INHALERS)[0].content)
AMLODIPINE = {"coding": [{"system": DMD, "code": "319283006", "display": "Amlodipine 5mg tablets"}]}
INHALER = {"coding": [{"system": SNOMED_CT, "code": "39113611000001102", "display": "Salbutamol inhaler"}]}
POWDER = {"coding": [{"system": DMD, "code": "9207411000001106", "display": "Salbutamol dry powder"}]}
CODED = {"coding": [{"system": SNOMED_CT, "code": "13645005"}]}
WORDS = {"text": "Because"}
KEY, INHALER_KEY = ("dm+d", "319283006"), ("dm+d", "39113611000001102")
MEDICINE = Medicine(KEY, AMLODIPINE, (), None)
CLINICIAN = {"reference": "Practitioner/p1"}


def said(decision: str, **more: Any) -> dict[str, tuple[str, Any]]:
    kinds = {"reason": "valueCodeableConcept", "medicine": "valueCodeableConcept", "dosage": "valueString"}
    return {"decision": ("valueCode", decision), **{name: (kinds[name], value) for name, value in more.items()}}


def begun(*medicines: Medicine) -> Resource:
    opened = new_composition("c1", "p1", CLINICIAN, "initial", [CODED], START)
    return with_medicines(with_process(opened, "cp1", None), medicines, {}, [])


def finished() -> Resource:
    review = with_decision(begun(MEDICINE), KEY, AMLODIPINE, said("continue"))
    for step in GUIDE.steps:
        if step.shown_by == "recorded":
            review = with_step(review, step.code, step.text, None)
    return with_follow_up(review, START.date(), None)


def faults(review: Resource, *medicines: Medicine, shared: str | None = "tool", kind: str = "initial") -> list[str]:
    talks = (SharedDecision("QuestionnaireResponse/1", True, shared or None, None),) if shared is not None else ()
    standing = Standing(episode_of(review), kind, medicines, talks, GUIDE, HIGH_CARBON)
    return [each.text for each in completion_faults(standing)]


def test_a_review_with_everything_lacks_nothing_and_is_valid() -> None:
    assert faults(finished(), MEDICINE) == []
    assert validator().validate(finished()) == []


def test_everything_that_is_missing_is_told_at_once() -> None:
    told = faults(begun(MEDICINE), MEDICINE, shared=None)
    sources = ("SMR-001", "SMR-024", "SMR-036", "SMR-026")
    assert {each: any(each in text for text in told) for each in sources} == dict.fromkeys(sources, True)
    assert len(told) == len(set(told))


def test_a_shared_decision_without_tool_or_reason_is_refused() -> None:
    [text] = faults(finished(), MEDICINE, shared="")
    assert "SMR-038" in text


@pytest.mark.parametrize(
    ("concept", "key", "decided", "fault"),
    [
        (AMLODIPINE, KEY, said("continue"), None),
        (AMLODIPINE, KEY, said("ponder"), "a decision is one of"),
        (AMLODIPINE, KEY, said("stop"), "has a reason"),
        (AMLODIPINE, KEY, said("change", reason=WORDS), "new dosage or medicine"),
        (AMLODIPINE, KEY, said("change", reason=WORDS, dosage="Half"), None),
        (AMLODIPINE, KEY, said("start", reason=WORDS), None),
        (INHALER, INHALER_KEY, said("continue"), "SMR-027"),
        (INHALER, INHALER_KEY, said("continue", reason=WORDS), "SMR-027"),
        (INHALER, INHALER_KEY, said("continue", reason=CODED), None),
        (INHALER, INHALER_KEY, said("stop", reason=WORDS), None),
        (INHALER, INHALER_KEY, said("start", reason=WORDS), "SMR-027"),
        (INHALER, INHALER_KEY, said("change", reason=WORDS, medicine=POWDER), None),
        (INHALER, INHALER_KEY, said("switch-inhaler", reason=WORDS), "names the inhaler"),
        (INHALER, INHALER_KEY, said("switch-inhaler", reason=WORDS, medicine=INHALER), "too"),
        (INHALER, INHALER_KEY, said("switch-inhaler", reason=WORDS, medicine=POWDER), None),
    ],
)
def test_one_decision(concept: dict[str, Any], key: tuple[str, str], decided: Any, fault: str | None) -> None:
    about = episode_of(with_decision(begun(), key, concept, decided)).about(key)
    assert about is not None
    found = [each.text for each in decision_faults(about, HIGH_CARBON)]
    assert [fault in text for text in found] == ([] if fault is None else [True])  # type: ignore[operator]


def completed(episode: Episode) -> Completed:
    return Completed("c1", "Composition/c1/_history/2", "cp1", "p1", CLINICIAN, episode, "2020-07-01", START)


@pytest.mark.parametrize(
    ("decided", "difference", "expected"),
    [
        (said("continue"), None, []),
        (said("continue"), STOPPED, [("active", "319283006")]),
        (said("stop", reason=WORDS), None, [("stopped", "319283006")]),
        (said("change", reason=WORDS, dosage="Half"), None, [("active", "319283006")]),
        (said("start", reason=WORDS), None, [("active", "319283006")]),
        (said("change", reason=WORDS, medicine=POWDER), None,
         [("stopped", "319283006"), ("active", "9207411000001106")]),
    ],
)  # fmt: skip
def test_what_is_stated_after_a_decision(decided: Any, difference: str | None, expected: list[tuple[str, str]]) -> None:
    episode = episode_of(with_decision(begun(), KEY, AMLODIPINE, decided))
    made = statements_of(completed(episode), episode.decisions[0], Medicine(KEY, AMLODIPINE, (), difference))
    assert [(each["status"], each["medicationCodeableConcept"]["coding"][0]["code"]) for each in made] == expected
    assert all(validator().validate(each) == [] for each in made)


def test_the_procedure_is_valid_and_always_the_same_one() -> None:
    done = completed(episode_of(finished()))
    role = {"code": "719328007", "display": "Medication review done by doctor"}
    first, second = procedure_of(done, role, "completed"), procedure_of(done, None, "entered-in-error")
    assert validator().validate(first) == []
    assert first["id"] == second["id"]
    assert [each["code"] for each in first["code"]["coding"]] == ["1239511000000100", "719328007"]


def test_the_process_holds_its_episodes_and_one_planned_follow_up() -> None:
    process = with_episode(new_process("cp1", "p1", START), "c1", "in-progress")
    process = with_follow_up_planned(with_episode(process, "c1", "completed"), START.date())
    assert planned_follow_up(process) == "2020-07-01"
    process = with_episode(process, "c2", "in-progress")
    assert planned_follow_up(process) is None
    assert [each["outcomeReference"][0]["reference"] for each in process["activity"]] == [
        "Composition/c1", "Composition/c2",
    ]  # fmt: skip
    closed = ended(with_follow_up_planned(process, START.date()), START)
    assert (closed["status"], len(closed["activity"])) == ("completed", 2)
    assert validator().validate(closed) == []
    shown = with_review_shown({"resourceType": "CarePlan"}, "cp1", ["c1"], "in-progress")
    assert with_review_shown(shown, "cp1", ["c1"], "in-progress") == shown
