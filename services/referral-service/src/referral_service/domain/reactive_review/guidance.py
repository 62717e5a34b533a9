"""What a reactive referral for a structured medication review says by the guidance in force (SMR-018, SMR-032).

000 §2.9, §2.15 b3. The rule binds a request that claims the kind `medication-review` by its category and asks somebody.
One that has the SNOMED CT code alone is followed as a referral, and loads whatever it lacks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from referral_service.domain.referral_loop import is_sent
from tandem.canonical import MEDICATION_REVIEW_TRIGGER, SNOMED_CT
from tandem.fhir.body import Resource
from tandem.fhir.outcome import Issue
from tandem.nhs.referral_kind import claims_by_category

MEDICATION_REVIEW_KIND: Final = "medication-review"
REVIEW_CODE: Final = "1239511000000100"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the guidance: the element that says it, and in words what it says."""

    name: str
    element: str
    text: str


@dataclass(frozen=True, slots=True)
class Guidance:
    """One version of the guidance, from its first day on; `triggers` are codes with their words."""

    version: str
    first_day: date
    source: str
    canonical: str
    fields: tuple[Field, ...]
    triggers: Mapping[str, str]

    @property
    def citation(self) -> str:
        """The canonical address by which a referral cites this version."""
        return f"{self.canonical}|{self.version}"


def guidance_of(file: Sequence[Mapping[str, Any]]) -> tuple[Guidance, ...]:
    """The versions of a file shaped as `reactive_review/guidance.yaml`, the first to begin first."""
    found = (
        Guidance(
            str(each["version"]), each["from"], each["source"], each["canonical"],
            tuple(Field(one["name"], one["element"], one["text"]) for one in each["fields"]), dict(each["triggers"]),
        )
        for each in file
    )  # fmt: skip
    return tuple(sorted(found, key=lambda each: each.first_day))


def in_force(versions: Sequence[Guidance], day: date) -> Guidance | None:
    """The last version to have begun; None before the first."""
    return next((each for each in reversed(versions) if each.first_day <= day), None)


def is_reactive_referral(request: Resource | None) -> bool:
    """Whether a request claims, by its category, to be a referral for a medication review, and asks somebody."""
    return request is not None and claims_by_category(request, MEDICATION_REVIEW_KIND) and is_sent(request)


def faults(request: Resource, guidance: Guidance, cited: Sequence[Guidance]) -> Iterator[Issue]:
    """Each field that the referral lacks; `cited` are all versions that there are, of which it may name one."""
    where = f"({guidance.source}; guidance {guidance.version}; docs/support-requests.md)"
    for field in guidance.fields:
        if not _says(request, field.name):
            text = f"A reactive referral for a medication review says {field.name}, {field.text} {where}"
            yield Issue(text, f"ServiceRequest.{field.element}")
    trigger = trigger_of(request)
    if trigger is not None and trigger not in guidance.triggers:
        yield Issue(
            f"medication-review-trigger is one of {', '.join(guidance.triggers)} {where}", "ServiceRequest.extension"
        )
    known = {each.citation for each in cited}
    if unknown := [each for each in citations(request, guidance) if each not in known]:
        text = f"It cites a version of the guidance that there is not ({len(unknown)}); in force is {guidance.citation}"
        yield Issue(text, "ServiceRequest.instantiatesCanonical")


def citations(request: Resource, guidance: Guidance) -> list[str]:
    """The versions of the guidance that a referral cites."""
    named = map(str, request.get("instantiatesCanonical") or ())
    return [each for each in named if each.partition("|")[0] == guidance.canonical]


def citing(request: Resource, guidance: Guidance) -> Resource:
    """The referral with the version of the guidance that it was judged by, unless it cites one."""
    if citations(request, guidance):
        return request
    return {**request, "instantiatesCanonical": [*(request.get("instantiatesCanonical") or ()), guidance.citation]}


def trigger_of(request: Resource) -> str | None:
    """What gave rise to the referral."""
    return next(
        (str(each["valueCode"]) for each in request.get("extension") or ()
         if each.get("url") == MEDICATION_REVIEW_TRIGGER and each.get("valueCode")), None,
    )  # fmt: skip


def _says(request: Resource, field: str) -> bool:
    if field == "what":
        codings = (request.get("code") or {}).get("coding") or ()
        return any(each.get("system") == SNOMED_CT and each.get("code") == REVIEW_CODE for each in codings)
    if field == "reason":
        return any(each.get("coding") or each.get("text") for each in request.get("reasonCode") or ())
    if field == "trigger":
        return trigger_of(request) is not None
    return bool(request.get({"urgency": "priority", "referrer": "requester"}[field]))
