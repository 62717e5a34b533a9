"""What is missing or wrong in a suspected cancer referral: every fault at once, with its rule and source.

NICE NG12 (000 §6.4, ECD-011), the network's protocol (ECD-003), pathways (ECD-015), the minimum data of a suspected
recurrence (ECD-021), what the person is told (ECD-049 to ECD-051), extra support (ECD-040).
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from referral_service.domain.suspected_cancer.claim import symptoms_of
from referral_service.domain.suspected_cancer.criteria import NON_SPECIFIC, Criteria
from referral_service.domain.suspected_cancer.judgement import Circumstances, Judgement, judge
from referral_service.domain.suspected_cancer.pathways import misrouted
from referral_service.domain.suspected_cancer.patient_information import information_faults, is_informed
from referral_service.domain.suspected_cancer.protocol import STEPS, Protocol, missing_steps
from referral_service.domain.suspected_cancer.recurrence import recurrence_faults
from tandem.canonical import EXTRA_SUPPORT, SUSPECTED_CANCER
from tandem.fhir.body import Resource
from tandem.fhir.extension_parts import Parts, parts_of, text_of, texts_of
from tandem.fhir.outcome import Issue

_AT: Final = "ServiceRequest.extension"
_REASON: Final = "ServiceRequest.reasonCode"


def faults_of(request: Resource, kind: str, now: datetime, circumstances: Circumstances) -> list[Issue]:
    """All that is missing or wrong in a referral of this kind."""
    parts, judgement = parts_of(request, SUSPECTED_CANCER), judge(request, circumstances)
    return [
        *_criterion_faults(request, parts, judgement, circumstances.criteria),
        *recurrence_faults(request, parts, now),
        *_protocol_faults(request, parts, judgement, now, circumstances.protocol),
        *_routing_faults(request, parts, kind, judgement, circumstances),
        *told_faults(request, now),
    ]


def told_faults(request: Resource, now: datetime) -> list[Issue]:
    """What is wrong in what the person was told and what support they need: that alone is added later as well."""
    return [*information_faults(request, now), *_support_faults(request)]


def _criterion_faults(
    request: Resource, parts: Parts | None, judgement: Judgement, criteria: Criteria | None
) -> list[Issue]:
    version = f"of {criteria.version}" if criteria else "of any version in force"
    known = criteria.symptoms if criteria else {}
    faults: list[Issue] = []
    if symptoms_of(request) - set(known):
        text = f"A symptom is a code {version} of the criteria ($suspected-cancer-criteria lists them)"
        faults.append(Issue(text, _REASON))
    met = {each.id for each in judgement.referring}
    if set(texts_of(parts, "criterion")) - met:
        text = (
            f"The criterion that is claimed is not met by the coded symptoms and the person's age {version} (ECD-011)"
        )
        faults.append(Issue(text, _AT))
    faults += [
        Issue(f"{name} differs from what the criteria say: {right} (ECD-011)", _AT)
        for name, right in (("urgency", judgement.urgency), ("guideline", judgement.guideline))
        if met and text_of(parts, name) not in (None, right)
    ]
    sites = criteria.sites if criteria else {}
    if judgement.cancer_type is not None and judgement.cancer_type not in sites:
        faults.append(Issue(f"cancer-type is one of {', '.join(sites)}", _AT))
    if not met and judgement.justification is None:
        first = [each.id for each in judgement.met]
        tests = f"; they meet {', '.join(first)}, which asks for an investigation first" if first else ""
        faults.append(Issue(
            f"No criterion for referral {version} is met by the coded symptoms and the person's age{tests}: code the"
            " symptoms as reasonCode, or give a justification in the extension suspected-cancer (NICE NG12, 000 §6.4,"
            " ECD-011)", _REASON,
        ))  # fmt: skip
    return faults


def _protocol_faults(
    request: Resource, parts: Parts | None, judgement: Judgement, now: datetime, protocol: Protocol | None
) -> list[Issue]:
    done = set(texts_of(parts, "step"))
    if done - set(STEPS):
        return [Issue(f"step is one of {', '.join(STEPS)}", _AT)]
    if protocol is None:
        return []
    # These two are shown by the referral itself, not by saying so.
    shown = {"patient-information": is_informed(request, now), "decision-support-used": judgement.tool is not None}
    done = {each for each in done if each not in shown} | {each for each, is_shown in shown.items() if is_shown}
    sites = {each.site for each in judgement.referring} | {judgement.cancer_type or NON_SPECIFIC}
    return [
        Issue(
            f"The protocol for suspected cancer of {protocol.name} requires the step {code} before referral:"
            f" {STEPS[code]} (000 §6.2 b1, ECD-003)", _AT,
        )
        for code in missing_steps(protocol, done, sites)
    ]  # fmt: skip


def _routing_faults(
    request: Resource, parts: Parts | None, kind: str, judgement: Judgement, circumstances: Circumstances
) -> list[Issue]:
    if text_of(parts, "elsewhere") is not None or request.get("replaces"):
        return []
    wrong = misrouted(
        judgement.routing, kind, circumstances.performers, circumstances.pathways, circumstances.day
    )  # fmt: skip
    return [Issue(wrong, "ServiceRequest.performer")] if wrong is not None else []


def _support_faults(request: Resource) -> list[Issue]:
    support = parts_of(request, EXTRA_SUPPORT)
    if support is None or text_of(support, "need") is not None:
        return []
    return [Issue("extra-support says in need what the person needs support with (000 §6.11 2023/24, ECD-040)", _AT)]
