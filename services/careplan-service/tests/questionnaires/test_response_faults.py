"""What a response is held to."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from careplan_service.domain.questionnaires.response_faults import response_faults
from careplan_service.questionnaires.shipped_questionnaires import shipped_questionnaires
from tandem_tests.questionnaire_responses import DOMAINS, coding, findings, item, response


def faults(name: str, status: str, *items: dict[str, Any], groups: bool = True) -> list[tuple[str | None, str]]:
    """Place and named item of each fault."""
    found = response_faults(shipped_questionnaires()[name], response(name, "p1", status, *items), groups)
    return [(each.expression, each.text.split("'")[1]) for each in found]


DECISION = (
    item("situation", coding("back-pain")), item("options", "Exercise", "Surgery"), item("preferences", "No surgery"),
    item("decision", "Exercise for six weeks"),
)  # fmt: skip


@pytest.mark.parametrize("status", ["completed", "amended"])
def test_a_tool_needs_its_version_and_no_tool_a_reason(status: str) -> None:
    name = "shared-decision"
    assert faults(name, status, *DECISION) == [("QuestionnaireResponse.item", "no-tool-reason")]
    assert faults(name, status, *DECISION, item("no-tool-reason", "None fits")) == []
    tool = item("tool-name", "Options grid")
    assert faults(name, status, *DECISION, tool) == [("QuestionnaireResponse.item", "tool-version")]
    assert faults(name, status, *DECISION, tool, item("tool-version", "2")) == []


@pytest.mark.parametrize("status", ["in-progress", "stopped", "entered-in-error"])
def test_what_is_required_is_asked_of_a_completed_response_only(status: str) -> None:
    assert faults("shared-decision", status) == []


def test_whatever_is_wrong_can_be_withdrawn() -> None:
    assert faults("falls-assessment", "entered-in-error", item("no-such", 1)) == []
    assert faults("falls-assessment", "in-progress", item("no-such", 1)) == [
        ("QuestionnaireResponse.item[0].linkId", "no-such")
    ]


def test_a_group_left_out_is_one_fault_and_one_begun_names_what_it_lacks() -> None:
    name = "holistic-assessment"
    begun = item("social", [item("social.needs", "Company")])
    assert faults(name, "completed", *findings(*DOMAINS[:3]), begun) == [
        ("QuestionnaireResponse.item[3].item", "social.findings"), ("QuestionnaireResponse.item", "environmental"),
    ]  # fmt: skip
    assert faults(name, "completed", begun, groups=False) == [("QuestionnaireResponse.item[0].item", "social.findings")]
    assert faults(name, "completed", item("social", [])) == [("QuestionnaireResponse.item", each) for each in DOMAINS]


def test_items_nest_as_they_do_in_the_questionnaire() -> None:
    name = "holistic-assessment"
    assert faults(name, "in-progress", item("social.findings", "Alone")) == [
        ("QuestionnaireResponse.item[0].linkId", "social.findings")
    ]
    assert faults(name, "in-progress", item("social", "Alone")) == [("QuestionnaireResponse.item[0].answer", "social")]
    inside = {"linkId": "risk", "item": [item("tool", "x")]}
    assert faults("falls-assessment", "in-progress", inside) == [("QuestionnaireResponse.item[0].item", "risk")]


@pytest.mark.parametrize("score", ["0", "100", "100.0", "47.5", "50.10"])
def test_a_score_within_its_limits(score: str) -> None:
    assert faults("patient-activation-measure", "in-progress", item("score", Decimal(score))) == []


@pytest.mark.parametrize("score", ["-0.1", "100.1", "47.55"])
def test_a_score_beyond_its_limits(score: str) -> None:
    place = "QuestionnaireResponse.item[0].answer[0].valueDecimal"
    assert faults("patient-activation-measure", "in-progress", item("score", Decimal(score))) == [(place, "score")]


def test_an_open_choice_takes_an_option_or_words_and_no_other_code() -> None:
    name, link = "personalised-care-and-support-plan", "preferred-place-of-death"
    assert faults(name, "in-progress", item(link, coding("hospice"))) == []
    assert faults(name, "in-progress", item(link, "At my daughter's")) == []
    place = "QuestionnaireResponse.item[0].answer[0].valueCoding"
    assert faults(name, "in-progress", item(link, coding("moon"))) == [(place, link)]
    assert faults(name, "in-progress", item(link, {"code": "hospice"})) == [(place, link)], "a code without a system"
