"""Who the person is, and what others should know to support them."""

from __future__ import annotations

from datetime import date
from typing import Any

from careplan_service.domain.plan_document.known import Known
from careplan_service.domain.plan_document.people import telephone_of
from careplan_service.domain.plan_document.plain_words import (
    concept_in_words,
    date_in_words,
    day_of,
    spaced_nhs_number,
)
from careplan_service.domain.plan_document.section import (
    Section,
    absent,
    answered,
    item,
    paragraph,
    reference_of,
    unique,
)
from tandem.canonical import NHS_NUMBER
from tandem.fhir.body import Resource
from tandem.fhir.human_name import name_in_use
from tandem.printing.blocks import Block, Text

ABOUT = (
    ("About me", ("about-me",)), ("What matters to me", ("what-matters",)),
    ("What I am good at, and what I can do for myself", ("strengths",)),
    ("How I would like my care and support to be given", ("preferences",)),
    ("How much I want to be involved in decisions", ("involvement-wanted",)),
    ("Who else should be involved in decisions", ("involvement-notes",)),
)  # fmt: skip


def full_name(known: Known) -> str:
    """The person's name, or a word that stands for it."""
    return (name_in_use(known.patient) if known.patient else "") or "Name not available just now"


def nhs_number(known: Known) -> str:
    """The NHS number as it is printed; empty when none but superseded ones are known."""
    numbers = (
        str(each["value"])
        for each in (known.patient or {}).get("identifier") or ()
        if each.get("system") == NHS_NUMBER and each.get("value") and each.get("use") != "old"
    )
    return spaced_nhs_number(next(numbers, ""))


def who_i_am(known: Known) -> list[tuple[str, str]]:
    """Labels with what they are: name, birth, NHS number, address, telephone, language."""
    patient = known.patient or {}
    rows = [
        ("Name", full_name(known)), ("I like to be called", _nickname(patient)), ("Born", _born(known)),
        ("NHS number", nhs_number(known)), ("Address", _address(patient)), ("Telephone", telephone_of(patient)),
        ("Language", _language(patient)),
    ]  # fmt: skip
    if died := patient.get("deceasedDateTime"):
        rows.append(("Died", date_in_words(died)))
    return [(label, text) for label, text in rows if text]


def about_me(known: Known) -> Section:
    """What matters, strengths, preferences and involvement."""
    blocks, entries = answered(known, ABOUT)
    if not blocks:
        blocks = [paragraph(absent(known, "QuestionnaireResponse", "Nothing is recorded here yet."))]
    heading = "patient-and-carer-concerns-expectations-and-wishes"
    return Section("about-me", "About me", tuple(blocks), tuple(entries), heading)


def communication(known: Known) -> Section:
    """Communication needs, reasonable adjustments, and what the practice flags."""
    blocks, entries = answered(known, (
        ("How to communicate with me", ("communication-needs",)),
        ("What services should do differently for me", ("reasonable-adjustments",)),
    ))  # fmt: skip
    flags = [flag for flag in known.of_type("Flag") if flag.get("status") == "active" and _flagged(flag)]
    if flags:
        blocks += [Text("h3", "Things to be aware of"), *(item(_flagged(flag)) for flag in flags)]
    if why := known.away.get("Flag"):
        blocks.append(paragraph(f"Notices of the practice are {why}."))
    if not blocks:
        blocks = [paragraph("No communication needs or adjustments are recorded here. Ask me what I need.")]
    entries += [reference_of(flag) for flag in flags]
    title = "How to communicate with me, and adjustments I need"
    heading = "reasonable-adjustments-for-health-and-care-access"
    return Section("communication", title, tuple(blocks), tuple(unique(entries)), heading)


def looking_after_myself(known: Known) -> Section:
    """Self-management, and support fitted to the person."""
    blocks, entries = answered(known, (
        ("Tools and support that help me", ("self-management",)),
        ("How my support is fitted to me", ("tailored-support",)),
    ))  # fmt: skip
    return Section("self-management", "Looking after myself", tuple(blocks), tuple(entries))


def carer_view(known: Known) -> Section:
    """What a carer says."""
    blocks: list[Block] = []
    blocks, entries = answered(known, (("What matters to them, and what they see", ("carer-view",)),))
    return Section("carer-view", "What my carer or family say", tuple(blocks), tuple(entries))


def _flagged(flag: Resource) -> str:
    return concept_in_words(flag.get("code"))


def _nickname(patient: Resource) -> str:
    names = [each for each in patient.get("name") or () if each.get("use") == "nickname"]
    return next((str(each.get("text") or " ".join(each.get("given") or ())) for each in names), "")


def _born(known: Known) -> str:
    text = (known.patient or {}).get("birthDate")
    born = day_of(text)
    if born is None or (known.patient or {}).get("deceasedDateTime"):
        return date_in_words(text)
    return f"{date_in_words(text)} ({_years(born, known.today)} years old)"


def _years(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _address(patient: Resource) -> str:
    addresses = [each for each in patient.get("address") or () if each.get("use") != "old"]
    if not addresses:
        return ""
    first: dict[str, Any] = addresses[0]
    parts = [*(first.get("line") or ()), first.get("city"), first.get("district"), first.get("postalCode")]
    return str(first.get("text") or ", ".join(str(part) for part in parts if part))


def _language(patient: Resource) -> str:
    spoken = [each for each in patient.get("communication") or () if concept_in_words(each.get("language"))]
    spoken.sort(key=lambda each: each.get("preferred") is not True)
    return concept_in_words(spoken[0]["language"]) if spoken else ""
