"""Whether a QuestionnaireResponse answers its Questionnaire (PC-060).

Items, types and options bind always; that what is required is answered, once the response is completed. A response that
is withdrawn (entered-in-error) is bound by nothing, so that whatever is wrong can be withdrawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from careplan_service.domain.questionnaires.answer_faults import answer_faults
from careplan_service.domain.questionnaires.questionnaire import Item, Questionnaire
from careplan_service.domain.questionnaires.required_answers import missing_answers
from tandem.fhir.body import Resource
from tandem.fhir.outcome import Issue

FINISHED = ("completed", "amended")
"""Statuses of a response whose answers are all there (http://hl7.org/fhir/R4/valueset-questionnaire-answers-status.html)."""


def response_faults(questionnaire: Questionnaire, response: Resource, groups: bool) -> Iterator[Issue]:
    """Every fault of the response. `groups`: whether required groups may not be left out altogether.

    They may when others answer them, in parts of an assessment.
    """
    status = response.get("status")
    if status == "entered-in-error":
        return
    if not response.get("subject"):
        yield Issue(
            "A response to this questionnaire is about a person: name the Patient", "QuestionnaireResponse.subject"
        )
    yield from _item_faults(questionnaire, questionnaire.items, response.get("item"), "QuestionnaireResponse")
    if status in FINISHED:
        for missing in missing_answers(questionnaire, response):
            if groups or missing.within or missing.item.type != "group":
                yield required_fault(questionnaire, missing.item, missing.path)


def required_fault(questionnaire: Questionnaire, item: Item, path: str) -> Issue:
    """The fault of a completed response in which a required item is not answered."""
    text = (
        f"'{item.link_id}' ({item.text}) is missing: Questionnaire/{questionnaire.name} requires it of a completed"
        " response; until it is there, the response is in-progress"
    )
    return Issue(text, path, code="required")


def _item_faults(questionnaire: Questionnaire, asked: tuple[Item, ...], given: Any, path: str) -> Iterator[Issue]:
    known = {item.link_id: item for item in asked}
    seen: set[str] = set()
    for place, entry in enumerate(given or ()):
        at, link = f"{path}.item[{place}]", str(entry.get("linkId"))
        item = known.get(link)
        if item is None:
            yield _unknown(questionnaire, known, link, f"{at}.linkId")
            continue
        if link in seen and not (item.type == "group" and item.repeats):
            yield Issue(f"'{link}' stands twice; give all its answers in one item", at, code="structure")
        seen.add(link)
        yield from _one_item(questionnaire, item, entry, at)


def _one_item(questionnaire: Questionnaire, item: Item, entry: dict[str, Any], at: str) -> Iterator[Issue]:
    answers = entry.get("answer") or ()
    if item.type == "group":
        if answers:
            yield Issue(
                f"'{item.link_id}' is a group: its items are answered, not itself", f"{at}.answer", code="structure"
            )
        yield from _item_faults(questionnaire, item.items, entry.get("item"), at)
        return
    if entry.get("item"):
        yield Issue(f"'{item.link_id}' is a question and holds no items of its own", f"{at}.item", code="structure")
    if len(answers) > 1 and not item.repeats:
        yield Issue(f"'{item.link_id}' has one answer at most", f"{at}.answer", code="structure")
    for place, answer in enumerate(answers):
        yield from answer_faults(item, answer, f"{at}.answer[{place}]")
        yield from _item_faults(questionnaire, item.items, answer.get("item"), f"{at}.answer[{place}]")


def _unknown(questionnaire: Questionnaire, known: dict[str, Item], link: str, path: str) -> Issue:
    if link in questionnaire.links:
        text = f"'{link}' of Questionnaire/{questionnaire.name} does not stand here: items nest as they do there"
    else:
        here = ", ".join(known) or "none"
        text = f"'{link[:64]}' is no linkId of Questionnaire/{questionnaire.name}; here stand: {here}"
    return Issue(text, path, code="value")
