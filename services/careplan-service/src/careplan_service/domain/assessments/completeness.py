"""When an assessment that several make in parts is complete (EHCH-045, AC-045).

The whole is a response; a part is another response to the same Questionnaire that names it. A domain is a group of the
Questionnaire: it is in when everything required of it is answered, in the whole or in a part that is completed. What
was assigned to an organisation is in when that organisation has completed a part with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from careplan_service.domain.questionnaires.questionnaire import Item, Questionnaire
from tandem.fhir.outcome import Issue

ENDED_WITHOUT = frozenset({"cancelled", "rejected", "failed", "entered-in-error"})
"""Statuses of the Task of an assignment that take it back."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """The whole or a part of it: `answered` are the linkIds with an answer."""

    response: str
    organisation: str
    finished: bool
    is_whole: bool
    answered: frozenset[str]

    @property
    def counts(self) -> bool:
        """Whether what it answers is in: a part once it is completed, the whole as it stands."""
        return self.is_whole or self.finished


@dataclass(frozen=True, slots=True)
class Assignment:
    """A Task that gives sections of the whole to an organisation; no section stands for any part at all."""

    task: str
    organisation: str | None
    sections: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """What is in and what is not. `by_section` are the contributions that answer a section, in their order."""

    sections: tuple[Item, ...]
    by_section: Mapping[str, tuple[Contribution, ...]]
    missing: tuple[Item, ...]
    unfinished: tuple[Contribution, ...]
    outstanding: tuple[Assignment, ...]

    @property
    def complete(self) -> bool:
        """Whether nothing is missing, begun and not finished, or assigned and not in."""
        return not (self.missing or self.unfinished or self.outstanding)


def standing(
    questionnaire: Questionnaire, contributions: Sequence[Contribution], assignments: Sequence[Assignment]
) -> Standing:
    """Where an assessment stands; the whole is the first of the contributions."""
    by_section = {
        item.link_id: tuple(each for each in contributions if _answers(each, item)) for item in questionnaire.items
    }
    counted = frozenset().union(*(each.answered for each in contributions if each.counts))
    # What is asked only under a condition is the response's own to answer: its rules look at it.
    asked = (item for item in questionnaire.items if item.required and not item.conditions)
    missing = tuple(item for item in asked if not _is_in(item, counted))
    unfinished = tuple(each for each in contributions if not each.is_whole and not each.finished)
    outstanding = tuple(each for each in assignments if not _is_done(each, questionnaire, contributions))
    return Standing(questionnaire.items, by_section, missing, unfinished, outstanding)


def closing_faults(questionnaire: Questionnaire, found: Standing) -> Iterator[Issue]:
    """What keeps the whole from being completed, each thing once."""
    for item in found.missing:
        text = f"'{item.link_id}' ({item.text}) is missing: nobody has completed that part of the {questionnaire.title}"
        yield Issue(f"{text} (000 §3.16, §4.12)", "QuestionnaireResponse.item", code="required")
    for part in found.unfinished:
        text = f"A part is still in progress: QuestionnaireResponse/{part.response}"
        yield Issue(f"{text}; the whole closes when all parts are in (AC-045)", "QuestionnaireResponse.status")
    for assignment in found.outstanding:
        what = ", ".join(assignment.sections) or "a part"
        text = f"Task/{assignment.task} assigns {what}, which is not in yet"
        yield Issue(f"{text}; the whole closes when all parts are in (AC-045)", "QuestionnaireResponse.status")


def _answers(contribution: Contribution, item: Item) -> bool:
    return any(link in contribution.answered for link in _links(item))


def _links(item: Item) -> Iterator[str]:
    yield item.link_id
    for inner in item.items:
        yield from _links(inner)


def _is_in(item: Item, answered: frozenset[str]) -> bool:
    if item.type != "group":
        return item.link_id in answered
    required = [inner for inner in item.items if inner.required]
    if not required:
        return any(link in answered for link in _links(item))
    return all(_is_in(inner, answered) for inner in required)


def _is_done(assignment: Assignment, questionnaire: Questionnaire, contributions: Sequence[Contribution]) -> bool:
    own = [each for each in contributions if each.finished and each.organisation == assignment.organisation]
    answered = frozenset().union(*(each.answered for each in own))
    asked = [item for item in questionnaire.items if item.link_id in assignment.sections]
    return bool(own) and all(_is_in(item, answered) for item in asked)
