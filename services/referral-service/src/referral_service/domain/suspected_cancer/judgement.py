"""A suspected cancer referral is judged when it is made: by which criterion, how urgent, along which pathway.

NICE NG12 (000 §6.4, ECD-011), the network's protocol (ECD-003), pathways (ECD-015) and the minimum data of a suspected
recurrence (ECD-021).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from referral_service.domain.suspected_cancer.claim import symptoms_of
from referral_service.domain.suspected_cancer.criteria import NON_SPECIFIC, Criteria, Criterion
from referral_service.domain.suspected_cancer.pathways import Pathway, Routing, rapid_diagnostic_centre, route
from referral_service.domain.suspected_cancer.protocol import Protocol
from referral_service.domain.suspected_cancer.recurrence import is_recurrence
from tandem.canonical import SUSPECTED_CANCER
from tandem.fhir.body import Resource
from tandem.fhir.extension_parts import parts_of, text_of


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What holds for a referral on its day. `performers` are codes of who is asked."""

    day: date
    age: int | None
    gender: str | None
    criteria: Criteria | None
    protocol: Protocol | None
    pathways: tuple[Pathway, ...]
    performers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What came of it. `offered` is the code of the rapid diagnostic centre that a suspected recurrence may go to."""

    met: tuple[Criterion, ...]
    guideline: str | None
    justification: str | None
    cancer_type: str | None
    protocol: str | None
    tool: str | None
    routing: Routing
    offered: str | None

    @property
    def referring(self) -> tuple[Criterion, ...]:
        """The criteria that lead to a referral, the most urgent first."""
        return tuple(each for each in self.met if each.refers)

    @property
    def urgency(self) -> str:
        """By the most urgent criterion; `refer` for one that rests on a justification."""
        return self.referring[0].urgency if self.referring else "refer"


def judge(request: Resource, circumstances: Circumstances) -> Judgement:
    """The judgement of a referral, whatever its faults."""
    parts, day, criteria = parts_of(request, SUSPECTED_CANCER), circumstances.day, circumstances.criteria
    met: tuple[Criterion, ...] = ()
    if criteria is not None:
        met = tuple(criteria.met(symptoms_of(request), circumstances.age, circumstances.gender))
    sites = list(dict.fromkeys(each.site for each in met if each.refers))
    non_specific = sites == [NON_SPECIFIC]
    given = text_of(parts, "cancer-type")
    cancer_type = given or (sites[0] if sites and not non_specific else None)
    routing = route(non_specific and given is None, cancer_type, circumstances.pathways, day)
    centre = rapid_diagnostic_centre(circumstances.pathways, day) if is_recurrence(parts) else None
    return Judgement(
        met, criteria.version if criteria and met else None, text_of(parts, "justification"), cancer_type,
        circumstances.protocol.name if circumstances.protocol else None, text_of(parts, "tool"), routing,
        centre.performer if centre else None,
    )  # fmt: skip


def told_of(judgement: Judgement) -> dict[str, Any]:
    """The judgement as it is kept beside the referral."""
    return {
        "criteria": [
            {"id": each.id, "site": each.site, "text": each.text, "recommendation": each.recommendation}
            for each in judgement.referring
        ],
        "guideline": judgement.guideline, "urgency": judgement.urgency, "justification": judgement.justification,
        "cancerType": judgement.cancer_type, "protocol": judgement.protocol, "tool": judgement.tool,
        "routing": judgement.routing.explanation, "offered": judgement.offered,
    }  # fmt: skip
