"""When an assessment in parts is complete."""

from __future__ import annotations

from careplan_service.domain.assessments.completeness import Assignment, Contribution, closing_faults, standing
from careplan_service.questionnaires.shipped_questionnaires import shipped_questionnaires
from tandem_tests.questionnaire_responses import DOMAINS

HOLISTIC = shipped_questionnaires()["holistic-assessment"]
FIRST, LAST = DOMAINS[:4], DOMAINS[4:]


def given(response: str, *sections: str, organisation: str = "A00001", finished: bool = True) -> Contribution:
    links = frozenset(f"{each}.findings" for each in sections)
    return Contribution(response, organisation, finished, response == "whole", links)


WHOLE = given("whole", *FIRST, finished=False)


def test_what_the_whole_and_completed_parts_answer_is_in() -> None:
    found = standing(HOLISTIC, [WHOLE], [])
    assert [each.link_id for each in found.missing] == [*LAST]
    assert not found.complete
    found = standing(HOLISTIC, [WHOLE, given("part", *LAST)], [])
    assert found.complete
    assert [each.response for each in found.by_section["environmental"]] == ["part"]


def test_a_part_in_progress_is_not_in_and_keeps_the_whole_open() -> None:
    found = standing(HOLISTIC, [WHOLE, given("part", *LAST, finished=False)], [])
    assert [each.link_id for each in found.missing] == [*LAST]
    assert [each.response for each in found.unfinished] == ["part"]
    assert [fault.code for fault in closing_faults(HOLISTIC, found)] == ["required", None]


def test_what_was_assigned_is_in_when_that_organisation_has_completed_it() -> None:
    everything, own = given("whole", *DOMAINS), Assignment("t1", "RX001", LAST)
    assert standing(HOLISTIC, [everything], [own]).outstanding == (own,), "somebody else answered it"
    other = given("part", "social", organisation="RX001")
    assert standing(HOLISTIC, [everything, other], [own]).outstanding == (own,), "another section"
    assert standing(HOLISTIC, [everything, given("part", *LAST, organisation="RX001")], [own]).complete
    anything = Assignment("t1", "RX001", ())
    assert standing(HOLISTIC, [everything, other], [anything]).complete
    unknown = Assignment("t1", None, LAST)
    assert not standing(HOLISTIC, [everything, other], [unknown]).complete
