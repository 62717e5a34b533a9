"""A suspected cancer referral is completed only once the person has high-quality information on it.

000 §6.11 2020/21 ref3 (ECD-023), continued in every later year (ECD-031).
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from referral_service.domain.suspected_cancer.claim import FIRST_DAY, KINDS, made_on
from referral_service.domain.suspected_cancer.patient_information import is_informed
from tandem.fhir.body import Resource
from tandem.nhs.referral_kind import claims_by_category

NOT_INFORMED: Final = (
    "A suspected cancer referral is not completed before the person was given information on it, in any year: add the"
    " extension patient-information (given, format, why-referred, importance-of-attending, further-support, by) or call"
    " $inform-patient (000 §6.11 2020/21 ref3, ECD-023, ECD-031)"
)


def missing_for_completion(request: Resource, kind: str | None, now: datetime) -> list[str]:
    """Why a request of this kind may not be completed yet; an empty list when it may, or when no rule binds it.

    One that is known by a SNOMED CT code alone is a record and not bound.
    """
    bound = kind in KINDS and claims_by_category(request, *KINDS) and made_on(request, now) >= FIRST_DAY
    return [NOT_INFORMED] if bound and not is_informed(request, now) else []
