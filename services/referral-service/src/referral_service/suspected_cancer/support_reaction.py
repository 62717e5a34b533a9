"""The flag `extra-support` on a suspected cancer referral raises a linked request to a link worker (ECD-040)."""

from __future__ import annotations

from typing import Any

from referral_service.domain.suspected_cancer.claim import KINDS
from referral_service.domain.suspected_cancer.extra_support import (
    needs_support,
    performer_given,
    support_id,
    support_request,
)
from referral_service.suspected_cancer.area import area_of_practice
from referral_service.suspected_cancer.referral_rows import judged_referral, keep_support
from tandem.clock import to_micros
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.audit_event import organisation_reference
from tandem.identity.registered_practice import registered_practice
from tandem.nhs.shipped_referral_kinds import kind_of
from tandem.service import Change, Work

_NOBODY = (
    "extra-support needs a performer: the person's practice belongs to no network whose link workers could be asked"
    " (000 §6.11 2023/24, ECD-040)"
)


async def raise_support(change: Change, work: Work) -> None:
    """Once a referral, however often it is written. Raises FhirError 422 when nobody can be asked."""
    after, kind = change.after, kind_of(change.after)
    if after is None or change.patient is None or kind is None or kind.code not in KINDS:
        return
    if after.get("status") != "active" or not needs_support(after):
        return
    identity = support_id(change.id)
    held = await judged_referral(work.connection, change.id)
    if held is None or held.support is not None or await work.read("ServiceRequest", identity) is not None:
        return
    performer = performer_given(after) or await _network(change, work)
    if performer is None:
        raise FhirError(Kind.BUSINESS_RULE, _NOBODY, expression="ServiceRequest.extension")
    await work.put(support_request({**after, "id": change.id}, performer, change.now))
    await keep_support(work.connection, change.id, identity)


async def _network(change: Change, work: Work) -> dict[str, Any] | None:
    practice = await registered_practice(work.connection, str(change.patient))
    area = await area_of_practice(work.connection, practice, to_micros(change.now))
    return organisation_reference(area.networks[0]) if area.networks else None
