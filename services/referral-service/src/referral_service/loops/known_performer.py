"""A referral goes to an organisation that there is: the directory has it, here or at cohort-service."""

from __future__ import annotations

from typing import Final

from referral_service.domain.referral_loop import performer_organisation
from tandem.fhir.body import Resource
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.organisations import reference_code
from tandem.service import Work

_UNKNOWN: Final = (
    "No organisation of this code or id is known: a referral is sent to an Organization that is held, by its ODS code"
    " or, without one, by another identifier (000 §4.12 r6; docs/referrals.md)"
)


async def performer_is_known(work: Work, request: Resource | None) -> None:
    """Raises FhirError 422 for an organisation that nobody knows, 503 when that cannot be told just now."""
    named = reference_code(performer_organisation(request or {}))
    if named is not None and not await work.knows_organisation(named):
        raise FhirError(Kind.UNPROCESSABLE, _UNKNOWN, expression="ServiceRequest.performer")
