"""What one organisation may do with what another contributed, over generated plans."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from careplan_service.domain.contributions.merging import Contribution, merged
from careplan_service.domain.contributions.plan_elements import elements_of, plan_version
from careplan_service.domain.contributions.protection import Writer, plan_faults
from tandem.canonical import SNOMED_CT
from tandem.fhir.outcome import Issue

CATEGORY = [{"coding": [{"system": SNOMED_CT, "code": "2181441000000107"}]}]
EMPTY: dict[str, Any] = {
    "resourceType": "CarePlan", "id": "c", "status": "active", "intent": "plan", "category": CATEGORY,
    "subject": {"reference": "Patient/p"},
}  # fmt: skip
OURS, THEIRS = Writer("A1", frozenset({"A1"}), own=True), Writer("R1", frozenset({"R1"}), own=False)

texts = st.sampled_from(["walk", "dance", "cook", "sing"])
goals = st.lists(st.builds(lambda n: {"reference": f"Goal/{n}"}, st.integers(1, 5)), max_size=3)
activities = st.lists(
    st.builds(lambda text: {"detail": {"status": "scheduled", "description": text}}, texts), max_size=3
)  # fmt: skip
notes = st.lists(st.builds(lambda text: {"text": text}, texts), max_size=3)
contributions = st.builds(Contribution, goals=goals, activities=activities, notes=notes)


def faults_of(before: dict[str, Any], after: dict[str, Any], whose: dict[str, str], writer: Writer) -> list[Issue]:
    """What the write is refused for."""
    version = plan_version(before)
    assert version is not None
    return list(plan_faults(version, plan_version(after), whose, writer))


def contributed(parts: list[tuple[str, Contribution]]) -> tuple[dict[str, Any], dict[str, str]]:
    """The plan after these contributions, and whose each entry is."""
    plan, whose = EMPTY, {}
    for who, contribution in parts:
        after = merged(plan, contribution)
        whose |= {key: who for key in elements_of(after) if key not in elements_of(plan)}
        plan = after
    return plan, whose


@given(st.lists(st.tuples(st.sampled_from(["A1", "R1"]), contributions), max_size=5))
def test_merging_keeps_all_that_was_there_in_its_order(parts: list[tuple[str, Contribution]]) -> None:
    plan = EMPTY
    for who, contribution in parts:
        after = merged(plan, contribution)
        for name in ("goal", "activity", "note"):
            held = plan.get(name, [])
            assert after.get(name, [])[: len(held)] == held
        assert faults_of(plan, after, contributed(parts)[1], Writer(who, frozenset({who}), own=False)) == []
        plan = after


@given(st.lists(st.tuples(st.sampled_from(["A1", "R1"]), contributions), min_size=1, max_size=5), st.data())
def test_removing_or_rewriting_an_entry_is_refused_to_all_but_its_contributor(
    parts: list[tuple[str, Contribution]], data: st.DataObject
) -> None:
    plan, whose = contributed(parts)
    # Among entries that are alike, the last is the one that is missing then.
    alike = {key for each in whose for key in (each, each.rpartition("/")[0]) if each.rpartition("/")[0] in whose}
    if not (single := sorted(whose.keys() - alike)):
        return
    key = data.draw(st.sampled_from(single))
    element = elements_of(plan)[key]
    place = int(element.path.rpartition("[")[2].rstrip("]"))
    removed, rewritten = copy.deepcopy(plan), copy.deepcopy(plan)
    del removed[element.kind][place]
    rewritten[element.kind][place] = {"text": "other"} if element.kind == "note" else {"reference": "Goal/other"}
    for after in (removed, rewritten):
        for writer in (OURS, THEIRS):
            faults = faults_of(plan, after, whose, writer)
            assert bool(faults) == (whose[key] != writer.contributor)
            assert all(whose[key] in each.text for each in faults)


def test_alike_entries_of_two_are_counted() -> None:
    plan, whose = contributed([
        ("A1", Contribution(notes=[{"text": "walk"}])), ("R1", Contribution(notes=[{"text": "walk"}])),
    ])  # fmt: skip
    assert sorted(whose.values()) == ["A1", "R1"]
    without = {**plan, "note": plan["note"][:1]}
    assert faults_of(plan, without, whose, OURS)
    assert not faults_of(plan, without, whose, THEIRS)


def test_the_order_of_members_and_of_entries_changes_nothing() -> None:
    plan, whose = contributed([("R1", Contribution(activities=[
        {"detail": {"status": "scheduled", "description": "walk"}}, {"detail": {"status": "scheduled"}},
    ]))])  # fmt: skip
    turned = {**plan, "activity": [
        {"detail": {"status": "scheduled"}}, {"detail": {"description": "walk", "status": "scheduled"}},
    ]}  # fmt: skip
    assert faults_of(plan, turned, whose, OURS) == []
