"""What a document says of what could not be had, and of dates, words and people."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from careplan_service.domain.plan_document.composition import document_bundle, document_html, document_pdf
from careplan_service.domain.plan_document.document import crisis_document, shared_plan_document
from careplan_service.domain.plan_document.known import AWAY, Known, Said
from careplan_service.domain.plan_document.people import People
from careplan_service.domain.plan_document.plain_words import date_in_words, shortened
from tandem.canonical import NHS_NUMBER
from tandem.fhir.validation import validator
from tandem.printing.blocks import texts

NOW = datetime(2020, 7, 1, 8, tzinfo=UTC)
PLAN: dict[str, Any] = {
    "resourceType": "CarePlan", "id": "p1", "status": "active", "intent": "plan",
    "subject": {"reference": "Patient/1"}, "meta": {"versionId": "3", "lastUpdated": "2020-06-30T10:00:00Z"},
}  # fmt: skip
ELSEWHERE = ("Patient", "AllergyIntolerance", "Condition", "Flag", "MedicationRequest", "RelatedPerson", "Task",
             "ServiceRequest")  # fmt: skip


def known(**changed: Any) -> Known:
    bare = Known(
        plan=PLAN, now=NOW, today=date(2020, 7, 1), printed_by="Elmwood Surgery", organisation="A81001", patient=None,
        records={}, said=(), people=People(),
    )  # fmt: skip
    return replace(bare, **changed) if changed else bare


def said(link: str, text: str, who: str, day: int, code: str | None = None) -> Said:
    response, on = f"{who}{day}", date(2020, 6, day)
    return Said(response, "personalised-care-and-support-plan", link, link, text, who, on, True, code)


def all_words(given: Known) -> str:
    documents = (shared_plan_document(given), crisis_document(given))
    return "\n".join(text for each in documents for part in each.sections for text in texts(part.blocks))


def test_without_its_neighbours_the_document_stands_and_says_what_is_missing() -> None:
    away = known(away=dict.fromkeys(ELSEWHERE, AWAY))
    words = all_words(away)
    for part in ("Tasks are", "Referrals are", "Prescriptions of the practice are", "Notices of the practice are"):
        assert f"{part} not available just now" in words
    assert "This part is not available just now. Ask the practice." in words
    assert "No allergies" not in words, "that nobody could say is no reason to say there are none"
    for making in (shared_plan_document, crisis_document):
        document = making(away)
        assert validator("fhirkit").validate(document_bundle(away, document, "x", "http://127.0.0.1/fhir")) == []
        assert "Name not available just now" in document_html(document)
        assert document_pdf(away, document).startswith(b"%PDF")


def test_a_superseded_nhs_number_is_not_printed() -> None:
    numbers: list[dict[str, Any]] = [{"use": "old", "value": "9990001234"}, {"value": "9990005678"}]
    identifiers = [{"system": NHS_NUMBER, **each} for each in numbers]
    words = all_words(known(patient={"resourceType": "Patient", "identifier": identifiers}))
    assert "999 000 5678" in words
    assert "999 000 1234" not in words


def test_a_plan_without_anything_says_so_and_never_that_there_is_nothing_to_fear() -> None:
    words = all_words(known())
    assert "That does not mean there are none: ask me." in words
    assert "Nothing is recorded here about resuscitation. Ask whether there is a ReSPECT form." in words
    assert "No steps for a crisis are recorded in this plan." in words
    assert "call 999" in words


@pytest.mark.parametrize(("status", "warning"), [
    ("draft", "has not been agreed yet"), ("revoked", "Do not use it"), ("on-hold", "is paused"),
])  # fmt: skip
def test_a_plan_that_does_not_hold_says_so_above_everything(status: str, warning: str) -> None:
    page = document_html(crisis_document(known(plan=PLAN | {"status": status})))
    assert page.index(warning) < page.index("<section")


def test_the_newest_decision_stands_first_and_the_same_one_twice_is_no_contradiction() -> None:
    older = said("resuscitation", "Do not attempt", "A", 1, "do-not-attempt")
    newer = replace(older, who="B", day=date(2020, 6, 2))
    assert "Check this" not in all_words(known(said=(older, newer)))
    other = said("resuscitation", "Attempt resuscitation", "C", 3, "attempt")
    words = all_words(known(said=(older, newer, other)))
    assert "Recorded by C, 3 June 2020" in words
    assert "A, 1 June 2020: Do not attempt; B, 2 June 2020: Do not attempt" in words
    changed_mind = said("resuscitation", "Do not attempt", "C", 4, "do-not-attempt")
    words = all_words(known(said=(older, other, changed_mind)))
    assert "Check this" not in words, "who changed their mind says one thing"


def test_a_number_that_the_plan_names_is_not_shown_twice() -> None:
    daughter = {
        "resourceType": "RelatedPerson", "id": "r", "name": [{"text": "Grace Okafor"}],
        "telecom": [{"system": "phone", "value": "07700900123"}],
    }  # fmt: skip
    contact = said("emergency-contacts", "Grace, daughter: 07700 900123", "A", 1)
    twice = known(said=(contact,), records={"RelatedPerson": [daughter]})
    assert all_words(twice).count("07700900123") == 1, "in the table of the team alone"


@pytest.mark.parametrize(("text", "words"), [
    ("2020-07-06", "6 July 2020"), ("2016-03", "March 2016"), ("1950", "1950"), (None, ""),
    ("2020-06-30T23:30:00Z", "1 July 2020"),
])  # fmt: skip
def test_dates_are_said_as_people_say_them(text: str | None, words: str) -> None:
    assert date_in_words(text) == words


def test_a_long_text_is_cut_between_words_and_says_that_it_goes_on() -> None:
    assert shortened("one two three", 9) == "one two …"
    assert shortened("one  two", 9) == "one two"
