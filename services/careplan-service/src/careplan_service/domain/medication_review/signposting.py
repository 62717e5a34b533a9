"""Services that a person was signposted to at a review, such as a healthy living pharmacy (000 §2.11, SMR-025).

Each is a section within `signposting` whose entry is a HealthcareService of the directory of support offers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from careplan_service.domain.medication_review.codes import SIGNPOSTING, codings, section_code
from careplan_service.domain.medication_review.outcomes import Completed
from tandem.canonical import SUPPORT_OFFER
from tandem.fhir.body import Resource
from tandem.ids import deterministic_id


@dataclass(frozen=True, slots=True)
class Signpost:
    """`service` is `HealthcareService/id`; `offer` a code of CodeSystem/support-offer, when it was given."""

    service: str
    name: str
    offer: str | None


def signposts_of(composition: Resource | None) -> list[Signpost]:
    """What the person was signposted to, each service once."""
    found: dict[str, Signpost] = {}
    for section in (composition or {}).get("section") or ():
        if section_code(section) == SIGNPOSTING:
            for each in _within(section):
                found[each.service] = each
    return list(found.values())


def signposting_procedure(done: Completed, signpost: Signpost, status: str) -> Resource:
    """The Procedure in the person's record that says so."""
    coding = [{"system": SUPPORT_OFFER, "code": signpost.offer}] if signpost.offer is not None else []
    code = {"text": f"Signposted to {signpost.name}", **({"coding": coding} if coding else {})}
    return {
        "resourceType": "Procedure", "id": deterministic_id("medication-review-signposting", done.id, signpost.service),
        "status": status, "basedOn": [{"reference": f"CarePlan/{done.process}"}], "code": code,
        "subject": {"reference": f"Patient/{done.patient}"}, "performedDateTime": done.held,
        "performer": [{"actor": done.clinician}], "report": [{"reference": done.review}],
    }  # fmt: skip


def _within(section: dict[str, Any]) -> Iterator[Signpost]:
    for each in section.get("section") or ():
        offers = (coding.get("code") for coding in codings(each.get("code")) if coding.get("system") == SUPPORT_OFFER)
        offer = next((str(code) for code in offers if code), None)
        for entry in each.get("entry") or ():
            reference = str(entry.get("reference") or "")
            if reference.startswith("HealthcareService/"):
                yield Signpost(reference, str(each.get("title") or reference), offer)
