"""A referral that replaces another one, as a redirect makes it, is judged no second time: the reasons are the same."""

from __future__ import annotations

from referral_service.suspected_cancer.referral_rows import take_over
from tandem.canonical import SUSPECTED_CANCER
from tandem.fhir.body import Resource
from tandem.fhir.extension_parts import parts_of
from tandem.fhir.literal_reference import target_ids
from tandem.service import Change, Work


async def takes_over(change: Change, work: Work, request: Resource) -> bool:
    """Whether it replaces a referral of the same person that was judged for the same reasons; it takes the judgement
    and the request for extra support over."""
    for each in target_ids(request.get("replaces"), "ServiceRequest"):
        older = await work.read("ServiceRequest", each)
        if older is None or not _same_reasons(older, request):
            continue
        if await take_over(work.connection, each, change.id, str(change.patient)):
            return True
    return False


def _same_reasons(older: Resource, newer: Resource) -> bool:
    same = parts_of(older, SUSPECTED_CANCER) == parts_of(newer, SUSPECTED_CANCER)
    return same and older.get("reasonCode") == newer.get("reasonCode")
