"""Needs, problems, allergies and medicines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from careplan_service.domain.current_medicines import current_medicines, medicine
from careplan_service.domain.plan_document.known import Known
from careplan_service.domain.plan_document.plain_words import codes_of, concept_in_words, date_in_words
from careplan_service.domain.plan_document.section import (
    Section,
    absent,
    answered,
    item,
    paragraph,
    reference_of,
    unique,
)
from tandem.clock import to_micros
from tandem.fhir.body import Resource
from tandem.printing.blocks import Block, Table, Text

_PAST: Final = frozenset({"inactive", "remission", "resolved"})
_NOT_SO: Final = frozenset({"refuted", "entered-in-error"})
NO_ALLERGIES: Final = "No allergies are recorded here. That does not mean there are none: ask me."
_NO_KNOWN_ALLERGY: Final = "716186003"


def needs(known: Known) -> Section:
    """Health, social and practical needs, and what dementia means for care."""
    blocks, entries = answered(known, (
        ("My health needs", ("health-needs",)), ("My social and practical needs", ("social-needs",)),
        ("What my dementia means for my care", ("dementia",)),
    ))  # fmt: skip
    named = [known.find(each) for each in known.plan.get("addresses") or ()]
    about = [concept_in_words(each.get("code")) for each in named if each is not None]
    about = [each for each in about if each]
    if about:
        blocks += [Text("h3", "What this plan is about"), *(item(each) for each in about)]
    if not blocks:
        blocks = [paragraph(absent(known, "QuestionnaireResponse", "No needs are recorded here yet."))]
    return Section("needs", "My needs and concerns", tuple(blocks), tuple(unique(entries)))


def problems(known: Known) -> Section:
    """The conditions that are active."""
    held = current_problems(known)
    blocks: list[Block] = [item(_problem(each)) for each in held]
    if not blocks:
        blocks = [paragraph(absent(known, "Condition", "No current health problems are recorded here."))]
    title = "My health problems"
    return Section("problems", title, tuple(blocks), tuple(reference_of(each) for each in held))


def current_problems(known: Known) -> list[Resource]:
    """Conditions that hold, by name."""
    held = [
        each for each in known.of_type("Condition")
        if _PAST.isdisjoint(codes_of([each.get("clinicalStatus")]))
        and _NOT_SO.isdisjoint(codes_of([each.get("verificationStatus")])) and concept_in_words(each.get("code"))
    ]  # fmt: skip
    return sorted(held, key=lambda each: concept_in_words(each.get("code")).casefold())


def allergies(known: Known) -> Section:
    """Allergies with what happens."""
    held = current_allergies(known)
    blocks: list[Block] = [item(allergy_in_words(each)) for each in held]
    if not blocks:
        blocks = [paragraph(absent(known, "AllergyIntolerance", NO_ALLERGIES))]
    return Section("allergies", "My allergies", tuple(blocks), tuple(reference_of(each) for each in held))


def current_allergies(known: Known) -> list[Resource]:
    """Allergies that hold: what is dangerous first."""
    held = [
        each for each in known.of_type("AllergyIntolerance")
        if _PAST.isdisjoint(codes_of([each.get("clinicalStatus")]))
        and _NOT_SO.isdisjoint(codes_of([each.get("verificationStatus")]))
    ]  # fmt: skip
    return sorted(held, key=lambda each: (each.get("criticality") != "high", allergy_in_words(each).casefold()))


def allergy_in_words(allergy: Resource) -> str:
    """What somebody is allergic to, and what it does."""
    name = concept_in_words(allergy.get("code")) or "An allergy that is recorded by a code alone: ask the practice"
    if _NO_KNOWN_ALLERGY in codes_of([allergy.get("code")]):
        return name
    signs = [
        concept_in_words(sign) for reaction in allergy.get("reaction") or ()
        for sign in reaction.get("manifestation") or ()
    ]  # fmt: skip
    told = ", ".join(each for each in signs if each)
    severe = " – DANGEROUS" if allergy.get("criticality") == "high" else ""
    return f"{name}{severe}{f': {told}' if told else ''}"


def allergies_in_words(known: Known) -> str:
    """All of them on a line each, or why there are none to show."""
    held = current_allergies(known)
    return "\n".join(allergy_in_words(each) for each in held) or absent(known, "AllergyIntolerance", NO_ALLERGIES)


def medicines(known: Known) -> Section:
    """A table of what the person takes, how, and what for."""
    held = medicines_taken(known)
    blocks: list[Block] = []
    if held:
        rows = tuple((name_of_medicine(each), _how(each), _what_for(each)) for each in held)
        blocks.append(Table(("Medicine", "How I take it", "What it is for"), rows))
    for kind, what in (("MedicationStatement", "The list of medicines"), ("MedicationRequest", "Prescriptions")):
        if why := known.away.get(kind):
            verb = "is" if kind == "MedicationStatement" else "are"
            blocks.append(paragraph(f"{what} of the practice {verb} {why}: this list may not be complete."))
    if not blocks:
        blocks = [paragraph("No medicines are recorded here. Ask me or my pharmacy.")]
    title = "My medicines"
    references = tuple(reference_of(each) for each in held)
    return Section("medicines", title, tuple(blocks), references, "medications-and-medical-devices")


def medicines_taken(known: Known) -> list[Resource]:
    """The current statements, and what is prescribed and not stated, by name."""
    statements = current_medicines(known.of_type("MedicationStatement"), to_micros(known.now))
    stated = {medicine(each) for each in known.of_type("MedicationStatement")}
    prescribed: dict[tuple[str, str], Resource] = {}
    for each in known.of_type("MedicationRequest"):
        if medicine(each) not in stated:
            prescribed.setdefault(medicine(each), each)
    return sorted([*statements, *prescribed.values()], key=lambda each: name_of_medicine(each).casefold())


def name_of_medicine(statement: Resource) -> str:
    """What the box says."""
    concept = statement.get("medicationCodeableConcept")
    reference = statement.get("medicationReference") or {}
    if concept is None:
        inside = ((f"#{each.get('id')}", each.get("code")) for each in statement.get("contained") or ())
        concept = next((code for name, code in inside if name == reference.get("reference")), None)
    return concept_in_words(concept) or str(reference.get("display") or "") or "A medicine recorded by a code alone"


def _how(statement: Resource) -> str:
    dosages: Sequence[dict[str, Any]] = statement.get("dosage") or statement.get("dosageInstruction") or ()
    words = [str(each.get("patientInstruction") or each.get("text") or "") for each in dosages]
    return "\n".join(each for each in words if each) or "as on the label"


def _what_for(statement: Resource) -> str:
    words = [concept_in_words(each) for each in statement.get("reasonCode") or ()]
    return ", ".join(each for each in words if each)


def _problem(condition: Resource) -> str:
    since = date_in_words(condition.get("onsetDateTime"))
    return concept_in_words(condition.get("code")) + (f" (since {since})" if since else "")
