"""What a report lacks, what is shown of a figure, and what events of the case register say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from metrics_service.domain.facts.case_registers import (
    told_named_professional,
    told_person_reviewed,
    told_register_decision,
)
from metrics_service.domain.london_days import first_day
from metrics_service.domain.practice_reports.content import Benefit, Content, Feedback, Intervention, read, written
from metrics_service.domain.practice_reports.document import figure_text
from metrics_service.domain.practice_reports.figures import ReportFigure, disclosed, kept, read_figure
from metrics_service.domain.practice_reports.framework import key_indicators, outcomes, system_indicators
from metrics_service.domain.practice_reports.gaps import gaps_of
from metrics_service.domain.practice_reports.template import Question, Template, template_for
from metrics_service.measures.shipped import definitions
from tandem.events.event import Event

VISITS = Intervention("Planned visits", None, "Core has none", "Without an admission")
SHARE = ReportFigure("register-reviewed", "1", "2016-10-01", "2016-12-31", 60, 100, 60.0, "percent", 60)


def event(kind: str, patient: str | None = None, **data: Any) -> Event:
    return Event("1", kind, "/tandem/cohort-service", datetime(2016, 10, 5, 9, tzinfo=UTC), patient=patient, data=data)


def test_every_measure_that_is_named_is_shipped_and_system_indicators_are_attributed_to_nobody() -> None:
    named = {measure for each in (*key_indicators(), *system_indicators()) for measure in each.measures}
    named |= {measure for each in outcomes() for measure in each.all_measures}
    assert named <= set(definitions())
    for each in system_indicators():
        assert not each.attributable
        assert not any(definitions()[measure].attributable for measure in each.measures)


def test_a_whole_report_has_no_gap_and_each_missing_part_is_one() -> None:
    template = Template(1, datetime(2016, 10, 1).date(), (Question("staff", "Who was taken on?", True),
                                                         Question("more", "Anything else?", False)))  # fmt: skip
    whole = Content(
        {VISITS.name: VISITS}, {each.name: Benefit(each.name, "Better", "Good") for each in outcomes()},
        {"staff": "A nurse"}, {},
    )  # fmt: skip
    counted = [each.name for each in key_indicators()]
    assert gaps_of(whole, counted, template) == []
    assert read(written(whole)) == whole
    for lacking, what in (
        (replace(whole, answers={}), "question:staff"), (replace(whole, interventions={}), "interventions"),
        (replace(whole, interventions={"a": replace(VISITS, beyond_core=None)}), "intervention:Planned visits"),
    ):  # fmt: skip
        assert [each.what for each in gaps_of(lacking, counted, template)] == [what]
    assert [each.what for each in gaps_of(whole, counted[1:], template)] == [f"indicator:{counted[0]}"]


def test_feedback_stays_with_its_intervention_and_stands_once() -> None:
    said = Feedback("carer", "Somebody asked me")
    content = Content().with_intervention(VISITS).with_feedback(VISITS.name, said).with_feedback(VISITS.name, said)
    again = content.with_intervention(replace(VISITS, description="Now on Mondays too"))
    assert again.interventions[VISITS.name].feedback == (said,)


def test_a_template_holds_for_periods_that_begin_with_it_or_later() -> None:
    first, second = (Template(number, datetime(2017, month, 1).date()) for number, month in ((1, 1), (2, 4)))
    assert template_for([first, second], datetime(2016, 10, 1).date()).version == 0
    assert template_for([first, second], datetime(2017, 1, 1).date()) == first
    assert template_for([first, second], datetime(2017, 7, 1).date()) == second


@pytest.mark.parametrize(("figure", "shown"), [
    (SHARE, (60, 100, 60.0)),
    (replace(SHARE, numerator=62, denominator=98, value=63.3, people=62), (60, 100, 60.0)),
    (replace(SHARE, numerator=3, value=3.0, people=3), (None, None, None)),
    (replace(SHARE, numerator=4, denominator=5, value=80.0, people=4), (None, None, None)),
    (replace(SHARE, numerator=0, value=0.0, people=0), (0, 100, 0.0)),
    (replace(SHARE, numerator=12, denominator=None, value=12.0, unit="people", people=12), (10, None, 10.0)),
    (replace(SHARE, numerator=3, denominator=None, value=3.0, unit="things", people=None), (3, None, 3.0)),
    (replace(SHARE, numerator=2.4, denominator=None, value=2.4, unit="score", people=40), (2.4, None, 2.4)),
    (replace(SHARE, numerator=2.4, denominator=None, value=2.4, unit="score", people=4), (None, None, None)),
    (replace(SHARE, numerator=30, denominator=None, value=30.0, unit="things", people=2), (None, None, None)),
])  # fmt: skip
def test_what_a_commissioner_sees_of_a_figure(figure: ReportFigure, shown: tuple[Any, ...]) -> None:
    found = disclosed(figure)
    assert (found.numerator, found.denominator, found.value) == shown
    assert found.masked == (shown[2] is None)
    assert read_figure({**kept(figure)}) == figure
    if found.masked:
        assert figure_text([figure.measure], {figure.measure: found}) == "a small number, not shown"


def test_events_of_the_register_become_facts() -> None:
    decided = told_register_decision(event("tandem.case-register.decided", practice="A1", version=2, state="agreed",
                                           decided="2016-10-04"))  # fmt: skip
    assert decided is not None
    [fact] = decided.facts
    assert (fact.kind, fact.status, fact.organisation, fact.first) == (
        "register-sign-off", "agreed", "A1", first_day("2016-10-04")
    )
    spans = [{"professional": "Practitioner/1", "from": "2016-10-01", "until": "2016-10-03"},
             {"professional": "Practitioner/2", "from": "2016-10-04", "until": None}]  # fmt: skip
    named = told_named_professional(
        event("tandem.case-register.professional-named", "p", practice="A1", revision=2, assignments=spans)
    )
    assert named is not None
    assert [(each.first, each.last) for each in named.facts] == [
        (first_day("2016-10-01"), first_day("2016-10-04")), (first_day("2016-10-04"), None)
    ]
    reviewed = told_person_reviewed(
        event("tandem.person.reviewed", "p", task="t", appointment="a", day="2016-10-05", complete=False)
    )
    assert reviewed is not None
    assert (reviewed.patient, reviewed.facts[0].status) == ("p", "incomplete")


@pytest.mark.parametrize("reader", [told_register_decision, told_named_professional, told_person_reviewed])
def test_an_event_of_a_newer_shape_says_nothing_and_stops_nobody(reader: Any) -> None:
    assert reader(event("tandem.newer.shape", "p", surprise=[{}])) is None
    assert reader(Event("1", "tandem.newer.shape", "/tandem", datetime(2016, 10, 5, tzinfo=UTC))) is None
