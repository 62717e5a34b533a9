"""Nobody overwrites what another organisation contributed (decision 0010; 000 §3.16 r7: one plan, made together).

Who contributed something may change it and take it back. The plan's own organisation (the registered practice, its
network, the author of the plan) may end it, and the organisation that carries out an activity says how far it is.
Everybody who takes part may add progress.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from careplan_service.domain.contributions.plan_elements import (
    PROGRESS,
    STATUS,
    PlanElement,
    PlanVersion,
    content,
    fixed_part,
)
from careplan_service.domain.shared_plan import is_shared_plan
from tandem.fhir.body import Resource
from tandem.fhir.outcome import Issue
from tandem.identity.organisations import reference_code

ENDED_ACTIVITY = ("completed", "cancelled", "stopped")
ENDED_GOAL = ("completed", "cancelled", "rejected")
ENDED_RESPONSE = ("completed", "stopped")
_RULE = "only who contributed it may rewrite or remove it (decision 0010)"
_ADDED_TO = {"note", "outcomeCode", "outcomeReference"}
_STANDING = {"achievementStatus", "statusDate", "statusReason"}
_STAMPED = {"meta", "id", "resourceType"}


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes: `contributor` is an organisation's code or the person, `names` what References call the organisation
    by, `own` whether it is the plan's own organisation."""

    contributor: str
    names: frozenset[str]
    own: bool


def plan_faults(
    before: PlanVersion, after: PlanVersion | None, contributors: Mapping[str, str], writer: Writer
) -> Iterator[Issue]:
    """What a write of a plan does to the contributions of others. `contributors`: key of an element -> whose it is.

    `after` is None for a deletion.
    """
    others = {
        key: element for key, element in before.elements.items()
        if contributors.get(key, writer.contributor) != writer.contributor
    }  # fmt: skip
    if not others:
        return
    if after is None:
        names = ", ".join(sorted({contributors[key] for key in others}))
        yield Issue(f"The plan holds contributions of {names}: end it by its status instead of deleting it", "CarePlan")
        return
    old, new = before.plan, after.plan
    if not is_shared_plan(new) or content(new.get("subject")) != content(old.get("subject")):
        text = "A plan that holds contributions of others stays a shared plan of the same person (decision 0010)"
        yield Issue(text, "CarePlan")
    if not writer.own and content(new.get("author")) != content(old.get("author")):
        yield Issue("Who owns the plan is changed by its own organisation (decision 0010)", "CarePlan.author")
    for key, element in others.items():
        yield from _element_faults(element, after.elements.get(key), contributors[key], writer)


def goal_faults(before: Resource, after: Resource | None, contributor: str, writer: Writer) -> Iterator[Issue]:
    """The same for a Goal of a shared plan that another organisation contributed."""
    if after is None:
        yield Issue(f"{contributor} contributed this goal: {_RULE}; end it by lifecycleStatus", "Goal")
        return
    for name in _changed_names(before, after):
        if name in _STANDING:
            continue
        if name == "lifecycleStatus":
            if not (writer.own and after.get(name) in ENDED_GOAL):
                ends = ", ".join(ENDED_GOAL)
                text = f"{contributor} contributed this goal: the plan's own organisation may end it ({ends})"
                yield Issue(f"{text}, and {_RULE}", f"Goal.{name}")
        elif name not in _ADDED_TO or not _only_added(before.get(name), after.get(name)):
            yield Issue(f"{contributor} contributed this goal: {_RULE}", f"Goal.{name}")


def response_faults(before: Resource, after: Resource | None, contributor: str, writer: Writer) -> Iterator[Issue]:
    """The same for a QuestionnaireResponse that belongs to a shared plan."""
    said = f"{contributor} gave these answers: {_RULE}; write a response of your own"
    if after is None:
        yield Issue(said, "QuestionnaireResponse")
        return
    for name in _changed_names(before, after):
        if name == "status" and writer.own and after.get(name) in ENDED_RESPONSE:
            continue
        yield Issue(said, f"QuestionnaireResponse.{name}")


def _element_faults(element: PlanElement, now: PlanElement | None, contributor: str, writer: Writer) -> Iterator[Issue]:
    said, place = f"{contributor} contributed this {element.kind}: {_RULE}", f"CarePlan.{element.path}"
    if now is None:
        ends = "; the plan's own organisation may end it by its status" if element.kind in ("goal", "activity") else ""
        yield Issue(said + ends, place)
    elif element.kind != "activity":
        if content(now.value) != content(element.value):
            yield Issue(said, place)
    else:
        yield from _activity_faults(element.value, now.value, said, place, writer)


def _activity_faults(
    before: dict[str, Any], after: dict[str, Any], said: str, place: str, writer: Writer
) -> Iterator[Issue]:
    if content(fixed_part(before)) != content(fixed_part(after)):
        yield Issue(said, place)
    for name in PROGRESS:
        if not _only_added(before.get(name), after.get(name)):
            yield Issue(f"{said}; {name} is only added to", f"{place}.{name}")
    old, new = before.get("detail") or {}, after.get("detail") or {}
    if all(content(old.get(name)) == content(new.get(name)) for name in STATUS):
        return
    carries_it_out = any(reference_code(each) in writer.names for each in old.get("performer") or ())
    if not carries_it_out and not (writer.own and new.get("status") in ENDED_ACTIVITY):
        ends = ", ".join(ENDED_ACTIVITY)
        text = f"{said}; who performs it moves its status, and the plan's own organisation may end it ({ends})"
        yield Issue(text, f"{place}.detail.status")


def _changed_names(before: Resource, after: Resource) -> list[str]:
    names = [name for name in dict.fromkeys((*before, *after)) if name not in _STAMPED]
    return [name for name in names if content(before.get(name)) != content(after.get(name))]


def _only_added(before: list[Any] | None, after: list[Any] | None) -> bool:
    left = [content(each) for each in after or ()]
    for each in before or ():
        said = content(each)
        if said not in left:
            return False
        left.remove(said)
    return True
