"""What the person decided for a crisis and for the end of life (PCPC-072; 003 §2.5), and the forms that say so.

Of a decision that several recorded, the newest is shown; when an older one says otherwise, that is said with it,
because who stands at the door must not rely on one of two.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from careplan_service.domain.plan_document.known import Known, Said
from careplan_service.domain.plan_document.plain_words import (
    RESUSCITATION,
    codes_of,
    concept_in_words,
    date_in_words,
    day_in_words,
)
from careplan_service.domain.plan_document.section import (
    Section,
    answered,
    item,
    reference_of,
    response_of,
    signed,
    unique,
)
from tandem.fhir.body import Resource
from tandem.printing.blocks import Block, Box, Facts, Text

RESPECT: Final = "1382601000000107"
_FORMS: Final = {
    RESPECT: "ReSPECT form", "736373009": "End of life care plan", "736366004": "Advance care plan",
    "736253002": "Mental health crisis plan", "736371006": "Dementia care plan",
}  # fmt: skip
_NONE: Final = "Nothing is recorded here about resuscitation. Ask whether there is a ReSPECT form."
DECISIONS: Final = {
    "resuscitation": "Restarting my heart", "resuscitation-notes": "About this",
    "admission-wishes": "Going to hospital", "preferred-place-of-death": "Where I would like to die",
}  # fmt: skip
"""Items of the plan's Questionnaire, with the words they are shown under."""
_PLACE: Final = "preferred-place-of-death"


def decisions(known: Known) -> list[Block]:
    """Resuscitation, hospital, preferred place of death and the forms, in the fewest words."""
    rows = [(DECISIONS["resuscitation"], _resuscitation(known))]
    rows += [(DECISIONS["resuscitation-notes"], each.text) for each in known.answers("resuscitation-notes")]
    rows += [(DECISIONS["admission-wishes"], each.text) for each in known.answers("admission-wishes")]
    if place := _newest(known.answers(_PLACE)):
        rows.append((DECISIONS[_PLACE], _with_others(known, _PLACE, place.text)))
    if forms := supporting_forms(known):
        rows.append(("Forms", "\n".join(_form(form) for form in forms)))
    if why := known.away.get("DocumentReference"):
        rows.append(("Forms", f"{why[0].upper()}{why[1:]}"))
    return [Facts(tuple(rows))]


def decision_entries(known: Known) -> list[str]:
    """What `decisions` is made of."""
    said = [response_of(each) for each in known.answers(*DECISIONS)]
    return unique([*said, *(reference_of(form) for form in supporting_forms(known))])


def advance_care(known: Known) -> Section:
    """The additional supporting plans: advance care, end of life, ReSPECT."""
    blocks: list[Block] = [Box(tuple(b for b in decisions(known) if isinstance(b, Facts)), "urgent")]
    more, entries = answered(known, (("As I come near the end of my life", ("end-of-life",)),))
    blocks += more
    forms = supporting_forms(known)
    if forms:
        blocks += [Text("h3", "Forms and other plans"), *(item(_form(form)) for form in forms)]
    said = known.answers(*DECISIONS)
    if said:
        blocks.append(Text("h3", "Who recorded these decisions"))
        blocks += [item(f"{DECISIONS[each.link_id]}: {signed(each)}") for each in said]
    title = "My wishes for a crisis and the end of my life"
    return Section(
        "advance-care", title, tuple(blocks), tuple(unique([*decision_entries(known), *entries])), "advance-statement"
    )


def supporting_forms(known: Known) -> Sequence[Resource]:
    """The documents that hold now and belong to the plan, or are of a type that matters in a crisis."""
    linked = {str(each.get("reference")) for each in known.plan.get("supportingInfo") or ()}
    plan = f"CarePlan/{known.plan['id']}"
    found = []
    for form in known.of_type("DocumentReference"):
        related = [str(each.get("reference")) for each in (form.get("context") or {}).get("related") or ()]
        crisis = not _FORMS.keys().isdisjoint(codes_of([form.get("type")]))
        if form.get("status") == "current" and (reference_of(form) in linked or plan in related or crisis):
            found.append(form)
    return found


def _resuscitation(known: Known) -> str:
    newest = _newest(known.answers("resuscitation"))
    if newest is None:
        if known.away.get("QuestionnaireResponse"):
            return f"The answers in this plan are {known.away['QuestionnaireResponse']}."
        has_form = any(RESPECT in codes_of([form.get("type")]) for form in supporting_forms(known))
        return "See the ReSPECT form; nothing else is recorded here." if has_form else _NONE
    text = RESUSCITATION.get(str(newest.code), newest.text)
    text = f"{text}\nRecorded by {newest.who}, {day_in_words(newest.day)}"
    if not newest.finished:
        text += " (not finished yet)"
    return _with_others(known, "resuscitation", text)


def _with_others(known: Known, link: str, text: str) -> str:
    """The newest, and what others recorded differently before it."""
    said = known.answers(link)
    newest = said[-1]
    latest = {each.who: each for each in said}
    others = [each for each in latest.values() if each.who != newest.who and each.text != newest.text]
    if not others:
        return text
    told = "; ".join(f"{each.who}, {day_in_words(each.day)}: {each.text}" for each in others)
    return f"{text}\nCheck this: somebody else recorded something different ({told})."


def _newest(said: Sequence[Said]) -> Said | None:
    return said[-1] if said else None


def _form(form: Resource) -> str:
    codes = codes_of([form.get("type")])
    name = next((_FORMS[code] for code in codes if code in _FORMS), "")
    title = name or concept_in_words(form.get("type")) or "Document"
    dated = date_in_words(form.get("date"))
    held = [str(each["attachment"]["title"]) for each in form.get("content") or () if each["attachment"].get("title")]
    told = str(form.get("description") or "") or ", ".join(held)
    return f"{title}{f' of {dated}' if dated else ''}{f': {told}' if told else ''}"
