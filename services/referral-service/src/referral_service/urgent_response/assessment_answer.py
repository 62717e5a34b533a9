"""An assessment as a parameter of an answer."""

from __future__ import annotations

from referral_service.urgent_response.assessment_rows import Assessment
from tandem.fhir.parameters_answer import Parameter, coded, instant, number, parts, reference, text, yes

_RESULTS = {True: "met", False: "not-met", None: "not-known"}


def assessment_shown(held: Assessment) -> list[Parameter]:
    """Its parts: whose, by whom, what was found, whether the person is eligible and why, and what it opened."""
    found = held.found
    told = [
        {"name": "assessment", "valueId": held.id}, reference("patient", f"Patient/{held.patient}"),
        coded("kind", found.referral), yes("eligible", held.eligible), instant("assessed", held.assessed),
        text("organization", held.organisation), coded("assessed-by", held.assessed_by),
        text("policy", held.policy), *(coded("purpose", each) for each in found.purposes),
        *(coded("need", each) for each in found.needs),
    ]  # fmt: skip
    told += [coded(name, value) for name, value in (("place", found.place), ("source", found.source)) if value]
    if found.age is not None:
        told.append(number("age", found.age))
    for each in held.criteria:
        told.append(parts("criterion", [
            coded("code", each.code), coded("result", _RESULTS[each.met]), text("text", each.text),
        ]))  # fmt: skip
    told += [text("reason", each.text) for each in held.criteria if each.met is False]
    if held.assessor is not None:
        told.append(reference("assessor", held.assessor))
    if held.note is not None:
        told.append(text("note", held.note))
    if held.request is not None:
        told.append(reference("request", f"ServiceRequest/{held.request}"))
    return told
