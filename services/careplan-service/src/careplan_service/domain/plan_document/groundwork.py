"""What the plan rests on: assessments, decisions made together, personal budgets, and notes of those who take part."""

from __future__ import annotations

from itertools import groupby
from typing import Final

from careplan_service.domain.assessments.kinds import ASSESSMENTS
from careplan_service.domain.plan_document.annotation import notes_in_words
from careplan_service.domain.plan_document.known import Known, Said
from careplan_service.domain.plan_document.plain_words import date_in_words, day_in_words
from careplan_service.domain.plan_document.section import Section, item, paragraph, response_of, unique
from tandem.printing.blocks import Block, Facts, Text

_BUDGET: Final = "personal-health-budget"
_BUDGET_ROWS: Final = (
    ("kind", "Kind"), ("outcome", "I said"), ("amount", "Amount a year"), ("start", "From"),
    ("management", "How it is managed"), ("purpose", "What it is for"), ("reason", "Why"),
)  # fmt: skip
_DECISION: Final = "shared-decision"
_DECISION_ROWS: Final = (
    ("situation", "About"), ("options", "Choices we talked about"), ("preferences", "What I prefer"),
    ("person-view", "What I think"), ("decision", "What we decided"), ("advice", "Advice"),
)  # fmt: skip


def assessments(known: Known) -> Section:
    """Each assessment with what was found and what is needed."""
    blocks: list[Block] = []
    made = [each for each in known.said if each.questionnaire in ASSESSMENTS]
    for _, group in groupby(made, key=lambda each: each.response):
        said = list(group)
        title = known.titles.get(said[0].questionnaire, "Assessment")
        blocks.append(Text("h3", f"{title}, {day_in_words(said[0].day)}, {said[0].who}"))
        blocks += [item(f"{_part(each)}: {each.text}") for each in said]
    entries = unique(response_of(each) for each in made)
    return Section("assessments", "What was looked at", tuple(blocks), tuple(entries))


def shared_decisions(known: Known) -> Section:
    """Decisions that were made together."""
    return _forms(known, _DECISION, _DECISION_ROWS, "decisions", "Decisions we made together")


def budgets(known: Known) -> Section:
    """Personal health budgets."""
    return _forms(known, _BUDGET, _BUDGET_ROWS, "budgets", "My personal budgets")


def notes(known: Known) -> Section:
    """Notes that those who take part put into the plan."""
    blocks = [item(each) for each in notes_in_words(known.plan.get("note"), known.people)]
    return Section("notes", "Notes", tuple(blocks))


def _forms(known: Known, questionnaire: str, rows: tuple[tuple[str, str], ...], name: str, title: str) -> Section:
    blocks: list[Block] = []
    entries: list[str] = []
    labels = dict(rows)
    held = [each for each in known.said if each.questionnaire == questionnaire]
    for _, group in groupby(held, key=lambda each: each.response):
        said = list(group)
        shown = [(labels[each.link_id], _in_words(each)) for each in said if each.link_id in labels]
        blocks += [Facts(tuple(shown)), paragraph(f"{said[0].who}, {day_in_words(said[0].day)}")]
        entries.append(response_of(said[0]))
    return Section(name, title, tuple(blocks), tuple(entries))


def _in_words(said: Said) -> str:
    if said.link_id == "amount":
        return f"£{said.text}"
    return date_in_words(said.text) if said.link_id == "start" else said.text


def _part(said: Said) -> str:
    return said.section.replace("-", " ").capitalize()
