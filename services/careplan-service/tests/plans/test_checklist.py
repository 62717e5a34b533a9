"""The checklist that ships: what each thing is seen by, whom it binds, and what it says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from careplan_service.domain.plans.checklist import checklist_of, score
from careplan_service.domain.plans.plan_facts import PlanFacts
from careplan_service.plans.shipped_checklist import checklist
from careplan_service.questionnaires.shipped_questionnaires import shipped_questionnaires

ALL = frozenset({"PC", "EHCH", "AC", "PCPC"})
BARE = PlanFacts({"resourceType": "CarePlan"}, programmes=ALL, lists=frozenset({"dementia", "last-12-months-of-life"}))
FULL = replace(
    BARE, plan={"careTeam": [{"reference": "CareTeam/1"}]}, goals=frozenset("g"), expressed=frozenset("g"), voice=True,
    answered=frozenset(shipped_questionnaires()["personalised-care-and-support-plan"].links),
    affirmed=frozenset({"agreement"}), assessments=("QuestionnaireResponse/1",), agencies=frozenset("ab"),
    activation_level=2, review_due=date(2021, 1, 1),
)  # fmt: skip


def missing(facts: PlanFacts) -> set[str]:
    return {thing.name for thing, present in checklist().asked_of(facts) if not present}


def refused(facts: PlanFacts) -> set[str]:
    found = checklist().asked_of(facts)
    return {thing.name for thing, present in found if not present and thing.refuses(facts.programmes)}


def test_a_full_plan_lacks_nothing_and_a_bare_one_everything() -> None:
    assert missing(FULL) == set()
    of_some = {"activity-for-each-goal", "tailored-support"}
    assert missing(BARE) == {thing.name for thing in checklist().things} - of_some


@pytest.mark.parametrize(
    ("programme", "names"),
    [
        ("PC", {"what-matters"}),
        ("EHCH", {"what-matters", "goal", "voice", "dementia", "end-of-life"}),
        ("AC", {"what-matters"}),
        ("PCPC", {"what-matters", "health-needs", "social-needs", "agreement", "forum"}),
    ],
)  # fmt: skip
def test_what_a_plan_of_each_programme_is_not_agreed_without(programme: str, names: set[str]) -> None:
    assert refused(replace(BARE, programmes=frozenset({"PC", programme}))) == names


def test_one_goal_of_the_person_is_enough_for_a_resident_of_whom_nothing_else_is_known() -> None:
    goal = frozenset({"g"})
    resident = PlanFacts({}, programmes=frozenset({"PC", "EHCH"}), goals=goal, expressed=goal, voice=True)
    assert refused(resident) == set()


def test_what_is_asked_of_some_is_not_asked_of_others() -> None:
    assert {"dementia", "end-of-life"} & missing(replace(BARE, lists=frozenset())) == set()
    assert "tailored-support" in refused(replace(BARE, activation_level=1))
    assert "activity-for-each-goal" in missing(replace(FULL, goals_without_activity=frozenset("g")))


def test_every_word_names_its_rule_and_how_to_add_it() -> None:
    for thing in checklist().things:
        issue = thing.issue(ALL)
        assert issue.text == f"{thing.missing}: {thing.how} ({thing.source}; {', '.join(thing.requirements)})"
        assert issue.severity == ("error" if "refused" in thing.programmes.values() else "warning")
        named = {link for word in ("answered", "affirmed") for link in thing.present.get(word, ())}
        assert all(link in thing.how for link in named), thing.name
        assert named <= shipped_questionnaires()["personalised-care-and-support-plan"].links.keys()


def test_only_what_is_complete_scores_a_hundred() -> None:
    assert (score(0, 7), score(6, 7), score(7, 7), score(0, 0)) == (0, 85, 100, 100)
    assert score(199, 200) == 99


@pytest.mark.parametrize(
    "changed",
    [
        {"present": {"guessed": True}}, {"present": {}}, {"when": {"weather": "fine"}}, {"programmes": {"XY": "shown"}},
        {"programmes": {"PC": "perhaps"}},
    ],
)  # fmt: skip
def test_a_word_that_is_not_known_is_refused_when_it_is_read(changed: dict[str, Any]) -> None:
    thing = {
        "name": "x", "programmes": {"PC": "shown"}, "requirements": ["PC-001"], "source": "s", "missing": "m",
        "how": "h", "present": {"voice": True},
    }  # fmt: skip
    assert checklist_of({"version": 1, "source": "s", "things": [thing]}).things[0].name == "x"
    with pytest.raises(ValueError, match="x: not known"):
        checklist_of({"version": 1, "source": "s", "things": [thing | changed]})
    with pytest.raises(ValueError, match="stands twice"):
        checklist_of({"version": 1, "source": "s", "things": [thing, thing]})


def test_the_page_has_a_row_for_each_thing() -> None:
    page = (Path(__file__).parents[4] / "docs" / "plan-content.md").read_text(encoding="utf-8")
    rows = {row.split("`")[1]: row for row in page.splitlines() if row.startswith("| `")}
    assert set(rows) == {thing.name for thing in checklist().things}
    for thing in checklist().things:
        row = rows[thing.name]
        assert all(f"{programme} ({weight})" in row for programme, weight in thing.programmes.items())
        assert row.endswith(f"| {', '.join(thing.requirements)}, {thing.source} |")
    assert f"version {checklist().version}," in page
