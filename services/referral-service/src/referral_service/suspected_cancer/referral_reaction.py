"""A suspected cancer referral is judged in the transaction that makes it, and anew when what it rests on changes.

Criterion and justification (ECD-011), minimum data of a recurrence (ECD-021), the network's protocol (ECD-003), the
pathway (ECD-015), what the person is told (ECD-049 to ECD-051). A refusal lists every fault and writes nothing.
"""

from __future__ import annotations

from typing import Any, Final

from referral_service.domain.suspected_cancer.claim import KINDS, is_bound
from referral_service.domain.suspected_cancer.judgement import judge, told_of
from referral_service.domain.suspected_cancer.referral_faults import faults_of, told_faults
from referral_service.suspected_cancer.circumstances import circumstances_of
from referral_service.suspected_cancer.judgement_event import say_judged
from referral_service.suspected_cancer.person_rows import Person, person
from referral_service.suspected_cancer.referral_rows import judged_referral, keep_judgement
from referral_service.suspected_cancer.taken_over import takes_over
from tandem.canonical import EXTRA_SUPPORT, PATIENT_INFORMATION, SUSPECTED_CANCER
from tandem.fhir.body import Resource
from tandem.fhir.extension_parts import parts_of, text_of
from tandem.fhir.outcome import FhirError, Kind
from tandem.nhs.shipped_referral_kinds import kind_of
from tandem.service import Change, Work

_AGE_UNKNOWN: Final = (
    "The criteria need the person's age, and nothing was heard of it here yet: $refer-suspected-cancer asks for it, and"
    " a justification does without (ECD-011)"
)
_BARE: Final = ("category", "code", "reasonCode", "performer", "requester", "authoredOn", "subject")


async def judge_referral(change: Change, work: Work) -> None:
    """Judge it when it becomes active, and when something else is referred by it. Raises FhirError 422."""
    after, kind = change.after, _kind(change.after)
    if after is None or kind not in KINDS or change.patient is None:
        return
    before, bound = change.before, is_bound(after, kind, change.now)
    judged = (
        before is not None and is_bound(before, _kind(before), change.now) and _rests_on(before) == _rests_on(after)
    )
    if not bound or judged:
        added = any(parts_of(before, url) != parts_of(after, url) for url in (PATIENT_INFORMATION, EXTRA_SUPPORT))
        if added and (faults := told_faults(after, change.now)):
            raise FhirError(Kind.BUSINESS_RULE, issues=faults)
        return
    if before is None and await takes_over(change, work, after):
        if faults := told_faults(after, change.now):
            raise FhirError(Kind.BUSINESS_RULE, issues=faults)
        if (held := await judged_referral(work.connection, change.id)) is not None:
            await say_judged(work, change.id, change.patient, kind, held.told)
        return
    known = await _person(change, work, after)
    circumstances = await circumstances_of(
        work.connection, after, change.patient, known, change.caller.organisation, change.now
    )
    faults = faults_of(after, kind, change.now, circumstances)
    if faults:
        raise FhirError(Kind.BUSINESS_RULE, issues=faults)
    judgement = judge(after, circumstances)
    await keep_judgement(work.connection, change.id, change.patient, judgement, change.now)
    await say_judged(work, change.id, change.patient, kind, told_of(judgement))


async def _person(change: Change, work: Work, request: Resource) -> Person | None:
    known = await person(work.connection, str(change.patient))
    parts = parts_of(request, SUSPECTED_CANCER)
    if known is None and (text_of(parts, "justification") is None or text_of(parts, "criterion") is not None):
        raise FhirError(Kind.UNPROCESSABLE, _AGE_UNKNOWN, expression="ServiceRequest.subject")
    return known


def _kind(request: Resource | None) -> str | None:
    kind = kind_of(request)
    return kind.code if kind is not None else None


def _rests_on(request: Resource) -> dict[str, Any]:
    said = {name: request.get(name) for name in _BARE}
    return {**said, SUSPECTED_CANCER: parts_of(request, SUSPECTED_CANCER)}
