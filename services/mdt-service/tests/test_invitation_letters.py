"""Letters of invitation: what they say, in which form, as HTML and as PDF, and the templates they come from."""

from __future__ import annotations

import base64
import io
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from mdt_service.communications.letter_templates import letter_templates
from mdt_service.communications.request_handler import create_requested_communication
from mdt_service.domain.invitations.codes import SUBJECTS
from mdt_service.domain.invitations.letter import fill
from mdt_service.domain.invitations.letter_html import letter_html
from mdt_service.domain.invitations.requested_communication import UnknownLetterError, requested_communication
from mdt_service.domain.invitations.template import TemplateError, parse_template
from tandem.events.event import Event
from tandem.fhir.body import Resource
from tandem.fhir.validation import validator
from tandem.printing.fonts import unprintable
from tandem_tests.small_work import Said, SmallWork, event_of

ASKED: dict[str, Any] = {
    "communication": "c1", "letter": "structured-medication-review", "group": "Group/g1",
    "topic": {"text": "Structured medication review"},
    "practice": {
        "reference": {"reference": "Organization/p"}, "name": "Elmwood Surgery", "phone": "0113 496 0000",
        "address": ["1 High Street", "Leeds", "LS1 1AA"],
    },
    "person": {"name": "Ada Lovelace", "address": ["2 Low Road", "Leeds"]}, "needs": {},
    "authoredOn": "2020-06-30T23:30:00.000Z",
}  # fmt: skip


def letter(**changed: Any) -> Resource:
    return requested_communication(ASKED | changed, "p1", letter_templates())


def bodies(communication: Resource) -> dict[str, bytes]:
    attached = [each["contentAttachment"] for each in communication["payload"]]
    return {each["contentType"]: base64.b64decode(each["data"]) for each in attached}


def page(communication: Resource) -> str:
    return bodies(communication)["text/html"].decode()


def pdf_words(communication: Resource) -> str:
    document = PdfReader(io.BytesIO(bodies(communication)["application/pdf"]))
    return " ".join(" ".join(each.extract_text() for each in document.pages).split())


def text_of(html: str) -> str:
    body = html.partition("<body>")[2]
    return " ".join(re.sub(r"<[^>]*>", " ", body).replace("&amp;", "&").split())


@pytest.mark.parametrize("needs", [{}, {"easyRead": True}, {"points": 20}, {"interpreter": True}])
def test_the_page_and_the_pdf_say_the_same_and_all_that_a_letter_must(needs: dict[str, Any]) -> None:
    made = letter(needs=needs)
    assert validator("fhirkit").validate(made) == []
    assert made["status"] == "preparation"
    words = pdf_words(made)
    assert words.replace("• ", "") == text_of(page(made))
    for said in ("Ada Lovelace", "2 Low Road", "Elmwood Surgery", "0113 496 0000", "1 July 2020", "medication review"):
        assert said in words, "the day is that of London"
    assert [each["valueCode"] for each in made["extension"]] == list(SUBJECTS)


def test_nothing_is_fetched_from_elsewhere_and_everything_is_escaped() -> None:
    made = letter(person={"name": '<script src="https://x.example">&', "address": ["{{practice-phone}}"]})
    html = page(made)
    assert "<script" not in html
    assert "&lt;script src=&quot;https://x.example&quot;&gt;&amp;" in html
    assert "{{practice-phone}}" in html, "what is recorded of a person is text, never a placeholder"
    for template in letter_templates():
        plain = letter_html(fill(template, {}, 14))
        assert re.findall(r"https?:|src=|href=|url\(|@import", plain) == []


def test_sentences_are_short() -> None:
    for template in letter_templates():
        for block in template.blocks:
            for sentence in re.split(r"[.?!]", block.text):
                assert len(sentence.split()) <= (12 if template.easy_read else 22), sentence


@pytest.mark.parametrize(("points", "set_in"), [(None, 14), (12, 14), (18, 20), (20, 20), (24, 24), (30, 28)])
def test_print_is_as_large_as_was_asked_for(points: int | None, set_in: int) -> None:
    assert f"font-size: {set_in}pt" in page(letter(needs={"points": points}))


@pytest.mark.parametrize(("needs", "code"), [
    ({"language": "pl", "languageName": "Polish"}, "translation-needed"),
    ({"other": ["Requires information in uncontracted (Grade 1) Braille"]}, "format-needed"),
])  # fmt: skip
def test_what_no_letter_of_ours_meets_waits_for_somebody(needs: dict[str, Any], code: str) -> None:
    made = letter(needs=needs)
    assert made["status"] == "on-hold"
    assert [each["code"] for each in made["statusReason"]["coding"]] == [code]
    assert {each["contentAttachment"]["language"] for each in made["payload"]} == {"en"}, "the text for the translator"
    assert validator("fhirkit").validate(made) == []


@pytest.mark.parametrize("language", ["en", "en-GB", "EN", None])
def test_english_of_any_region_is_english(language: str | None) -> None:
    assert letter(needs={"language": language})["status"] == "preparation"


def test_a_practice_without_a_telephone_and_a_name_without_letters_are_said() -> None:
    made = letter(practice=ASKED["practice"] | {"phone": ""}, person={"name": "王小明", "address": []})
    codes = [each["code"] for each in made["statusReason"]["coding"]]
    assert codes == ["phone-missing", "name-not-printable"]
    assert unprintable("Łukasz Ŵynne-Jones O’Neill Дарья") == ""


def test_a_letter_nobody_has_written_cannot_be_asked_for() -> None:
    with pytest.raises(UnknownLetterError):
        letter(letter="flu-jab")


COMPLETE = "".join(f'<section data-covers="{each}"><p>x</p></section>' for each in SUBJECTS)


@pytest.mark.parametrize(("html", "says"), [
    (COMPLETE.replace("process", "bring"), "does not tell: process"),
    (COMPLETE + "<p>{{nhs-number}}</p>", "no placeholder 'nhs-number'"),
    (COMPLETE + '<p data-if="age">x</p>', "no placeholder 'age'"),
    (COMPLETE + '<img src="https://x.example/y.png">', "no attribute 'src'|no element 'img'"),
    (COMPLETE + "<script>x</script>", "no element 'script'"),
    (COMPLETE + '<p onclick="x">x</p>', "no attribute 'onclick'"),
    (COMPLETE + "<p>a <p>b</p></p>", "stands inside"),
    (COMPLETE + "loose", "outside a paragraph"),
    (COMPLETE + '<section data-covers="weather"><p>x</p></section>', "no subject 'weather'"),
])  # fmt: skip
def test_a_faulty_template_is_refused_with_the_reason(html: str, says: str) -> None:
    with pytest.raises(TemplateError, match=says):
        parse_template("x", "en", False, html)


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_name_or_address_breaks_the_page(name: str, line: str) -> None:
    for template in letter_templates():
        plain = letter_html(fill(template, {"person-name": "x", "person-address": "x"}, 14))
        html = letter_html(fill(template, {"person-name": f"x{name}", "person-address": f"x{line}"}, 14))
        assert html.count("<") == plain.count("<")


def asked_event() -> Event:
    return event_of(Said("tandem.communication.requested", "c1", ASKED, "p1"))


async def test_the_letter_is_kept_once_and_never_overwritten(work: SmallWork) -> None:
    await create_requested_communication(asked_event(), work)
    changed = {**work.resources["Communication/c1"], "status": "in-progress"}
    await work.put(changed)
    await create_requested_communication(asked_event(), work)
    assert work.resources["Communication/c1"]["status"] == "in-progress"
