"""The two documents of a plan: the whole of it, and one page for a crisis."""

from __future__ import annotations

from dataclasses import dataclass, replace

from careplan_service.domain.plan_document.advance_care import advance_care, decision_entries, decisions
from careplan_service.domain.plan_document.agreement import agreed_with, printed, warnings
from careplan_service.domain.plan_document.crisis import contacts, contingency, crisis_entries, steps
from careplan_service.domain.plan_document.goals_and_actions import actions, goals
from careplan_service.domain.plan_document.groundwork import assessments, budgets, notes, shared_decisions
from careplan_service.domain.plan_document.health import (
    allergies,
    allergies_in_words,
    current_problems,
    medicines,
    medicines_taken,
    name_of_medicine,
    needs,
    problems,
)
from careplan_service.domain.plan_document.known import Known
from careplan_service.domain.plan_document.people import UNKNOWN
from careplan_service.domain.plan_document.person import (
    about_me,
    carer_view,
    communication,
    full_name,
    looking_after_myself,
    nhs_number,
    who_i_am,
)
from careplan_service.domain.plan_document.plain_words import concept_in_words, shortened
from careplan_service.domain.plan_document.section import Section, item, reference_of, response_of, unique
from careplan_service.domain.plan_document.team import supporters
from tandem.printing.blocks import Block, Box, Facts, Text

_SHORT = 260
_FEW = 12


@dataclass(frozen=True, slots=True)
class PlanDocument:
    """`opening` stands above the sections. The sections of `first_page` are on a page of their own, in print."""

    title: str
    opening: tuple[Block, ...]
    sections: tuple[Section, ...]
    first_page: int
    foot: str
    closing: str


def shared_plan_document(known: Known) -> PlanDocument:
    """The whole plan: the most important first, on a page of its own."""
    sections = [
        _most_important(known), about_me(known), communication(known), needs(known), goals(known), actions(known),
        looking_after_myself(known), contingency(known), advance_care(known), medicines(known), allergies(known),
        problems(known), supporters(known), carer_view(known), budgets(known), shared_decisions(known),
        assessments(known), notes(known), agreed_with(known),
    ]  # fmt: skip
    shown = tuple(each for each in sections if each.blocks)
    title = f"My care and support plan: {full_name(known)}"
    return PlanDocument(title, tuple(warnings(known)), shown, 1, _foot(known), printed(known))


def crisis_document(known: Known) -> PlanDocument:
    """What whoever comes to help has to know at once."""
    said = ("about-me", "what-matters", "communication-needs", "reasonable-adjustments")
    sections = [
        Section("person", "Who I am", (Facts(tuple(who_i_am(known))),)),
        Section(
            "advance-care", "My wishes in an emergency", (Box(tuple(_facts(known)), "urgent"),),
            tuple(decision_entries(known)), "advance-statement",
        ),
        Section("steps", "What to do, step by step", tuple(_numbered(steps(known))), tuple(crisis_entries(known)),
                "risk-mitigation"),
        Section("contacts", "Who to call", (Facts(tuple(_contacts(known))),)),
        Section(
            "help-me", "How to help me", (Facts(tuple(_how_to_help(known))),),
            tuple(unique(response_of(each) for each in known.answers(*said))),
        ),
        Section("health", "My health", (Facts(tuple(_health(known))),), tuple(_health_entries(known))),
    ]  # fmt: skip
    shown = tuple(each for each in sections if any(not isinstance(b, Facts) or b.rows for b in each.blocks))
    title = f"In a crisis: how to help {full_name(known)}"
    return PlanDocument(title, tuple(warnings(known)), shown, len(shown), _foot(known), printed(known))


def _most_important(known: Known) -> Section:
    calls: list[Block] = [Text("h3", "Who to call"), Facts(tuple(_contacts(known)))]
    blocks: list[Block] = [
        Facts(tuple(who_i_am(known))), Box(tuple(_facts(known)), "urgent"), Text("h3", "What to do in a crisis"),
        *_numbered(steps(known)), *calls,
    ]  # fmt: skip
    if help_me := _how_to_help(known):
        blocks += [Text("h3", "About me"), Facts(tuple(help_me))]
    entries = unique([*decision_entries(known), *crisis_entries(known)])
    return Section("most-important", "The most important things", tuple(blocks), tuple(entries))


def _facts(known: Known) -> list[Facts]:
    rows = [row for block in decisions(known) if isinstance(block, Facts) for row in block.rows]
    return [Facts((("Allergies", allergies_in_words(known)), *rows))]


def _numbered(lines: list[str]) -> list[Block]:
    return [replace(item(f"{number}. {line}"), element="p") for number, line in enumerate(lines, 1)]


def _contacts(known: Known) -> list[tuple[str, str]]:
    found = contacts(known)[:_FEW]
    for practice in (known.patient or {}).get("generalPractitioner") or ():
        name, number = known.people.name_and_work(practice), known.people.telephone(practice)
        if name != UNKNOWN:
            found.append(("My GP practice", f"{name}: {number}" if number else name))
    if not found:
        found = [("No contacts", "No telephone numbers are recorded in this plan.")]
    return found


def _how_to_help(known: Known) -> list[tuple[str, str]]:
    rows = [
        ("Who I am", "about-me"), ("What matters to me", "what-matters"),
        ("How to talk with me", "communication-needs"), ("Do this for me", "reasonable-adjustments"),
    ]  # fmt: skip
    return [
        (label, "\n".join(shortened(each.text, _SHORT) for each in known.answers(link)))
        for label, link in rows if known.answers(link)
    ]  # fmt: skip


def _health(known: Known) -> list[tuple[str, str]]:
    held, taken = current_problems(known), medicines_taken(known)
    rows = []
    if held:
        rows.append(("Health problems", _some([concept_in_words(each.get("code")) for each in held])))
    if why := known.away.get("Condition"):
        rows.append(("Health problems", why.capitalize()))
    if taken:
        rows.append(("Medicines", _some([name_of_medicine(each) for each in taken])))
    return rows


def _health_entries(known: Known) -> list[str]:
    return [reference_of(each) for each in (*current_problems(known), *medicines_taken(known))]


def _some(names: list[str]) -> str:
    more = len(names) - _FEW
    return ", ".join(names[:_FEW]) + (f", and {more} more: see the whole plan" if more > 0 else "")


def _foot(known: Known) -> str:
    number = nhs_number(known)
    return full_name(known) + (f" · NHS number {number}" if number else "")
