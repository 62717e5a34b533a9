"""What an enriched summary holds (003 §2.5 SCR b1 to b6; PCPC-058 to PCPC-063), with allergies for safety."""

from __future__ import annotations

from typing import Any, Final

from careplan_service.domain.enriched_summary.known import SummaryFacts, Told
from careplan_service.domain.enriched_summary.section import Section
from careplan_service.domain.enriched_summary.significant import (
    in_words,
    is_past,
    is_significant,
    medicines_taken,
    reasons_of,
)
from tandem.fhir.body import Resource

_MANAGEMENT: Final = (
    "health-needs", "social-needs", "what-matters", "strengths", "self-management", "tailored-support", "dementia",
    "contingency", "crisis-steps",
)  # fmt: skip
_COMMUNICATION: Final = ("communication-needs", "reasonable-adjustments", "preferences")
_END_OF_LIFE: Final = (
    "end-of-life", "admission-wishes", "resuscitation", "resuscitation-notes", "preferred-place-of-death",
)  # fmt: skip
# ReSPECT, end of life, advance care: SNOMED CT types of DocumentReference.
_FORMS: Final = frozenset(("1382601000000107", "736373009", "736366004"))
_NEED_WORDS: Final = ("adjustment", "communication", "interpreter", "accessible", "nraf")
_ADMINISTERED: Final = "completed"


def sections_of(known: SummaryFacts) -> list[Section]:
    """All sections, in the order of reading; one for which nothing is recorded says so."""
    return [
        *_problems(known), _care_plan(known), _communication(known), _end_of_life(known), _medicines(known),
        _allergies(known), _immunisations(known),
    ]  # fmt: skip


def _problems(known: SummaryFacts) -> list[Section]:
    significant = [each for each in known.of("Condition") if is_significant(each)]
    away = "Condition" in known.away
    named = (("problems", "Significant problems now", False), ("past-problems", "Significant past history", True))
    found = []
    for code, title, past in named:
        mine = tuple(each for each in significant if is_past(each) is past)
        found.append(Section(code, title, tuple(map(_problem, mine)), mine, away))
    return found


def _problem(condition: Resource) -> str:
    since = _day(condition.get("onsetDateTime") or condition.get("recordedDate"))
    until = _day(condition.get("abatementDateTime"))
    when = f"since {since}" if since else ""
    told = (in_words(condition.get("code")), when, f"until {until}" if until else "")
    return ", ".join(each for each in told if each)


def _care_plan(known: SummaryFacts) -> Section:
    title = "Long-term conditions: how they are managed, and the personal care plan"
    if known.plan is None:
        return Section("care-plan", title)
    goals = tuple(each for each in known.of("Goal") if f"Goal/{each['id']}" in _goals(known.plan))
    present = {f"Condition/{each['id']}": each for each in known.of("Condition") if not is_past(each)}
    treated = [str(each.get("reference")) for each in known.plan.get("addresses") or ()]
    conditions = tuple(present[each] for each in treated if each in present)
    lines = [f"Managed in this plan: {in_words(each.get('code'))}" for each in conditions]
    lines += [f"Goal: {in_words(each.get('description'))}" for each in goals]
    lines += [f"Action: {words}" for words in map(_action, known.plan.get("activity") or ()) if words]
    lines += _said(known.answers(*_MANAGEMENT))
    return Section("care-plan", title, tuple(lines), (known.plan, *goals, *conditions))


def _goals(plan: Resource) -> set[str]:
    return {str(each.get("reference")) for each in plan.get("goal") or ()}


def _action(activity: dict[str, Any]) -> str:
    detail = activity.get("detail") or {}
    return str(detail.get("description") or in_words(detail.get("code")) or _display(activity))


def _display(activity: dict[str, Any]) -> str:
    return str((activity.get("reference") or {}).get("display") or "")


