"""Facts of shared plans, decisions, assessments, activation, budgets and consents."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from metrics_service.domain.facts.activations import read_activation, read_recorded_activation
from metrics_service.domain.facts.assessments import read_assessment
from metrics_service.domain.facts.budgets import read_budget
from metrics_service.domain.facts.consents import read_summary_consent
from metrics_service.domain.facts.plans import read_plan, told_plan_agreed, told_plan_reviewed
from metrics_service.domain.facts.shared_decisions import read_shared_decision, told_shared_decision
from tandem.canonical import CONSENT_CATEGORY, PART_OF_ASSESSMENT, SNOMED_CT
from tandem.events.event import Event
from tandem_tests.questionnaire_responses import coding, draft_plan, item, pam, response

NOW = datetime(2020, 7, 1, 23, 30, tzinfo=UTC)
WRITTEN = Event("e", "fhir.CarePlan.update", "careplan-service", NOW)


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def told(kind: str, position: int = 4, **data: Any) -> Event:
    return Event("e7", kind, "careplan-service", NOW, patient="1", position=position, data=data)


def test_a_plan_holds_from_its_period_until_it_has_ended() -> None:
    period = {"start": "2020-05-05", "end": "2021-05-05"}
    held = {**draft_plan("1"), "id": "9", "created": "2020-05-04", "period": period}
    [fact] = read_plan(held, WRITTEN)
    assert (fact.first, fact.last, fact.status, fact.group) == (day("2020-05-05"), None, "draft", "CarePlan/9")
    [ended] = read_plan({**held, "status": "completed"}, WRITTEN)
    assert ended.last == day("2021-05-06"), "its last day counts"
    [undated] = read_plan({**draft_plan("1"), "id": "9", "status": "revoked"}, WRITTEN)
    assert (undated.first, undated.last) == (None, day("2020-07-02")), "the day in London on which it was written"
    assert not list(read_plan({**held, "category": []}, WRITTEN)), "another plan is a record"


def test_an_agreed_plan_tells_its_score_and_each_thing_of_the_checklist() -> None:
    data: dict[str, Any] = {
        "plan": "CarePlan/9",
        "at": "2020-06-30T23:30:00Z",
        "score": 50,
        "things": {"goal": True, "team": False},
    }
    found = told_plan_agreed(told("tandem.plan.agreed", **data))
    assert found is not None
    assert [(fact.kind, fact.category, fact.value) for fact in found.facts] == [
        ("plan-agreed", None, 50), ("plan-quality", "goal", 1), ("plan-quality", "team", 0),
    ]  # fmt: skip
    assert {(fact.first, fact.group) for fact in found.facts} == {(day("2020-07-01"), "CarePlan/9")}
    reviewed = told_plan_reviewed(told("tandem.plan.reviewed", **data))
    assert reviewed is not None
    assert reviewed.source != found.source
    assert [fact.detail for fact in reviewed.facts] == [None, "reviewed", "reviewed"]
    old = told_plan_agreed(told("tandem.plan.agreed", plan="CarePlan/9", at="2020-06-01T09:00:00Z"))
    assert old is not None
    assert [fact.value for fact in old.facts] == [None]
    assert told_plan_agreed(told("tandem.plan.agreed", at="2020-06-01")) is None


def decision(status: str = "completed", **answers: Any) -> dict[str, Any]:
    """A shared decision about knee pain; answers by linkId with underscores."""
    items = [item("situation", {"system": SNOMED_CT, "code": "30989003"})]
    items += [item(link.replace("_", "-"), *given) for link, given in answers.items()]
    return {**response("shared-decision", "1", status, *items, authored="2020-06-10"), "id": "5"}


@pytest.mark.parametrize(
    ("answers", "met"),
    [
        ({}, set()),
        ({"tool_name": ["Ottawa"], "tool_version": ["2"]}, {"tool"}),
        ({"options": ["Exercise"]}, set()),
        ({"options": ["Exercise", "Nothing for now"]}, {"options"}),
        ({"options": ["Exercise", "  "]}, set()),
        ({"person_view": ["I would rather wait"]}, {"preference"}),
        ({"person_rating": [0]}, {"rating"}),
    ],
)
def test_each_criterion_of_a_shared_decision(answers: dict[str, Any], met: set[str]) -> None:
    made, *quality = read_shared_decision(decision(**answers), WRITTEN)
    assert (made.kind, made.first, made.codings) == ("shared-decision", day("2020-06-10"), (f"{SNOMED_CT}|30989003",))
    assert {fact.category for fact in quality} == {"tool", "options", "preference", "rating"}
    assert {fact.category for fact in quality if fact.value} == met
    assert {fact.group for fact in (made, *quality)} == {"QuestionnaireResponse/5"}


def test_a_rating_is_the_value_and_an_unfinished_decision_says_nothing() -> None:
    made, *_ = read_shared_decision(decision(person_rating=[7]), WRITTEN)
    assert made.value == 7
    assert not list(read_shared_decision(decision("in-progress"), WRITTEN))


def test_whether_a_decision_was_required_is_told_and_taken_back() -> None:
    data: dict[str, Any] = {
        "response": "QuestionnaireResponse/5", "date": "2020-06-10", "situation": "knee-pain@1", "required": True,
    }  # fmt: skip
    found = told_shared_decision(told("tandem.shared-decision.completed", **data))
    assert found is not None
    [fact] = found.facts
    assert (fact.kind, fact.category, fact.group) == (
        "shared-decision-required", "knee-pain", "QuestionnaireResponse/5",
    )  # fmt: skip
    later = told_shared_decision(told("tandem.shared-decision.completed", 5, **{**data, "required": False}))
    assert later is not None
    assert (later.source, later.number, later.facts) == (found.source, 5, ())
    assert told_shared_decision(told("tandem.shared-decision.completed", date="2020-06-10")) is None


def test_activation_by_the_licensed_measure_and_as_another_system_recorded_it() -> None:
    [fact] = read_activation(pam("1", "56.4", 3, "2020-06-10"), WRITTEN)
    assert fact.value == pytest.approx(56.4)
    assert (fact.detail, fact.first) == ("3", day("2020-06-10"))
    level = {
        "resourceType": "Observation", "status": "final", "valueInteger": 2, "effectiveDateTime": "2020-06-11",
        "code": {"coding": [{"system": SNOMED_CT, "code": "962851000000103"}]},
    }  # fmt: skip
    [recorded] = read_recorded_activation(level, WRITTEN)
    assert (recorded.value, recorded.detail, recorded.first) == (None, "2", day("2020-06-11"))
    ours = {**level, "derivedFrom": [{"reference": "QuestionnaireResponse/1/_history/1"}]}
    assert not list(read_recorded_activation(ours, WRITTEN)), "the response tells of it"
    assert not list(read_recorded_activation({**level, "status": "preliminary"}, WRITTEN))


def test_a_whole_assessment_counts_and_a_part_does_not() -> None:
    plan = {"basedOn": [{"reference": "CarePlan/9"}]}
    whole = response("targeted-needs-assessment", "1", "completed", authored="2020-06-10", **plan)
    [fact] = read_assessment(whole, WRITTEN)
    assert (fact.category, fact.detail, fact.group) == ("needs", "targeted-needs-assessment", "CarePlan/9")
    part = {"extension": [{"url": PART_OF_ASSESSMENT, "valueReference": {"reference": "QuestionnaireResponse/1"}}]}
    assert not list(read_assessment({**whole, **part}, WRITTEN))
    assert not list(read_assessment({**whole, "status": "in-progress"}, WRITTEN))
    assert not list(read_assessment(response("shared-decision", "1", "completed"), WRITTEN))


def budget(outcome: str, *items: dict[str, Any]) -> dict[str, Any]:
    kind = item("kind", coding("wheelchair"))
    return response(
        "personal-health-budget", "1", "completed", kind, item("outcome", coding(outcome)), *items,
        authored="2020-06-10",
    )  # fmt: skip


def date_item(link: str, text: str) -> dict[str, Any]:
    return {"linkId": link, "answer": [{"valueDate": text}]}


def test_a_budget_holds_from_its_start_to_its_end_and_an_offer_is_of_its_day() -> None:
    [held] = read_budget(budget("accepted", date_item("start", "2020-07-01"), date_item("end", "2021-06-30")), WRITTEN)
    assert (held.status, held.category, held.first, held.last) == (
        "accepted", "wheelchair", day("2020-07-01"), day("2021-07-01"),
    )  # fmt: skip
    [offered] = read_budget(budget("declined", date_item("offered", "2020-06-01")), WRITTEN)
    assert (offered.status, offered.first) == ("declined", day("2020-06-01"))
    [bare] = read_budget(budget("accepted"), WRITTEN)
    assert (bare.first, bare.last) == (day("2020-06-10"), None)


def consent(status: str, answer: str = "permit", **period: str) -> dict[str, Any]:
    return {
        "resourceType": "Consent", "id": "c", "status": status, "dateTime": "2020-06-10",
        "category": [{"coding": [{"system": CONSENT_CATEGORY, "code": "enriched-summary"}]}],
        "provision": {"type": answer, **({"period": period} if period else {})},
    }  # fmt: skip


def test_what_a_consent_says_and_that_a_yes_was_one_until_it_was_taken_back() -> None:
    [yes] = read_summary_consent(consent("active", end="2020-12-31"), WRITTEN)
    assert (yes.status, yes.first, yes.last) == ("permit", day("2020-06-10"), day("2021-01-01"))
    [no] = read_summary_consent(consent("active", "deny"), WRITTEN)
    assert (no.status, no.first, no.last) == ("deny", day("2020-06-10"), None)
    was, withdrawn = read_summary_consent(consent("inactive"), WRITTEN)
    assert (was.status, was.first, was.last) == ("permit", day("2020-06-10"), day("2020-07-02"))
    assert (withdrawn.status, withdrawn.first) == ("withdrawn", day("2020-07-02"))
    assert not list(read_summary_consent(consent("proposed"), WRITTEN))
    assert not list(read_summary_consent({**consent("active"), "category": []}, WRITTEN))
