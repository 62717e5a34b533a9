"""A suspected cancer referral as a ServiceRequest, made of what a clinician says and what was judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from referral_service.domain.suspected_cancer.claim import RAPID_DIAGNOSTIC_CENTRE
from referral_service.domain.suspected_cancer.judgement import Judgement
from referral_service.domain.suspected_cancer.pathways import Pathway
from tandem.canonical import EXTRA_SUPPORT, REFERRAL_KIND, SNOMED_CT, SUSPECTED_CANCER, SUSPECTED_CANCER_SYMPTOM
from tandem.fhir.body import Resource
from tandem.fhir.extension_parts import with_extension

FAST_TRACK: Final = {"system": SNOMED_CT, "code": "199251000000107", "display": "Fast track cancer referral"}
Parts = list[tuple[str, str, Any]]


@dataclass(slots=True)
class Said:
    """What the clinician says, besides symptoms. `previous_cancer` is a CodeableConcept, `treated` a FHIR date."""

    justification: str | None = None
    cancer_type: str | None = None
    tool: str | None = None
    elsewhere: str | None = None
    steps: Sequence[str] = field(default=())
    recurrence: bool = False
    previous_cancer: dict[str, Any] | None = None
    treated: str | None = None


def reasons(symptoms: Sequence[str], titles: Mapping[str, str], words: Sequence[str]) -> list[dict[str, Any]]:
    """`ServiceRequest.reasonCode`: coded symptoms with their titles, then what was written in words."""
    coded = [
        {"coding": [{"system": SUSPECTED_CANCER_SYMPTOM, "code": each, **_display(titles.get(each))}]}
        for each in dict.fromkeys(symptoms)
    ]
    return [*coded, *({"text": each} for each in words)]


def with_said(request: Resource, said: Said) -> Resource:
    """With the extension suspected-cancer as the clinician alone says it: enough to be judged."""
    return with_extension(request, SUSPECTED_CANCER, _said(said))


def with_judgement(
    request: Resource, said: Said, judgement: Judgement, routing: str, offered: dict[str, Any] | None
) -> Resource:  # fmt: skip
    """The same with what was judged; `offered` is a Reference to the rapid diagnostic centre of a recurrence."""
    parts: Parts = [("criterion", "Code", each.id) for each in judgement.referring]
    if judgement.referring and judgement.guideline is not None:
        parts.append(("guideline", "String", judgement.guideline))
    parts.append(("urgency", "Code", judgement.urgency))
    if said.cancer_type is None and judgement.cancer_type is not None:
        parts.append(("cancer-type", "Code", judgement.cancer_type))
    if judgement.protocol is not None:
        parts.append(("protocol", "String", judgement.protocol))
    parts.append(("routing", "String", routing))
    if offered is not None:
        parts.append(("offered-pathway", "Reference", offered))
    return with_extension(request, SUSPECTED_CANCER, [*_said(said), *parts])


def with_support(request: Resource, need: str, performer: dict[str, Any] | None) -> Resource:
    """With the flag that the person needs extra support."""
    parts: Parts = [("need", "String", need)]
    return with_extension(
        request, EXTRA_SUPPORT, [*parts, ("performer", "Reference", performer)] if performer is not None else parts
    )


def with_kind(request: Resource, kind: str, performer: dict[str, Any]) -> Resource:
    """As a referral of this kind to this organisation."""
    category = [{"coding": [{"system": REFERRAL_KIND, "code": kind}]}]
    return {**request, "category": category, "code": {"coding": [FAST_TRACK]}, "performer": [performer]}


def told_routing(judgement: Judgement, kind: str, centre: Pathway | None, said: Said) -> str:
    """Why the referral goes where it goes."""
    told = judgement.routing.explanation
    if kind == RAPID_DIAGNOSTIC_CENTRE != judgement.routing.kind and centre is not None:
        why = "offered for a suspected recurrence" if judgement.offered else "chosen by the referrer"
        told = f"The rapid diagnostic centre {centre.performer}, {why}: open for {centre.area} since {centre.first}"
    if said.elsewhere is not None:
        return f"{told}; it goes elsewhere, because: {said.elsewhere}"
    if judgement.offered and kind != RAPID_DIAGNOSTIC_CENTRE:
        told = f"{told}; as a suspected recurrence it may go to the rapid diagnostic centre {judgement.offered}"
    return told


def _said(said: Said) -> Parts:
    texts = (
        ("justification", "String", said.justification), ("cancer-type", "Code", said.cancer_type),
        ("tool", "String", said.tool), ("elsewhere", "String", said.elsewhere),
        ("previous-cancer", "CodeableConcept", said.previous_cancer), ("treated", "DateTime", said.treated),
    )  # fmt: skip
    parts: Parts = [each for each in texts if each[2] is not None]
    parts += [("step", "Code", each) for each in dict.fromkeys(said.steps)]
    return [*parts, ("recurrence", "Boolean", True)] if said.recurrence else parts


def _display(title: str | None) -> dict[str, str]:
    return {"display": title} if title is not None else {}