def _communication(known: SummaryFacts) -> Section:
    flags = tuple(each for each in known.of("Flag") if each.get("status") == "active" and _is_need(each))
    lines = _said(known.answers(*_COMMUNICATION))
    lines += [in_words(each.get("code")) for each in flags]
    for patient in known.of("Patient"):
        for spoken in patient.get("communication") or ():
            preferred = " (preferred)" if spoken.get("preferred") is True else ""
            codes = [str(each.get("code") or "") for each in (spoken.get("language") or {}).get("coding") or ()]
            language = in_words(spoken.get("language")) or next(iter(codes), "")
            lines.append(f"Language: {language}{preferred}")
    away = not {"Flag", "Patient"}.isdisjoint(known.away)
    return Section("communication", "Communication needs and reasonable adjustments", tuple(lines), flags, away)


def _is_need(flag: Resource) -> bool:
    """Whether a Flag tells of communication or of an adjustment, by the words and codes of its code and category."""
    concepts = [flag.get("code") or {}, *(flag.get("category") or ())]
    words = [str(concept.get("text") or "") for concept in concepts]
    for concept in concepts:
        words += [f"{each.get('code')} {each.get('display')}" for each in concept.get("coding") or ()]
    return any(need in text.casefold() for text in words for need in _NEED_WORDS)


def _end_of_life(known: SummaryFacts) -> Section:
    forms = tuple(
        each for each in known.of("DocumentReference")
        if each.get("status") == "current"
        and any(coding.get("code") in _FORMS for coding in (each.get("type") or {}).get("coding") or ())
    )  # fmt: skip
    lines = _said(known.answers(*_END_OF_LIFE))
    lines += [f"Document: {in_words(each.get('type')) or each.get('description') or ''}" for each in forms]
    return Section("end-of-life", "End of life care", tuple(lines), forms)


def _medicines(known: SummaryFacts) -> Section:
    conditions = known.of("Condition")
    taken = tuple(medicines_taken(known.of("MedicationStatement"), known.of("MedicationRequest"), known.now))
    reasons = {id(each): reasons_of(each, conditions) for each in taken}
    lines = []
    for each in taken:
        said = "; ".join(reasons[id(each)]) or "no reason is recorded"
        lines.append(f"{_medicine(each)}: {said}")
    without = tuple(each for each in taken if not reasons[id(each)])
    missing = Section("medicines-without-reason", "Without a recorded reason", tuple(map(_medicine, without)), without)
    away = "MedicationRequest" in known.away
    within = (missing,) if without else ()
    return Section("medicines", "Medicines, and what each is for", tuple(lines), taken, away, within)


def _medicine(record: Resource) -> str:
    reference = record.get("medicationReference") or {}
    return in_words(record.get("medicationCodeableConcept")) or str(reference.get("display") or "A medicine")


def _allergies(known: SummaryFacts) -> Section:
    held = tuple(
        each for each in known.of("AllergyIntolerance")
        if not any(
            coding.get("code") in ("refuted", "entered-in-error", "resolved", "inactive")
            for name in ("verificationStatus", "clinicalStatus")
            for coding in (each.get(name) or {}).get("coding") or ()
        )
    )  # fmt: skip
    lines = tuple(in_words(each.get("code")) for each in held)
    return Section("allergies", "Allergies", lines, held, "AllergyIntolerance" in known.away)


def _immunisations(known: SummaryFacts) -> Section:
    given = sorted(
        (each for each in known.of("Immunization") if each.get("status") == _ADMINISTERED), key=_given, reverse=True
    )
    lines = tuple(f"{in_words(each.get('vaccineCode'))}, {_given(each) or 'date not recorded'}" for each in given)
    return Section("immunisations", "Immunisations", lines, tuple(given), "Immunization" in known.away)


def _given(immunisation: Resource) -> str:
    return _day(immunisation.get("occurrenceDateTime")) or str(immunisation.get("occurrenceString") or "")


def _said(told: list[Told]) -> list[str]:
    return [f"{each.question}: {each.words}" for each in told]


def _day(value: Any) -> str:
    return str(value or "")[:10]
